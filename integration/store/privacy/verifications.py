"""Visits of the public privacy page: a browser, the code that its visitor sends us by WhatsApp, and who that was."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from integration.store.tables import visit


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `token_hash` knows the browser, `pin_hash` what was answered in the chat; both are keyed hashes."""

    id: str
    company: str
    token_hash: str
    code: str
    created_at: datetime
    expires_at: datetime
    contact_id: str | None = None
    pin_hash: str | None = None
    tries: int = 0
    entered_at: datetime | None = None


_COLUMNS = tuple(visit.c[name] for name in Visit.__dataclass_fields__)


def add(connection: Connection, new: Visit) -> None:
    """Store a visit."""
    connection.execute(insert(visit).values({name: getattr(new, name) for name in Visit.__dataclass_fields__}))


def by_token(connection: Connection, token_hash: str, now: datetime) -> Visit | None:
    """The visit of a browser, as long as it lasts."""
    query = select(*_COLUMNS).where(visit.c.token_hash == token_hash, visit.c.expires_at > now)
    row = connection.execute(query).first()
    return Visit(*row) if row else None


def waiting(connection: Connection, company: str, code: str, now: datetime) -> Visit | None:
    """The visit whose code was just sent; None when it is over or somebody has sent it already."""
    query = select(*_COLUMNS).where(visit.c.code == code, visit.c.company == company, visit.c.expires_at > now)
    row = connection.execute(query.where(visit.c.contact_id.is_(None))).first()
    return Visit(*row) if row else None


def met(connection: Connection, id_: str, contact_id: str, pin_hash: str) -> None:
    """Who sent the code, and what was answered."""
    connection.execute(update(visit).where(visit.c.id == id_).values(contact_id=contact_id, pin_hash=pin_hash))


def tried(connection: Connection, id_: str) -> None:
    """Count a try."""
    connection.execute(update(visit).where(visit.c.id == id_).values(tries=visit.c.tries + 1))


def entered(connection: Connection, id_: str, at: datetime, until: datetime) -> None:
    """The right answer was typed."""
    connection.execute(update(visit).where(visit.c.id == id_).values(entered_at=at, expires_at=until))


def end(connection: Connection, id_: str) -> None:
    """Forget a visit."""
    connection.execute(delete(visit).where(visit.c.id == id_))


def count(connection: Connection, since: datetime) -> int:
    """How many visits began since."""
    return connection.execute(select(func.count()).where(visit.c.created_at >= since)).scalar_one()
