"""What reminders brought: one row for each order, however it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, bindparam, select, update

from integration.domain.carts.reminders import SIGNS
from integration.domain.messages.status import COUNTED
from integration.store.bulk_write import Many, insert_or_ignore
from integration.store.tables import conversion, message, voucher
from integration.store.types import Money, UtcDateTime

ZERO = Decimal(0)
_REVISE = Many(
    update(conversion)
    .where(conversion.c.shop == bindparam("shop_"), conversion.c.order_id == bindparam("order_"))
    .values(amount=bindparam("amount_", type_=Money()), undone_at=bindparam("undone_", type_=UtcDateTime()))
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """An order and how it came about; `message_id` is the reminder before it, None when there was none.

    `amount` is None when the order came to nothing: cancelled, given back, not paid.
    """

    shop: str
    order_id: str
    cart_id: str | None
    message_id: str | None
    how: str
    amount: Decimal | None
    currency: str
    at: datetime


def add(connection: Connection, found: Iterable[Conversion], now: datetime) -> None:
    """Store them; an order that is known keeps how it came about first."""
    rows = [
        {name: getattr(item, name) for name in Conversion.__slots__}
        | {"recorded_at": now, "amount": item.amount or ZERO, "undone_at": now if item.amount is None else None}
        for item in found
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, conversion), rows)


def revise(connection: Connection, found: Iterable[tuple[str, str, Decimal | None]], now: datetime) -> None:
    """What orders bring now, (shop, order id, amount); None for those that came to nothing. Others are left alone."""
    rows = [
        {"shop_": shop, "order_": order, "amount_": amount or ZERO, "undone_": now if amount is None else None}
        for shop, order, amount in found
    ]
    _REVISE.run(connection, rows)


def unprompted(connection: Connection, cart_ids: Sequence[str]) -> None:
    """Nobody was reminded of these carts after all: what came of them came by itself."""
    query = update(conversion).where(conversion.c.cart_id.in_(cart_ids), conversion.c.how.in_(SIGNS))
    connection.execute(query.values(how="unprompted", message_id=None))


def reminders_of(connection: Connection, kind: str, contact_ids: Iterable[str], since: datetime) -> dict[str, str]:
    """The last message of a kind that left for each of these contacts since then, by contact."""
    query = select(message.c.contact_id, message.c.id).where(
        message.c.contact_id.in_(list(contact_ids)),
        message.c.created_at >= since,
        message.c.kind == kind,
        message.c.status.in_(sorted(COUNTED)),
    )
    return {row.contact_id: row.id for row in connection.execute(query.order_by(message.c.created_at))}


def messages_with(connection: Connection, shop: str, codes: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """(message id, cart id) of the messages that told these voucher codes, by code."""
    query = (
        select(voucher.c.code, message.c.id, message.c.object_id)
        .join(message, message.c.key == voucher.c.purpose_key)
        .where(voucher.c.shop == shop, voucher.c.code.in_(list(codes)))
    )
    return {row.code: (row.id, row.object_id) for row in connection.execute(query)}
