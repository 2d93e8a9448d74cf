"""Thousands of orders at once: reproducible, without webhooks, dated as you like."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from integration.sandbox.cast import Customer, wording
from integration.sandbox.orders import Line
from integration.sandbox.woocommerce.model import LIVE, WooOrder
from integration.sandbox.woocommerce.order_body import address
from integration.sandbox.woocommerce.shop import WooShop

FIRST = ("Anna", "Ben", "Carla", "Deniz", "Emre", "Frieda", "Gül", "Hannes")
LAST = ("Beispiel", "Muster", "Probe", "Demo", "Übung")


def buyer(n: int) -> Customer:
    """Somebody with a number of their own; the numbers are for fiction as far as there are enough of them."""
    first, last = FIRST[n % len(FIRST)], LAST[n // len(FIRST) % len(LAST)]
    digits = f"39200{n:02d}" if n < 100 else f"39{n:05d}"
    return Customer(f"kunde{n}", first, last, f"0171 {digits}", f"+49171{digits}", "Musterweg 1", "50667", "Köln")


def seed(
    shop: WooShop, count: int, first: datetime, last: datetime, *,
    statuses: Sequence[str] = LIVE, consent: float = 1.0, number: int = 1, many: int | None = None,
) -> list[WooOrder]:  # fmt: skip
    """`count` orders between two moments; the share `consent` of them ticked the box. `many` limits the buyers."""
    chance = random.Random(number)  # noqa: S311 - reproducible, not secret
    step = (last - first) / max(1, count)
    orders = []
    for n in range(count):
        at = (first + n * step).replace(microsecond=0)
        order = _order(shop, buyer(n % (many or count)), at, chance.choice(statuses), chance)
        order.consent = chance.random() < consent
        orders.append(order)
        shop.orders.put(order)
    return orders


def _order(shop: WooShop, who: Customer, at: datetime, status: str, chance: random.Random) -> WooOrder:
    number = shop.new_id()
    lines = tuple(Line(one, chance.randint(1, 3)) for one in chance.sample(shop.goods, chance.randint(1, 3)))
    words = wording("Laden Beispiel", who.typed_phone, shop.privacy)
    order = WooOrder(
        shop.key, number, str(number), who, lines, who.typed_phone, None, words, at, at, status=status, placed=at
    )
    order.billing = address(who, who.typed_phone) | {"email": who.email}
    order.shipping = address(who, who.typed_phone)
    if status in ("processing", "completed"):
        order.paid = at
    if status == "completed":
        order.completed = at
    return order


def stir(shop: WooShop, orders: Sequence[WooOrder], first: datetime, last: datetime) -> None:
    """While nobody looked: every one of these orders went a step further, at moments between two others."""
    following = {"pending": "processing", "on-hold": "processing", "processing": "completed"}
    step = (last - first) / max(1, len(orders))
    for n, order in enumerate(orders):
        at = (first + n * step).replace(microsecond=0)
        order.status = following.get(order.status, order.status)
        order.paid = order.paid or at
        if order.status == "completed":
            order.completed = order.completed or at
        order.modified = max(at, order.created + timedelta(seconds=1))
