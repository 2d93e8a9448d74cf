"""The Shopify shop on the stage: what its owner and its customers do there, before the eyes of the audience."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from starlette.routing import Route

from integration.sandbox.bus import Bus
from integration.sandbox.cast import CUSTOMERS, TEA, WORDING_VERSION, wording
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier
from integration.sandbox.digits import whole
from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.http import AdminApi
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Cart, Person
from integration.sandbox.shopify.records import Address, Checkout, Customer, Order, Subscription, Tracking
from integration.sandbox.shopify.shop import AdminShop
from integration.sandbox.shopify.tokens import App
from integration.sandbox.shopify.webhooks import Webhooks

SHOWN: Final = 50
#: what the owner set up for the demo, so that the first order is told at once
TOPICS: Final = (
    *("orders/create", "orders/paid", "orders/updated", "orders/fulfilled", "orders/partially_fulfilled"),
    *("orders/cancelled", "orders/edited", "orders/delete", "refunds/create"),
    *("fulfillments/create", "fulfillments/update", "fulfillment_events/create"),
    *("checkouts/create", "checkouts/update", "checkouts/delete"),
    *("fulfillment_orders/line_items_prepared_for_pickup", "products/update"),
    *("customers_whats_app_marketing_consent/update", "app/uninstalled", "app/scopes_update"),
)


class Orders:
    """The orders of the shop, as the stage looks for them."""

    def __init__(self, shop: AdminShop) -> None:
        self._orders = shop.orders

    def __iter__(self) -> Iterator[Order]:
        return iter(list(self._orders.values()))

    def get(self, key: str | int) -> Order | None:
        """By id."""
        number = whole(str(key))
        return self._orders.get(number) if number is not None else None


class ShopifyShop:
    """A tea shop on Shopify whose cart asks with attributes."""

    key = "shopify"
    name = "Teeladen Beispiel"
    goods = TEA
    privacy = "https://teeladen.example/datenschutz"

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus, clock: Clock) -> None:
        self._config = config
        self._bus = bus
        app = App(config.shopify_client_id, config.shopify_secret, compliance_uri=self.hook_url)
        self.admin = AdminShop(config.shopify_domain, self.name, app, clock)
        self.webhooks = Webhooks(self.admin, courier.dispatch, self.key)
        self.orders = Orders(self.admin)
        self._people: dict[str, Customer] = {}
        self._left: dict[str, Checkout] = {}
        for topic in TOPICS:
            self._subscribe(topic)

    @property
    def hook_url(self) -> str:
        """Where its webhooks go."""
        return f"{self._config.worker_url}/hooks/{self._config.shopify_slug}"

    def routes(self) -> list[Route]:
        """To be mounted under /shopify."""
        return AdminApi(self.admin).routes()

    def place_order(
        self, customer: str, items: Sequence[tuple[int, int]] | None = None, consent: bool | None = None,
        phone: str | None = None, *, paid: bool = False, duplicates: int = 1,
    ) -> Order:  # fmt: skip
        """`items` are (index into goods, quantity); `phone` replaces what the customer would type."""
        home = self._address(customer, phone)
        basket = Basket(tuple(items or ((0, 2), (1, 1))), address=home, attributes=self._asked(consent, home),
                        paid=paid, gateway="shopify_payments" if paid else "bank_deposit")  # fmt: skip
        self.webhooks.mischief.copies = duplicates
        try:
            return orders.place(self.admin, self._person(customer), basket)
        finally:
            self.webhooks.mischief.copies = 1
            self._bus.changed()

    def leave_cart(self, customer: str, consent: bool | None = None, phone: str | None = None) -> Checkout:
        """The customer types everything and goes away."""
        home = self._address(customer, phone)
        cart = Cart(((2, 1),), address=home, attributes=self._asked(consent, home))
        self._left[customer] = people.start_checkout(self.admin, self._person(customer), cart)
        self._bus.changed()
        return self._left[customer]

    def come_back(self, customer: str) -> Order | None:
        """The customer buys what was left, None when there is nothing."""
        checkout = self._left.pop(customer, None)
        order = people.buy(self.admin, checkout) if checkout else None
        self._bus.changed()
        return order

    def pay(self, order: Order) -> None:
        """The money is there."""
        orders.pay(self.admin, order)
        self._bus.changed()

    def ship(self, order: Order, carrier: str, number: str, url: str) -> None:
        """A fulfilment with a tracking number."""
        orders.pack(self.admin, order, [Tracking(carrier, number, url)])
        self._bus.changed()

    def deliver(self, order: Order) -> None:
        """The carrier reports of the last parcel: first that it comes today, then that it is there."""
        parcel = order.parcels[-1]
        orders.report(self.admin, order, parcel, "DELIVERED" if parcel.steps else "OUT_FOR_DELIVERY")
        self._bus.changed()

    def refund(self, order: Order, amount: Decimal, reason: str = "") -> None:
        """Give money back."""
        orders.refund(self.admin, order, amount, reason)
        self._bus.changed()

    def cancel(self, order: Order) -> None:
        """The owner cancels."""
        orders.cancel(self.admin, order)
        self._bus.changed()

    def as_json(self) -> dict[str, Any]:
        """The shop on the page."""
        newest = sorted(self.orders, key=lambda order: order.id, reverse=True)[:SHOWN]
        return {
            "key": self.key, "name": self.name, "platform": "Shopify",
            "orders": [order.as_json() for order in newest], "left": sorted(self._left),
        }  # fmt: skip

    def _person(self, key: str) -> Customer:
        if key not in self._people:
            who = CUSTOMERS[key]
            person = Person(who.first_name, who.last_name, who.email, None, address=self._address(key, None))
            self._people[key] = people.join(self.admin, person)
        return self._people[key]

    def _address(self, key: str, phone: str | None) -> Address:
        who = CUSTOMERS[key]
        typed = who.typed_phone if phone is None else phone
        return Address(who.first_name, who.last_name, who.street, who.postcode, who.city, typed)

    def _asked(self, consent: bool | None, home: Address) -> dict[str, str]:
        """What the theme's form put into the cart; None means there was no box."""
        if consent is None:
            return {}
        if not consent:
            return {"whatsapp_optin": "no"}
        words = wording(self._config.company_name, home.phone or "", self.privacy)
        return {"whatsapp_optin": "yes", "whatsapp_optin_version": WORDING_VERSION, "whatsapp_optin_wording": words}

    def _subscribe(self, topic: str) -> None:
        now, name = self.admin.now(), f"ladenbote-{topic.replace('/', '-')}"
        made = Subscription(self.admin.new_id(), topic, self.hook_url, now, now, name)
        self.admin.subscriptions[made.id] = made
