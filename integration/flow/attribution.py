"""Attribution: which orders reminders brought, each by a named sign: voucher, link, or the same person.

Noted in the transaction of the order. An order of somebody who might have been reminded, but was not, is noted as well:
reminders are judged by the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection

from integration.domain.cart_reminders import KIND, how
from integration.domain.carts import KEPT_FOR, Cart
from integration.domain.events import ObjectType, Snapshot, object_key
from integration.store import conversions, snapshots
from integration.store.conversions import Conversion


def by_person(connection: Connection, ordered: Sequence[Cart], news: Iterable[Snapshot], now: datetime) -> None:
    """Note the orders of people whose reminders were decided on."""
    asked = [cart for cart in ordered if cart.arm and cart.order_id]
    if not asked:
        return
    keys = {cart.id: object_key(cart.shop, ObjectType.ORDER, cart.order_id) for cart in asked}
    known = {item.key: item for item in news if item.object_type is ObjectType.ORDER}
    known |= snapshots.by_key(connection, set(keys.values()) - known.keys())
    people = [cart.contact_id for cart in asked if cart.contact_id and cart.reminded_at]
    told = conversions.reminders_of(connection, KIND, people, now - KEPT_FOR) if people else {}
    found = [
        _conversion(order, cart.id, told.get(cart.contact_id or ""), how(cart, order.facts), cart.ordered_at or now)
        for cart in asked
        if (order := known.get(keys[cart.id]))
    ]
    conversions.add(connection, found, now)


def by_voucher(connection: Connection, orders: Sequence[Snapshot], now: datetime) -> None:
    """Note the orders that used a voucher of a reminder, however long after it."""
    used: dict[str, list[tuple[str, Snapshot]]] = defaultdict(list)
    for order in orders:
        used[order.shop] += [(code.upper(), order) for code in order.facts.get("vouchers", ())]
    for shop, pairs in used.items():
        told = conversions.messages_with(connection, shop, [code for code, _ in pairs]) if pairs else {}
        found = [
            _conversion(order, cart_id, message_id, "voucher", _placed(order))
            for code, order in pairs
            if code in told
            for message_id, cart_id in (told[code],)
        ]
        conversions.add(connection, found, now)


def _conversion(order: Snapshot, cart_id: str | None, message_id: str | None, how_: str, at: datetime) -> Conversion:
    return Conversion(
        shop=order.shop,
        order_id=order.object_id,
        cart_id=cart_id,
        message_id=None if how_ == "unprompted" else message_id,
        how=how_,
        amount=_amount(order.facts["total"]),
        currency=order.facts["currency"],
        at=at,
    )


def _placed(order: Snapshot) -> datetime:
    return datetime.fromisoformat(order.facts["placed_at"])


def _amount(total: str) -> Decimal:
    """A total as money; what the platform sent unreadable counts as nothing."""
    try:
        value = Decimal(total)
    except InvalidOperation:
        return Decimal(0)
    return value.quantize(Decimal("0.000001")) if value.is_finite() else Decimal(0)
