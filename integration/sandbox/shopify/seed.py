"""Many customers and orders at once, the same for the same seed."""

import random
from collections.abc import Iterator
from datetime import timedelta

from integration.sandbox.shopify.orders import Basket, new_order
from integration.sandbox.shopify.people import Person, join
from integration.sandbox.shopify.records import Customer, Order
from integration.sandbox.shopify.shop import AdminShop

FIRST: tuple[str, ...] = ("Anna", "Ben", "Carla", "Deniz", "Emil", "Frieda", "Gül", "Hanno")
LAST: tuple[str, ...] = ("Beispiel", "Muster", "Probe", "Demo")


def many(shop: AdminShop, count: int, seed: int = 1, gap: timedelta = timedelta(seconds=1)) -> list[Order]:
    """`count` orders of as many people, changed `gap` apart and the last one now; nobody is told."""
    dice = random.Random(seed)  # noqa: S311 - the same orders every time
    return list(_orders(shop, count, dice, gap))


def _orders(shop: AdminShop, count: int, dice: random.Random, gap: timedelta) -> Iterator[Order]:
    end = shop.now()
    for n in range(count):
        customer = _person(shop, n, dice)
        items = tuple((index, dice.randint(1, 3)) for index in dice.sample(range(3), dice.randint(1, 2)))
        attributes = {"whatsapp_optin": "yes" if dice.random() < 0.3 else "no"}
        order = new_order(shop, customer, Basket(items, attributes=attributes, paid=dice.random() < 0.9))
        moment = end - gap * (count - 1 - n)
        order.created = order.processed = order.updated = moment
        order.paid = moment if order.paid else None
        yield order


def _person(shop: AdminShop, n: int, dice: random.Random) -> Customer:
    person = Person(dice.choice(FIRST), dice.choice(LAST), f"kundschaft-{n}@example.com", f"+4917139{n % 10**5:05d}")
    return join(shop, person, quietly=True)
