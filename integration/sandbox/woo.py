"""The WooCommerce shop: what its owner and its customers do, and the webhooks that follow."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.cast import COFFEE, CUSTOMERS
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier, Delivery
from integration.sandbox.orders import Line, Order, OrderBook, Parcel
from integration.sandbox.woo_body import encode, order_body

WEBHOOK_IDS: Final = {"order.created": "6", "order.updated": "7"}
AGENT: Final = "WooCommerce/10.5.2 Hookshot (WordPress/6.9.1)"


class WooShop:
    """A coffee shop on WooCommerce with block checkout and the companion plugin's box."""

    key = "woocommerce"
    name = "Kaffeeladen Beispiel"
    goods = COFFEE
    privacy = "https://kaffeeladen.example/datenschutz"

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus) -> None:
        self._config = config
        self._courier = courier
        self._bus = bus
        self._connected = False
        self.orders = OrderBook(self.key, 0, 1601, "")

    @property
    def site(self) -> str:
        """The shop's own address."""
        return f"{self._config.origin}/woocommerce"

    @property
    def hook_url(self) -> str:
        """Where its webhooks go."""
        return f"{self._config.worker_url}/hooks/{self._config.woocommerce_slug}"

    def connect(self) -> None:
        """Two webhooks are set up: each begins with an unsigned ping."""
        self._connected = True
        self._courier.dispatch([self._ping(number) for number in WEBHOOK_IDS.values()])

    def place_order(
        self, customer: str, items: Sequence[tuple[int, int]] | None = None, consent: bool | None = None,
        phone: str | None = None, *, paid: bool = False, duplicates: int = 1,
    ) -> Order:  # fmt: skip
        """`items` are (index into goods, quantity); `phone` replaces what the customer would type."""
        who = CUSTOMERS[customer]
        lines = [Line(self.goods[n], quantity) for n, quantity in items or ((0, 1), (2, 2))]
        order = self.orders.add(
            who, lines, phone=who.typed_phone if phone is None else phone, consent=consent,
            company=self._config.company_name, privacy=self.privacy,
        )  # fmt: skip
        if paid:
            order.paid = order.created
        self._tell(order, ["order.created"] * duplicates + ["order.updated"])
        return order

    def pay(self, order: Order) -> None:
        """The money is there."""
        order.paid = order.paid or self._touch(order)
        self._tell(order, ["order.updated"])

    def ship(self, order: Order, carrier: str, number: str, url: str) -> None:
        """A parcel with a number completes the order, and a completed order counts as paid."""
        now = self._touch(order)
        order.parcels.append(Parcel(order.id * 10 + len(order.parcels), carrier, number, url, now))
        order.completed = order.completed or now
        order.paid = order.paid or now
        self._tell(order, ["order.updated"])

    def cancel(self, order: Order) -> None:
        """The owner cancels."""
        order.cancelled = self._touch(order)
        self._tell(order, ["order.updated"])

    def as_json(self) -> dict[str, Any]:
        """The shop on the page."""
        orders = sorted(self.orders, key=lambda o: o.id, reverse=True)
        return {
            "key": self.key,
            "name": self.name,
            "platform": "WooCommerce",
            "orders": [o.as_json() for o in orders],
        }

    def _touch(self, order: Order) -> datetime:
        order.modified = datetime.now(UTC).replace(microsecond=0)
        return order.modified

    def _tell(self, order: Order, topics: Sequence[str]) -> None:
        body = encode(order_body(order, self.site))
        pings = [] if self._connected else [self._ping(number) for number in WEBHOOK_IDS.values()]
        self._connected = True
        self._courier.dispatch([*pings, *(self._delivery(topic, body, order) for topic in topics)])
        self._bus.changed()

    def _ping(self, number: str) -> Delivery:
        headers = {"User-Agent": AGENT, "Content-Type": "application/x-www-form-urlencoded"}
        body = f"webhook_id={number}".encode()
        return Delivery(self.key, "ping", self.hook_url, body, headers, accept_redirect=True)

    def _delivery(self, topic: str, body: bytes, order: Order) -> Delivery:
        # WooCommerce never repeats a failed webhook, and takes a redirect for success
        return Delivery(
            self.key, topic, self.hook_url, body, self._headers(topic, body), subject=order.number,
            timeout=60.0, accept_redirect=True,
        )  # fmt: skip

    def _headers(self, topic: str, body: bytes) -> dict[str, str]:
        digest = hmac.new(self._config.woocommerce_secret.encode(), body, hashlib.sha256).digest()
        resource, event = topic.split(".")
        number = WEBHOOK_IDS[topic]
        # the real id is a hash of webhook and second, too: different messages share it
        moment = f"{number}{int(datetime.now(UTC).timestamp())}"
        return {
            "User-Agent": AGENT, "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.site}/", "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(digest).decode(), "X-WC-Webhook-ID": number,
            "X-WC-Webhook-Delivery-ID": hashlib.md5(moment.encode(), usedforsecurity=False).hexdigest(),
        }  # fmt: skip
