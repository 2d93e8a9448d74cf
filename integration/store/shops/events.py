"""Events: each milestone of each object once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from integration.domain.shops.events import Event, Milestone, ObjectType, Origin
from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
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
_NAMES = [column.name for column in _COLUMNS]
_KNOWN = Query(select(event.c.key).where(among(event.c.key, "keys")))
_OPEN = Query(
    select(*_COLUMNS)
    .where(
        event.c.processed_at.is_(None),
        or_(event.c.try_after <= bindparam("now"), among(event.c.order_key, "order_keys")),
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
    return set(_KNOWN.values(connection, {"keys": wanted})) if wanted else set()


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
    rows = _OPEN.rows(connection, {"now": now, "order_keys": order_keys, "most": most})
    return [_event(dict(zip(_NAMES, row, strict=True))) for row in rows]


def _event(row: dict[str, Any]) -> Event:
    kinds = {
        "object_type": ObjectType(row["object_type"]),
        "milestone": Milestone(row["milestone"]),
        "origin": Origin(row["origin"]),
    }
    return Event(**row | kinds)


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
