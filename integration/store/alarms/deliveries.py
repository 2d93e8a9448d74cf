"""Notices to the owner: what is owed by which route, and what has left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from integration.domain.alarms.alarm_texts import MOST_TRIES, backoff
from integration.store.bulk_write import insert_or_ignore
from integration.store.ids import new_id
from integration.store.tables import notice


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice that has not left yet."""

    id: str
    about: str
    what: str
    route: str
    tries: int


_COLUMNS = tuple(notice.c[name] for name in Owed.__dataclass_fields__)


#: an alarm is told as long as it lasts, a digest is worth little after two days
_OWED = (notice.c.sent_at.is_(None), or_(notice.c.what != "digest", notice.c.tries < MOST_TRIES))


def owe(connection: Connection, found: Collection[tuple[str, str, str]], now: datetime) -> None:
    """Note that these (about, what, route) are to be told; each is told once."""
    rows = [
        {"id": new_id(), "about": about, "what": what, "route": route, "due_at": now, "tries": 0}
        for about, what, route in found
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, notice), rows)


def due(connection: Connection, now: datetime) -> list[Owed]:
    """What is to be told now, the oldest first."""
    query = select(*_COLUMNS).where(*_OWED, notice.c.due_at <= now)
    return [Owed(*row) for row in connection.execute(query.order_by(notice.c.id))]


def told(connection: Connection, about: Collection[str]) -> set[tuple[str, str]]:
    """(about, route) of those whose alarm has been told."""
    query = select(notice.c.about, notice.c.route).where(
        notice.c.about.in_(about), notice.c.what == "raised", notice.c.sent_at.is_not(None)
    )
    return {(row[0], row[1]) for row in connection.execute(query)}


def drop(connection: Connection, about: Collection[str], what: str) -> None:
    """Owe these no longer."""
    gone = notice.c.about.in_(about) & (notice.c.what == what) & notice.c.sent_at.is_(None)
    connection.execute(delete(notice).where(gone))


def sent(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """These have left."""
    query = update(notice).where(notice.c.id.in_(ids))
    connection.execute(query.values(sent_at=now, error=None))


def failed(connection: Connection, items: Sequence[Owed], error: str, now: datetime) -> None:
    """These could not be told; they are tried again, less and less often."""
    for item in items:
        tries = item.tries + 1
        values: Mapping[str, Any] = {"tries": tries, "due_at": now + backoff(tries), "error": error[:64]}
        connection.execute(update(notice).where(notice.c.id == item.id).values(**values))


def troubles(connection: Connection, tries: int = 1) -> dict[str, str]:
    """Routes that have failed now at least so often, with the newest error."""
    query = select(notice.c.route, notice.c.error).where(*_OWED, notice.c.error.is_not(None), notice.c.tries >= tries)
    return {row[0]: row[1] for row in connection.execute(query.order_by(notice.c.id))}


def forget(connection: Connection, before: datetime) -> int:
    """Delete old notices; returns how many."""
    return connection.execute(delete(notice).where(notice.c.due_at < before)).rowcount
