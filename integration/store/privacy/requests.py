"""What people asked for about their data, with the day by which it must be answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from integration.store.tables import request


@dataclass(frozen=True, slots=True)
class Request:
    """One request. kind: access, erasure, rectification, restriction, objection. state: open, done, refused."""

    id: str
    company: str
    contact_id: str | None
    kind: str
    source: str
    detail: bytes
    received_at: datetime
    due_at: datetime
    state: str = "open"
    ended_at: datetime | None = None
    outcome: str | None = None


_COLUMNS = tuple(request.c[name] for name in Request.__dataclass_fields__)


def add(connection: Connection, new: Request) -> None:
    """Store a new request."""
    connection.execute(insert(request).values({name: getattr(new, name) for name in Request.__dataclass_fields__}))


def open_of(connection: Connection, contact_id: str, kind: str) -> Request | None:
    """The oldest open request of this kind by a contact."""
    query = select(*_COLUMNS).where(request.c.contact_id == contact_id, request.c.kind == kind)
    row = connection.execute(query.where(request.c.state == "open").order_by(request.c.received_at)).first()
    return Request(*row) if row else None


def waiting(connection: Connection) -> list[Request]:
    """Open requests, the most urgent first."""
    query = select(*_COLUMNS).where(request.c.state == "open").order_by(request.c.due_at, request.c.id)
    return [Request(*row) for row in connection.execute(query)]


def ended(connection: Connection, size: int) -> list[Request]:
    """Requests that somebody made and that have ended, the newest first."""
    query = select(*_COLUMNS).where(request.c.state != "open", request.c.source != "retention")
    return [Request(*row) for row in connection.execute(query.order_by(request.c.ended_at.desc()).limit(size))]


def of_contact(connection: Connection, contact_id: str) -> list[Request]:
    """Every request of a contact, the newest first."""
    query = select(*_COLUMNS).where(request.c.contact_id == contact_id).order_by(request.c.received_at.desc())
    return [Request(*row) for row in connection.execute(query)]


def by_id(connection: Connection, id_: str) -> Request | None:
    """One request."""
    row = connection.execute(select(*_COLUMNS).where(request.c.id == id_)).first()
    return Request(*row) if row else None


def end(connection: Connection, id_: str, state: str, outcome: str, at: datetime) -> None:
    """Note how a request ended (done or refused) and why."""
    values: dict[str, Any] = {"state": state, "outcome": outcome[:255], "ended_at": at}
    connection.execute(update(request).where(request.c.id == id_).values(values))


def replace_detail(connection: Connection, id_: str, detail: bytes) -> None:
    """Store another detail."""
    connection.execute(update(request).where(request.c.id == id_).values(detail=detail))


def hand_over(connection: Connection, id_: str, detail: bytes, outcome: str, at: datetime) -> None:
    """Note how far a done request is; `detail` is what its next step needs."""
    values: dict[str, Any] = {"state": "done", "detail": detail, "outcome": outcome, "ended_at": at}
    connection.execute(update(request).where(request.c.id == id_).values(values))


def handed_over(connection: Connection, outcome: str) -> list[Request]:
    """Done requests that are this far."""
    query = select(*_COLUMNS).where(request.c.state == "done", request.c.outcome == outcome)
    return [Request(*row) for row in connection.execute(query)]
