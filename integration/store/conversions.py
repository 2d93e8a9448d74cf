"""What reminders brought: one row for each order, however it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from integration.domain.status import COUNTED
from integration.store.ledger import insert_or_ignore
from integration.store.tables import conversion, message, voucher


@dataclass(frozen=True, slots=True)
class Conversion:
    """An order and how it came about; `message_id` is the reminder before it, None when there was none."""

    shop: str
    order_id: str
    cart_id: str | None
    message_id: str | None
    how: str
    amount: Decimal
    currency: str
    at: datetime


def add(connection: Connection, found: Iterable[Conversion], now: datetime) -> None:
    """Store them; an order that is known keeps how it came about first."""
    rows = [{name: getattr(item, name) for name in Conversion.__slots__} | {"recorded_at": now} for item in found]
    if rows:
        connection.execute(insert_or_ignore(connection, conversion), rows)


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
