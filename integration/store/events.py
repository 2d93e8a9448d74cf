"""Events: each milestone of each object once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from integration.domain.events import Event, Milestone, ObjectType, Origin
from integration.store.bulk import Many
from integration.store.tables import event

MOST_TRIES = 8

_COLUMNS = (
    event.c.id,
    event.c.key,
    event.c.shop,
    event.c.object_type,
    event.c.object_id,
    event.c.order_key,
    event.c.milestone,
    event.c.name,
    event.c.occurred_at,
    event.c.received_at,
    event.c.origin,
    event.c.tries,
)
_KNOWN = select(event.c.key).where(event.c.key.in_(bindparam("keys", expanding=True)))
_OPEN = (
    select(*_COLUMNS)
    .where(
        event.c.processed_at.is_(None),
        or_(
            event.c.try_after <= bindparam("now"),
            event.c.order_key.in_(bindparam("order_keys", expanding=True)),
        ),
    )
    .order_by(event.c.occurred_at, event.c.id)
    .limit(bindparam("most"))
)
_ADD = Many.insert(event)
_FINISH = Many(
    update(event)
    .where(event.c.id == bindparam("id_"))
    .values(processed_at=bindparam("at_"), outcome=bindparam("outcome_"))
)


def known(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Which of these keys have their event already."""
    wanted = list(keys)
    return set(connection.execute(_KNOWN, {"keys": wanted}).scalars()) if wanted else set()


def add(connection: Connection, events: Sequence[Event], inbox_ids: Mapping[str, str | None], now: datetime) -> None:
    """Store new events, open until react has answered them."""
    _ADD.run(connection, [_row(e, inbox_ids.get(e.id), now) for e in events])


def _row(e: Event, inbox_id: str | None, now: datetime) -> dict[str, Any]:
    return {
        "id": e.id,
        "key": e.key,
        "shop": e.shop,
        "object_type": e.object_type,
        "object_id": e.object_id,
        "order_key": e.order_key,
        "milestone": e.milestone,
        "name": e.name,
        "occurred_at": e.occurred_at,
        "received_at": e.received_at,
        "origin": e.origin,
        "inbox_id": inbox_id,
        "processed_at": None,
        "outcome": None,
        "tries": 0,
        "try_after": now,
        "error": None,
    }


def open_ones(connection: Connection, now: datetime, order_keys: Iterable[str], most: int) -> list[Event]:
    """Events that nobody has answered: due ones, and those that waited for one of these orders."""
    rows = connection.execute(_OPEN, {"now": now, "order_keys": list(order_keys), "most": most})
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    return Event(
        id=row.id,
        key=row.key,
        shop=row.shop,
        object_type=ObjectType(row.object_type),
        object_id=row.object_id,
        order_key=row.order_key,
        milestone=Milestone(row.milestone),
        name=row.name,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        origin=Origin(row.origin),
        tries=row.tries,
    )


def finish(connection: Connection, outcomes: Mapping[str, str], now: datetime) -> None:
    """Mark events as answered. `outcomes` maps id to a reason code, or "message"."""
    _FINISH.run(connection, [{"id_": id_, "outcome_": outcome, "at_": now} for id_, outcome in outcomes.items()])


def postpone(connection: Connection, ids: Sequence[str], until: datetime, reason: str) -> None:
    """Ask again at `until`; `reason` is what the event waits for."""
    if ids:
        connection.execute(update(event).where(event.c.id.in_(ids)).values(try_after=until, outcome=reason))


def fail(connection: Connection, failed: Event, error: str, now: datetime) -> None:
    """Keep an event that could not be answered: tried again with growing pauses, then left for a person."""
    values: dict[str, Any] = {
        "tries": failed.tries + 1,
        "error": error,
        "try_after": now + timedelta(seconds=5 * 4**failed.tries),
    }
    if failed.tries + 1 >= MOST_TRIES:
        values |= {"processed_at": now, "outcome": "poison"}
    connection.execute(update(event).where(event.c.id == failed.id).values(values))
