"""Messages that are *claimed*: set aside until they are prepared, each under a lease of whoever is at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from integration.domain.messages.components import without_media
from integration.domain.messages.status import MessageStatus
from integration.store.bulk_write import Many
from integration.store.messages.messages import COLUMNS, Message
from integration.store.tables import message

_IS_CLAIMED = message.c.status == MessageStatus.CLAIMED
_shop = func.coalesce(message.c.shop, "")
_SET_ASIDE = Many(
    update(message)
    .where(message.c.id == bindparam("id_"), message.c.status == MessageStatus.QUEUED)
    .values(status=MessageStatus.CLAIMED, lease_until=bindparam("at_"), status_at=bindparam("at_"))
)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message to prepare. Only who holds this very lease may say how it ended."""

    message: Message
    until: datetime


def set_aside(connection: Connection, items: Sequence[Message], now: datetime) -> None:
    """Queued messages are to be prepared before they leave; nobody is at it yet, so their leases are over."""
    _SET_ASIDE.run(connection, [{"id_": item.id, "at_": now} for item in items])


def shops(connection: Connection, now: datetime) -> list[str]:
    """The shops of messages that wait for their preparation; "" stands for messages of none."""
    return list(connection.execute(select(_shop).distinct().where(*_waits(now))).scalars())


def lease(connection: Connection, shop: str, now: datetime, until: datetime) -> Leased | None:
    """Take the next message of a shop until then. After a crash the lease runs out and somebody else takes it."""
    query = select(*COLUMNS).where(*_waits(now), _of(shop)).order_by(message.c.lease_until, message.c.send_after)
    row = connection.execute(query.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    connection.execute(update(message).where(message.c.id == row.id).values(lease_until=until))
    return Leased(Message(*row), until)


def prepared(
    connection: Connection,
    item: Leased,
    variables: Mapping[str, str],
    now: datetime,
    template: str | None = None,
    components: Mapping[str, Any] | None = None,
) -> bool:
    """Back to its old place in the queue, with what it tells; False when it was taken or cancelled meanwhile.

    Without a `template` it keeps the one it has, and what that carries.
    """
    values: dict[str, Any] = {"variables": dict(variables), "prepared_at": now, "reason": None}
    if template:
        values |= {"template": template, "components": components}
    return _end(connection, _held(item), MessageStatus.QUEUED, now, **values)


def postponed(connection: Connection, item: Leased, reason: str, until: datetime, now: datetime) -> bool:
    """Back to the queue, to be asked for again then; False when it was taken or cancelled meanwhile."""
    return _end(connection, _held(item), MessageStatus.QUEUED, now, reason=reason, send_after=until)


def cancelled(connection: Connection, item: Leased, reason: str, now: datetime) -> bool:
    """It must not leave any more; False when it was taken or cancelled meanwhile."""
    return _end(connection, _held(item), MessageStatus.CANCELLED, now, reason=reason)


def postpone_shop(connection: Connection, shop: str, reason: str, until: datetime, now: datetime) -> None:
    """Everything of a shop that nobody is at goes back to the queue until then."""
    _end(connection, [_of(shop), *_waits(now)], MessageStatus.QUEUED, now, reason=reason, send_after=until)


def unprepare(connection: Connection, item: Message) -> None:
    """A medium that it carries is of no use at Meta any more: it is prepared anew before it leaves."""
    known = without_media(item.components) if item.components else None
    values = {"prepared_at": None, "components": known}
    connection.execute(update(message).where(message.c.id == item.id).values(**values))


def _of(shop: str) -> Any:
    return _shop == shop


def _waits(now: datetime) -> list[Any]:
    return [_IS_CLAIMED, message.c.lease_until <= now]


def _held(item: Leased) -> list[Any]:
    return [message.c.id == item.message.id, _IS_CLAIMED, message.c.lease_until == item.until]


def _end(connection: Connection, which: Sequence[Any], to: MessageStatus, now: datetime, **values: Any) -> bool:
    ended = update(message).where(*which).values(status=to, lease_until=None, status_at=now, **values)
    return connection.execute(ended).rowcount > 0
