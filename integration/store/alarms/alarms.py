"""What needs the owner: open alarms, and those that are over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from integration.store.bulk_write import insert_or_ignore
from integration.store.ids import new_id
from integration.store.tables import alarm

PAGE = 100


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that needs, or needed, the owner. `about` names it, `facts` fill the sentence."""

    id: str
    cause: str
    about: str
    facts: Mapping[str, Any]
    raised_at: datetime
    cleared_at: datetime | None
    notified_at: datetime | None
    watched: bool = False


_COLUMNS = tuple(alarm.c[name] for name in Alarm.__dataclass_fields__)


def add(
    connection: Connection, cause: str, about: str, facts: Mapping[str, Any], now: datetime, *, watched: bool = False
) -> bool:
    """Open an alarm; whether it was news: an open one of the same cause and thing stays as it is."""
    row = {"id": new_id(), "cause": cause, "about": about[:191], "facts": dict(facts), "raised_at": now}
    row |= {"watched": watched}
    query = insert_or_ignore(connection, alarm).values(row)
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount > 0


def reopen(connection: Connection, cause: str, about: str, since: datetime) -> bool:
    """Take back that an alarm was over, if that was said after `since` and nobody has raised it anew."""
    same = (alarm.c.cause == cause, alarm.c.about == about[:191])
    current = select(alarm.c.id).where(*same, alarm.c.cleared_at.is_(None))
    last = select(func.max(alarm.c.id)).where(*same, alarm.c.cleared_at > since)
    query = update(alarm).where(alarm.c.id == last.scalar_subquery(), ~current.exists())
    return connection.execute(query.values(cleared_at=None)).rowcount > 0


def clear(connection: Connection, cause: str, about: str, now: datetime) -> bool:
    """Close an alarm; whether one was open."""
    query = update(alarm).where(alarm.c.cause == cause, alarm.c.about == about[:191], alarm.c.cleared_at.is_(None))
    return connection.execute(query.values(cleared_at=now)).rowcount > 0


def current(connection: Connection) -> list[Alarm]:
    """Every open alarm, the oldest first."""
    query = select(*_COLUMNS).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.raised_at, alarm.c.id)
    return [Alarm(*row) for row in connection.execute(query)]


def lately(connection: Connection, since: datetime) -> list[Alarm]:
    """Open alarms, and those that were over only after `since`."""
    recent = or_(alarm.c.cleared_at.is_(None), alarm.c.cleared_at >= since)
    return [Alarm(*row) for row in connection.execute(select(*_COLUMNS).where(recent).order_by(alarm.c.raised_at))]


def over(connection: Connection, before: str = "", most: int = PAGE) -> list[Alarm]:
    """Alarms that are over, the newest first; `before` is the last id of the page before."""
    query = select(*_COLUMNS).where(alarm.c.cleared_at.is_not(None))
    query = query.where(alarm.c.id < before) if before else query
    return [Alarm(*row) for row in connection.execute(query.order_by(alarm.c.id.desc()).limit(most))]


def count(connection: Connection) -> int:
    """How many alarms are open."""
    return connection.execute(select(func.count()).where(alarm.c.cleared_at.is_(None))).scalar_one()


def notified(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """The owner was told of these, for the first time."""
    query = update(alarm).where(alarm.c.id.in_(ids), alarm.c.notified_at.is_(None))
    connection.execute(query.values(notified_at=now))


def forget(connection: Connection, before: datetime) -> int:
    """Delete alarms that were over before `before`; returns how many."""
    return connection.execute(delete(alarm).where(alarm.c.cleared_at < before)).rowcount
