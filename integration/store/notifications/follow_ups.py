"""Follow-ups: what a fact calls for later. A delay is a time in a row, and a sweep asks which have come."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from integration.domain.hot_dataclass import lean
from integration.store.bulk_write import Many
from integration.store.fast_select import Query
from integration.store.tables import follow_up


@lean
class FollowUp:
    """One thing to say later. `slot` is the message's key, or (kind, person) where only the newest fact counts.

    `occurred_at` is the time of the fact, `due_at` when it is to be told.
    """

    slot: str
    shop: str
    kind: str
    step: int
    object_type: str
    object_id: str
    order_key: str | None
    contact_id: str | None
    event_id: str | None
    occurred_at: datetime
    due_at: datetime


_NAMES = [field.name for field in fields(FollowUp)]
_COLUMNS = [follow_up.c[name] for name in _NAMES]


def _newest(dialect_insert: Any) -> Any:
    """A later fact takes the place of an earlier one, never the other way round."""
    statement = dialect_insert(follow_up)
    return statement.on_conflict_do_update(
        index_elements=["slot"],
        set_={name: statement.excluded[name] for name in _NAMES if name != "slot"},
        where=statement.excluded.due_at > follow_up.c.due_at,
    )


_PUT = Many(insert(follow_up), _NAMES, {"sqlite": _newest(insert_sqlite), "postgresql": _newest(insert_postgres)})
_DUE = Query(
    select(*_COLUMNS)
    .where(follow_up.c.due_at <= bindparam("now"))
    .order_by(follow_up.c.due_at)
    .limit(bindparam("most"))
)
_VOID = delete(follow_up).where(follow_up.c.kind.in_(bindparam("kinds", expanding=True)))


def put(connection: Connection, items: Sequence[FollowUp]) -> None:
    """Store what is to be said; of two for one slot the later stays."""
    newest = {item.slot: item for item in sorted(items, key=lambda item: item.due_at)}
    _PUT.run(connection, [{name: getattr(item, name) for name in _NAMES} for item in newest.values()])


def due(connection: Connection, now: datetime, most: int) -> list[FollowUp]:
    """What is to be said now, the oldest first."""
    return [FollowUp(*row) for row in _DUE.rows(connection, {"now": now, "most": most})]


def postpone(connection: Connection, item: FollowUp, until: datetime) -> None:
    """Try one again later: a fault of ours must not hold up the others."""
    connection.execute(update(follow_up).where(follow_up.c.slot == item.slot).values(due_at=until))


def remove(connection: Connection, slots: Sequence[str]) -> None:
    """They were said, or there is nothing to say."""
    connection.execute(delete(follow_up).where(follow_up.c.slot.in_(list(slots))))


def void(connection: Connection, order_keys: Iterable[str], kinds: Sequence[str]) -> None:
    """What a newer fact about these orders made pointless."""
    connection.execute(_VOID.where(follow_up.c.order_key.in_(list(order_keys))), {"kinds": list(kinds)})


def void_kind(connection: Connection, shop: str, kind: str) -> None:
    """The owner switched a kind off."""
    connection.execute(delete(follow_up).where(follow_up.c.shop == shop, follow_up.c.kind == kind))


def mute(connection: Connection, order_key: str) -> None:
    """The customer wants to hear no more about this order."""
    connection.execute(delete(follow_up).where(follow_up.c.order_key == order_key))
