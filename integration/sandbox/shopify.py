"""The Shopify shop: what its owner and its customers do, and the webhooks that follow."""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integration.sandbox.bus import Bus
from integration.sandbox.cast import CUSTOMERS, TEA
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier, Delivery
from integration.sandbox.orders import Line, Order, OrderBook, Parcel
from integration.sandbox.shopify_body import encode, fulfillment_body, order_body

API_VERSION: Final = "2026-10"
RETRIES: Final = 8
TIMEOUT: Final = 5.0
SCOPES: Final = "read_orders,read_customers,read_fulfillments"


class ShopifyShop:
    """A tea shop on Shopify whose cart asks with attributes."""

    key = "shopify"
    name = "Teeladen Beispiel"
    goods = TEA
    privacy = "https://teeladen.example/datenschutz"

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus) -> None:
        self._config = config
        self._courier = courier
        self._bus = bus
        # odd ids beyond 2^53, which a float cannot hold
        self.orders = OrderBook(self.key, 8_820_982_911_946_100_001, 1001, "#", step=1_000_002)

    @property
    def hook_url(self) -> str:
        """Where its webhooks go."""
        return f"{self._config.worker_url}/hooks/{self._config.shopify_slug}"

    def routes(self) -> list[Route]:
        """To be mounted under /shopify."""
        return [Route("/admin/oauth/access_token", self._token, methods=["POST"])]

    def place_order(
        self, customer: str, items: Sequence[tuple[int, int]] | None = None, consent: bool | None = None,
        phone: str | None = None, *, paid: bool = False, duplicates: int = 1,
    ) -> Order:  # fmt: skip
        """`items` are (index into goods, quantity); `phone` replaces what the customer would type."""
        who = CUSTOMERS[customer]
        lines = [Line(self.goods[n], quantity) for n, quantity in items or ((0, 2), (1, 1))]
        order = self.orders.add(
            who, lines, phone=who.typed_phone if phone is None else phone, consent=consent,
            company=self._config.company_name, privacy=self.privacy,
        )  # fmt: skip
        if paid:
            order.paid = order.created
        self._tell(order, ["orders/create", *(["orders/paid"] if paid else [])], duplicates)
        return order

    def pay(self, order: Order) -> None:
        """The money is there."""
        order.paid = order.paid or self._touch(order)
        self._tell(order, ["orders/paid", "orders/updated"])

    def ship(self, order: Order, carrier: str, number: str, url: str) -> None:
        """A fulfilment with a tracking number."""
        parcel_id = order.id + 30_000 + len(order.parcels)
        order.parcels.append(Parcel(parcel_id, carrier, number, url, self._touch(order)))
        self._tell(order, ["fulfillments/create", "orders/fulfilled", "orders/updated"])

    def cancel(self, order: Order) -> None:
        """The owner cancels."""
        order.cancelled = self._touch(order)
        self._tell(order, ["orders/cancelled", "orders/updated"])

    def as_json(self) -> dict[str, Any]:
        """The shop on the page."""
        orders = sorted(self.orders, key=lambda o: o.id, reverse=True)
        return {
            "key": self.key,
            "name": self.name,
            "platform": "Shopify",
            "orders": [o.as_json() for o in orders],
        }

    def _touch(self, order: Order) -> datetime:
        order.modified = datetime.now(UTC).replace(microsecond=0)
        return order.modified

    def _tell(self, order: Order, topics: Sequence[str], duplicates: int = 1) -> None:
        event, deliveries = str(uuid.uuid4()), []
        for n, topic in enumerate(topics):
            if topic == "fulfillments/create":
                body = encode(fulfillment_body(order, len(order.parcels) - 1))
            else:
                body = encode(order_body(order, self._config.shopify_domain))
            headers = self._headers(topic, body, event)
            copies = duplicates if n == 0 else 1
            deliveries += [self._delivery(topic, body, headers, order) for _ in range(copies)]
        self._courier.dispatch(deliveries)
        self._bus.changed()

    def _delivery(self, topic: str, body: bytes, headers: dict[str, str], order: Order) -> Delivery:
        return Delivery(
            self.key,
            topic,
            self.hook_url,
            body,
            headers,
            retries=RETRIES,
            timeout=TIMEOUT,
            subject=order.number,
        )

    def _headers(self, topic: str, body: bytes, event: str) -> dict[str, str]:
        digest = hmac.new(self._config.shopify_secret.encode(), body, hashlib.sha256).digest()
        return {
            "User-Agent": "Shopify-Captain-Hook", "Content-Type": "application/json",
            "X-Shopify-Topic": topic, "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": self._config.shopify_domain, "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()), "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "X-Shopify-Name": f"ladenbote-{topic.replace('/', '-')}",
        }  # fmt: skip

    async def _token(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        given = f"{form.get('client_id')}:{form.get('client_secret')}".encode()
        expected = f"{self._config.shopify_client_id}:{self._config.shopify_secret}".encode()
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if not hmac.compare_digest(given, expected):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = f"shpat_{secrets.token_hex(16)}"
        return JSONResponse({"access_token": token, "scope": SCOPES, "expires_in": 86399})
