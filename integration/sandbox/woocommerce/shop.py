"""The WooCommerce shop: what its owner and its customers do, and the webhooks that follow."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.cast import COFFEE, CUSTOMERS, Customer, wording
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier
from integration.sandbox.digits import whole
from integration.sandbox.orders import Line, Parcel
from integration.sandbox.woocommerce.goods_body import coupon_body, product_body
from integration.sandbox.woocommerce.hooks import Hooks, Webhook
from integration.sandbox.woocommerce.model import (
    DRAFT,
    VERSIONS,
    ApiKey,
    Coupon,
    Item,
    Refund,
    Registered,
    Shipment,
    WooOrder,
)
from integration.sandbox.woocommerce.order_body import address, order_body
from integration.sandbox.woocommerce.parcels_body import with_shipments
from integration.sandbox.woocommerce.shelf import first_items

MAX_ORDERS: Final = 50_000
SHOWN: Final = 60
PRESET: Final = {6: "order.created", 7: "order.updated"}
_GONE: Final = {
    "code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404},
}  # fmt: skip


class Orders:
    """The orders of the shop by id; the oldest are forgotten."""

    def __init__(self) -> None:
        self._rows: dict[int, WooOrder] = {}

    def __iter__(self) -> Iterator[WooOrder]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: str | int) -> WooOrder | None:
        """By id."""
        number = whole(str(key))
        return self._rows.get(number) if number is not None else None

    def put(self, order: WooOrder) -> None:
        """Take an order in."""
        self._rows[order.id] = order
        if len(self._rows) > MAX_ORDERS:
            del self._rows[next(iter(self._rows))]

    def drop(self, order: WooOrder) -> None:
        """Forget it for good."""
        self._rows.pop(order.id, None)


class WooShop:
    """A coffee shop on WooCommerce with block checkout and the companion plugin's box.

    `skew` is how wrong its clock is; `features` are plugins and options (ast, shiptastic, fulfillments);
    `tracking` is the one that `ship` writes to; `behind_proxy`: PHP does not know that visitors come over https.
    """

    key = "woocommerce"
    name = "Kaffeeladen Beispiel"
    goods = COFFEE
    privacy = "https://kaffeeladen.example/datenschutz"

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus, clock: Clock, site: str = "") -> None:
        self._config = config
        self._bus = bus
        self._clock = clock
        self._left: dict[str, WooOrder] = {}
        self._ids = itertools.count(1601)
        self._site = site
        self.version = VERSIONS[config.woocommerce_version]
        self.skew = timedelta(0)
        self.features = {"ast"}
        self.tracking = "ast"
        self.behind_proxy = False
        self.block_checkout = True
        self.statuses: tuple[str, ...] = ()
        self.keys = {config.woocommerce_key: ApiKey(config.woocommerce_key, config.woocommerce_key_secret)}
        self.requests: deque[tuple[str, str, str]] = deque(maxlen=20_000)
        self.orders = Orders()
        self.coupons: dict[int, Coupon] = {}
        self.registered: dict[int, Registered] = {}
        self.items: dict[int, Item] = first_items(self.goods, self.now())
        self.hooks = Hooks(self.site, self.version, courier, bus, self.now)
        self.hooks.body_of = self.body_of

    @property
    def site(self) -> str:
        """The shop's own address."""
        return self._site or f"{self._config.origin}/woocommerce"

    @property
    def hook_url(self) -> str:
        """Where its webhooks go."""
        return f"{self._config.worker_url}/hooks/{self._config.woocommerce_slug}"

    def now(self) -> datetime:
        """The shop's clock, which may be wrong, in whole seconds."""
        return (self._clock.now() + self.skew).replace(microsecond=0)

    def new_id(self) -> int:
        """Orders, refunds and coupons share one row of numbers, as posts do."""
        return next(self._ids)

    def has(self, feature: str) -> bool:
        """Whether a plugin or option is there; the old version knows no fulfilments."""
        return feature in self.features and (feature != "fulfillments" or self.version.modern)

    def seen(self, method: str, path: str, query: str = "") -> None:
        """A visit: it is counted, and WP-Cron may run."""
        self.requests.append((method, path, query))
        self.hooks.touched()

    def connect(self) -> None:
        """The two webhooks of the demo are set up: each begins with an unsigned ping."""
        for number, topic in PRESET.items():
            secret, now = self._config.woocommerce_secret, self.now()
            self.hooks.add(Webhook(number, f"Ladenbote {topic}", topic, self.hook_url, secret, now, now))
        self.hooks.ping([self.hooks.rows[number] for number in PRESET])

    # --- what customers do

    def place_order(
        self, customer: str, items: Sequence[tuple[int, int]] | None = None, consent: bool | None = None,
        phone: str | None = None, *, paid: bool = False, duplicates: int = 1,
    ) -> WooOrder:  # fmt: skip
        """`items` are (index into goods, quantity); `phone` replaces what the customer would type."""
        order = self._draft(CUSTOMERS[customer], items)
        self._fill(order, phone, consent)
        return self._placed(order, paid=paid, duplicates=duplicates)

    def open_cart(self, customer: str, items: Sequence[tuple[int, int]] | None = None) -> WooOrder:
        """Somebody, or a bot, opens the block checkout: a draft with lines and no contact."""
        order = self._draft(CUSTOMERS[customer], items)
        self.changed(order, "order.updated")
        return order

    def type_contact(self, order: WooOrder, phone: str | None = None, consent: bool | None = None) -> None:
        """The fields of the checkout are left one by one; each is in the draft about a second later."""
        self._fill(order, phone, consent)
        self.touch(order)

    def place(self, order: WooOrder, *, consent: bool | None = None, paid: bool = True) -> WooOrder:
        """The draft is placed: same id, and still the date at which it was opened."""
        self._fill(order, None, order.consent if consent is None else consent)
        return self._placed(order, paid=paid)

    def leave_cart(
        self, customer: str, consent: bool | None = None, phone: str | None = None, *, ago: timedelta = timedelta(0)
    ) -> WooOrder:
        """Somebody fills in the checkout and goes away, so long ago."""
        order = self._left.get(customer) or self._draft(CUSTOMERS[customer], None)
        self._left[customer] = order
        self._fill(order, phone, consent)
        order.modified = self.now() - ago
        order.created = min(order.created, order.modified)
        self.changed(order, "order.updated")
        return order

    def come_back(self, customer: str, source: str = "") -> WooOrder | None:
        """Whoever left a cart buys it after all, and came from `source`; None if there is none."""
        order = self._left.pop(customer, None)
        if order is None:
            return None
        if source:
            order.meta["_wc_order_attribution_utm_source"] = source
        return self.place(order)

    def register(self, customer: str) -> Registered:
        """Somebody opens an account; later orders carry its number."""
        who, now = CUSTOMERS[customer], self.now()
        billing = address(who, who.typed_phone) | {"email": who.email}
        number = len(self.registered) + 2
        row = Registered(number, who.key, who.email, who.first_name, who.last_name, billing, now, now)
        self.registered[number] = row
        return row

    # --- what the owner does

    def pay(self, order: WooOrder) -> None:
        """The money is there."""
        self.set_status(order, "processing")

    def ship(self, order: WooOrder, carrier: str, number: str, url: str) -> None:
        """A parcel with a number. With tracking in the order's meta it completes the order, as the plugin does."""
        now, parcel = self.now(), order.id * 10 + len(order.parcels) + len(order.shipments) + len(order.fulfillments)
        if self.tracking == "shiptastic":
            order.shipments.append(Shipment(parcel, carrier, number, url, "shipped", now, now, sent=now))
            self.touch(order)
        elif self.tracking == "fulfillments":
            order.fulfillments.append(Shipment(parcel, carrier, number, url, "fulfilled", now, now, sent=now))
            self.touch(order)
        else:
            order.parcels.append(Parcel(parcel, carrier, number, url, now))
            self.set_status(order, "completed")

    def deliver(self, order: WooOrder) -> None:
        """Shiptastic hears from the carrier: the parcels are there."""
        for shipment in order.shipments:
            shipment.status, shipment.updated = "delivered", self.now()
        self.touch(order)

    def renumber(self, order: WooOrder, number: str) -> None:
        """A tracking number is corrected. In Shiptastic that alone does not move the order (measured)."""
        order.shipments[-1].number, order.shipments[-1].updated = number, self.now()

    def cancel(self, order: WooOrder) -> None:
        """The owner cancels."""
        self.set_status(order, "cancelled")

    def refund(self, order: WooOrder, amount: Decimal, reason: str = "") -> Refund:
        """Give money back; when nothing is left the order becomes refunded, else its status and total stay."""
        full = order.refunded + amount >= order.total
        refund = Refund(self.new_id(), amount, reason, self.now(), full)
        order.refunds.append(refund)
        if full:
            order.status = "refunded"
        self.touch(order)
        return refund

    def set_status(self, order: WooOrder, status: str) -> None:
        """Any of the shop's statuses, with the dates that WooCommerce sets on the way."""
        now = self.now()
        if status == "refunded" and order.status != "refunded":
            self.refund(order, order.total - order.refunded, "Order fully refunded.")
            return
        order.status = status
        if status == "completed" or (status == "processing" and order.method != "cod"):
            order.paid = order.paid or now
        if status == "completed":
            order.completed = order.completed or now
        order.cancelled = now if status == "cancelled" else None
        self.touch(order)

    def bulk(self, orders: Iterable[WooOrder], status: str) -> None:
        """A mass edit: many orders within one second."""
        for order in list(orders):
            self.set_status(order, status)

    def trash(self, order: WooOrder) -> None:
        """Into the trash: it leaves the lists, its date does not move."""
        order.trashed, order.status = order.status, "trash"
        self.hooks.fire("order.deleted", order.id, order.number)
        self._bus.changed()

    def delete(self, order: WooOrder) -> None:
        """For good; no webhook tells."""
        self.orders.drop(order)
        self._bus.changed()

    def sell(self, item: Item, *, price: Decimal | None = None, stock: int | None = None) -> None:
        """Another price or stock; a variation does not move its parent's date."""
        item.sale = price if price is not None and price < item.price else None
        item.price = price if price is not None and price >= item.price else item.price
        item.stock = item.stock if stock is None else stock
        item.modified = self.now()
        self.hooks.fire("product.updated", item.id)

    def touch(self, order: WooOrder) -> None:
        """Saved: the date moves, `order.updated` follows."""
        order.modified = self.now()
        self.changed(order, "order.updated")

    def changed(self, order: WooOrder, *topics: str, copies: int = 1) -> None:
        """Webhooks about an order."""
        if not self.hooks.rows and self.hooks.every is None:
            self.connect()
        for n, topic in enumerate(topics):
            self.hooks.fire(topic, order.id, order.number, copies if n == 0 else 1)
        self._bus.changed()

    def body_of(self, topic: str, object_id: int) -> Any:
        """A webhook's body as it is built at delivery, with the object of that moment."""
        resource, _, event = topic.partition(".")
        if resource == "action":
            return {"action": event, "arg": object_id}
        if event == "deleted":
            return {"id": object_id}
        if resource == "order":
            order = self.orders.get(object_id)
            return self.shown(order) if order else _GONE
        if resource == "product" and object_id in self.items:
            return product_body(self.items[object_id], self.items, self.site)
        if resource == "coupon" and object_id in self.coupons:
            return coupon_body(self.coupons[object_id], self.site)
        return _GONE | {"code": f"woocommerce_rest_{resource}_invalid_id"}

    def shown(self, order: WooOrder) -> dict[str, Any]:
        """An order as REST and webhooks write it."""
        body = order_body(order, self.site, self.version)
        return with_shipments(body, order) if self.has("shiptastic") else body

    def as_json(self) -> dict[str, Any]:
        """The shop on the page, newest first."""
        orders = sorted(self.orders, key=lambda o: o.id, reverse=True)[:SHOWN]
        return {
            "key": self.key,
            "name": self.name,
            "platform": "WooCommerce",
            "orders": [o.as_json() for o in orders],
            "left": sorted(self._left),
        }

    def _draft(self, who: Customer, items: Sequence[tuple[int, int]] | None) -> WooOrder:
        number, now = self.new_id(), self.now()
        lines = tuple(Line(self.goods[n], quantity) for n, quantity in items or ((0, 1), (2, 2)))
        order = WooOrder(self.key, number, str(number), who, lines, "", None, "", now, now, status=DRAFT)
        order.customer_id = next((row.id for row in self.registered.values() if row.email == who.email), 0)
        self.orders.put(order)
        return order

    def _fill(self, order: WooOrder, phone: str | None, consent: bool | None) -> None:
        order.phone = order.phone or order.customer.typed_phone if phone is None else phone
        order.billing = address(order.customer, order.phone) | {"email": order.customer.email}
        order.shipping = address(order.customer, order.phone)
        order.consent = consent
        order.wording = wording(self._config.company_name, order.phone, self.privacy)

    def _placed(self, order: WooOrder, *, paid: bool, duplicates: int = 1) -> WooOrder:
        now = self.now()
        order.placed = order.modified = now
        order.method, order.status = ("ppcp-gateway", "processing") if paid else ("bacs", "on-hold")
        order.paid = now if paid else None
        if order.coupon is not None:
            order.coupon.used_by.append(order.customer.email)
        self.changed(order, "order.created", "order.updated", copies=duplicates)
        return order
