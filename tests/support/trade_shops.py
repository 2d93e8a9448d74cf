"""The two shops of the trade: the same verbs for the pretend WooCommerce shop and the pretend Shopify shop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Protocol
from unittest.mock import patch

from admin_shop import Town, town
from shopify_world import TownLinks, shop_of
from woo_world import WooLinks
from worlds import NoLinks

from integration.domain.shops.ports import ShopLink
from integration.sandbox.cast import CUSTOMERS, Customer
from integration.sandbox.clock import Clock
from integration.sandbox.orders import Line
from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.bodies import encode as shopify_bytes
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Cart, Person
from integration.sandbox.shopify.records import Tracking
from integration.sandbox.shopify.shop import Fault, News
from integration.sandbox.shopify.topics import body_of
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.sandbox.woocommerce.order_body import encode as woo_bytes
from integration.sandbox.woocommerce.seed import buyer

WORDING = "Bestell-Updates per WhatsApp: Laden Beispiel darf mir Infos zu meinen Bestellungen per WhatsApp schicken."
#: more than a day of polling asks for
MANY = 20_000
#: (slug, topic, body) of a webhook, as it was when something happened
Hear = Callable[[str, str, bytes], None]


class Trader(Protocol):
    """One shop, its customers and its owner. An order or a cart is the simulator's own record."""

    slug: str

    def order(self, who: Customer, box: bool | None, paid: bool) -> Any: ...
    def number(self, order: Any) -> str: ...
    def fill_cart(self, who: Customer, spelled: str) -> Any: ...
    def change_cart(self, cart: Any) -> None: ...
    def buy(self, cart: Any, box: bool) -> Any: ...
    def pay(self, order: Any) -> None: ...
    def ship(self, order: Any, number: str, part: bool) -> None: ...
    def correct(self, order: Any, number: str) -> str: ...
    def deliver(self, order: Any) -> None: ...
    def refund(self, order: Any, amount: Decimal) -> None: ...
    def cancel(self, order: Any) -> None: ...
    def edit(self, order: Any) -> None: ...
    def go_offline(self) -> None: ...
    def come_online(self) -> None: ...


@dataclass
class Coffee:
    """The WooCommerce shop."""

    shop: LoopbackShop
    hear: Hear
    slug: str = "laden"

    def __post_init__(self) -> None:
        self.shop.shop.hooks.fire = self._fire  # type: ignore[method-assign]

    def _fire(self, topic: str, object_id: int, subject: str = "", copies: int = 1) -> None:
        self.hear(self.slug, topic, woo_bytes(self.shop.shop.body_of(topic, object_id)))

    def order(self, who: Customer, box: bool | None, paid: bool) -> Any:
        return self.shop.do(self.shop.shop.place_order, who.key, consent=box, paid=paid)

    def number(self, order: Any) -> str:
        return str(order.number)

    def fill_cart(self, who: Customer, spelled: str) -> Any:
        draft = self.shop.do(self.shop.shop.open_cart, who.key)
        self.shop.do(self.shop.shop.type_contact, draft, spelled)
        return draft

    def change_cart(self, cart: Any) -> None:
        def changed() -> None:
            cart.lines = (Line(cart.lines[0].product, cart.lines[0].quantity + 1), *cart.lines[1:])
            self.shop.shop.touch(cart)

        self.shop.do(changed)

    def buy(self, cart: Any, box: bool) -> Any:
        return self.shop.do(self.shop.shop.place, cart, consent=box)

    def pay(self, order: Any) -> None:
        self.shop.do(self.shop.shop.pay, order)

    def ship(self, order: Any, number: str, part: bool) -> None:
        self.shop.do(self.shop.shop.ship, order, "DHL", number, f"https://www.dhl.de/t?n={number}")

    def correct(self, order: Any, number: str) -> str:
        return ""

    def deliver(self, order: Any) -> None:
        """Advanced Shipment Tracking hears nothing from carriers."""

    def refund(self, order: Any, amount: Decimal) -> None:
        self.shop.do(self.shop.shop.refund, order, amount)

    def cancel(self, order: Any) -> None:
        self.shop.do(self.shop.shop.cancel, order)

    def edit(self, order: Any) -> None:
        order.note += "Bitte klingeln. "
        self.shop.do(self.shop.shop.touch, order)

    def go_offline(self) -> None:
        self.shop.go_offline()

    def come_online(self) -> None:
        self.shop.come_online()


@dataclass
class Tea:
    """The Shopify shop."""

    town: Town
    hear: Hear
    slug: str = "laden0"
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shop = self.town.shops[0]
        self.shop.hear = self._heard

    def _heard(self, news: Any) -> None:
        found: list[News] = list(news)
        for topic, record in found:
            self.hear(self.slug, topic, shopify_bytes(body_of(topic, self.shop, record)))

    def order(self, who: Customer, box: bool | None, paid: bool) -> Any:
        basket = Basket(attributes=_attributes(box), paid=paid)
        return self.town.do(lambda: orders.place(self.shop, self._customer(who), basket))

    def number(self, order: Any) -> str:
        return str(order.number)

    def fill_cart(self, who: Customer, spelled: str) -> Any:
        return self.town.do(lambda: people.start_checkout(self.shop, self._customer(who), Cart()))

    def change_cart(self, cart: Any) -> None:
        more = ((0, cart.lines[0].quantity + 1),)
        self.town.do(lambda: people.change_checkout(self.shop, cart, more))

    def buy(self, cart: Any, box: bool) -> Any:
        cart.attributes = _attributes(box)
        return self.town.do(lambda: people.buy(self.shop, cart))

    def pay(self, order: Any) -> None:
        self.town.do(lambda: orders.pay(self.shop, order))

    def ship(self, order: Any, number: str, part: bool) -> None:
        content = [(0, 1)] if part and order.lines[0].current > 1 else None
        if order.left():
            self.town.do(lambda: orders.pack(self.shop, order, [Tracking("DHL", number, None)], content))

    def correct(self, order: Any, number: str) -> str:
        """Another number for the last parcel; gives the one that it had."""
        if not order.parcels:
            return ""
        found = order.parcels[-1]
        before = str(found.tracking[-1].number)
        self.town.do(lambda: orders.track(self.shop, order, found, [Tracking("DHL", number, None)]))
        return before

    def deliver(self, order: Any) -> None:
        for parcel in order.parcels:
            for status in ("OUT_FOR_DELIVERY", "DELIVERED"):
                self.town.do(partial(orders.report, self.shop, order, parcel, status))

    def refund(self, order: Any, amount: Decimal) -> None:
        self.town.do(lambda: orders.refund(self.shop, order, amount))

    def cancel(self, order: Any) -> None:
        self.town.do(lambda: orders.cancel(self.shop, order))

    def edit(self, order: Any) -> None:
        if not order.parcels:
            self.town.do(lambda: orders.edit(self.shop, order, 0, order.lines[0].current + 1))

    def go_offline(self) -> None:
        self.town.do(lambda: self.shop.faults.extend(Fault("status") for _ in range(MANY)))

    def come_online(self) -> None:
        self.town.do(self.shop.faults.clear)

    def _customer(self, who: Customer) -> Any:
        if who.key not in self.known:
            person = Person(who.first_name, who.last_name, who.email, who.e164)
            self.known[who.key] = people.join(self.shop, person)
        return self.known[who.key]


class BothLinks(NoLinks):
    """Our side of both shops; made anew when the process starts again."""

    def __init__(self, coffee: LoopbackShop, tea: Town, clock: Clock) -> None:
        self._coffee = WooLinks(coffee, clock.now)
        self._tea = TownLinks(tea, clock.now, lambda seconds: clock.move(timedelta(seconds=seconds)))

    def link(self, shop: str) -> ShopLink | None:
        return self._coffee.link(shop) if shop == "laden" else self._tea.link("laden0")

    def close(self) -> None:
        self._tea.close()


def _attributes(box: bool | None) -> dict[str, str]:
    said = {"whatsapp_optin_version": "v1", "whatsapp_optin_wording": WORDING}
    return {} if box is None else said | {"whatsapp_optin": "yes" if box else "no"}


@contextmanager
def market(clock: Clock, people_count: int) -> Iterator[tuple[LoopbackShop, Town, list[Customer]]]:
    """Both shops and everybody who buys there. Signatures carry the real time: no package knows ours."""
    crowd = [buyer(n) for n in range(people_count)]
    with (
        patch.dict(CUSTOMERS, {who.key: who for who in crowd}),
        patch("integration.sandbox.woocommerce.access.CLOCK_SKEW", 10**9),
        woo_shop(clock=clock) as coffee,
        town([shop_of(0, clock)]) as tea,
    ):
        yield coffee, tea, crowd
