"""Attribution: which orders reminders brought, each by a named sign: voucher, link, or the same person.

Noted in the transaction of the order. An order of somebody who might have been reminded, but was not, is noted as well:
reminders are judged by the difference. What was cancelled or given back later counts no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration.domain.carts.carts import KEPT_FOR, Cart
from integration.domain.carts.reminders import KIND, how, worth
from integration.domain.shops.events import ObjectType, Snapshot, object_key
from integration.store.carts import conversions
from integration.store.carts.conversions import Conversion
from integration.store.shops import snapshots


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


def revised(connection: Connection, news: Iterable[Snapshot], before: Mapping[str, Snapshot], now: datetime) -> None:
    """Orders that were cancelled, given back, edited or paid after all bring what they bring now."""
    found = [
        (item.shop, item.object_id, worth(item.facts))
        for item in news
        if item.object_type is ObjectType.ORDER and _is_revised(before.get(item.key), item)
    ]
    conversions.revise(connection, found, now)


def _is_revised(old: Snapshot | None, new: Snapshot) -> bool:
    """Whether it brings another amount than before; what most changes leave alone is compared first."""
    if old is None or all(old.facts[name] == new.facts[name] for name in ("status", "total", "refunds")):
        return False
    return worth(old.facts) != worth(new.facts)


def _conversion(order: Snapshot, cart_id: str | None, message_id: str | None, how_: str, at: datetime) -> Conversion:
    return Conversion(
        shop=order.shop,
        order_id=order.object_id,
        cart_id=cart_id,
        message_id=None if how_ == "unprompted" else message_id,
        how=how_,
        amount=worth(order.facts),
        currency=order.facts["currency"],
        at=at,
    )


def _placed(order: Snapshot) -> datetime:
    return datetime.fromisoformat(order.facts["placed_at"])
