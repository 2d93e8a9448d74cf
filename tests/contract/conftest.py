"""What the contract needs to know of each platform. A new platform adds one row here."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from woo_links import now

from connectors.registry import CONNECTORS
from connectors.settings import Connector, ShopSettings
from connectors.shopify.graphql import webhook_shape
from connectors.shopify.link import link_of as shopify_link
from connectors.shopify.orders import order_snapshots
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.link import WooCommerceLink
from integration.domain.shops.ports import ShopContext, ShopLink, Translation

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "DE", {"2026-11-de-1": "Ja, schreibt mir per WhatsApp."})
SECRET = 'geheim-&-"quoted"'


@dataclass(frozen=True)
class Platform:
    """One registry entry with its own samples."""

    name: str
    signature: str
    topic_header: str
    order_topic: str
    order: bytes
    deleted: tuple[str, bytes]
    thin: str
    other: str
    ping: bytes | None
    poll: Callable[[ShopContext], Translation]
    address: Callable[[str], dict[str, str]]
    keys: dict[str, str]
    #: the link of these settings, made so that it does not pause between two tries
    link: Callable[[Any, ShopContext], ShopLink]

    @property
    def without_keys(self) -> ShopSettings:
        return self._settings(self.address("http://127.0.0.1:9"))

    def with_keys(self, url: str) -> ShopSettings:
        """Settings of a shop whose API is at `url`, on loopback."""
        return self._settings(self.address(url) | self.keys)

    def _settings(self, own: dict[str, str]) -> ShopSettings:
        return self.connector.settings.model_validate({"name": "Laden", "webhook_secret": "geheim", **own})

    @property
    def connector(self) -> Connector:
        return CONNECTORS[self.name]

    def headers(self, body: bytes, secret: str = SECRET) -> dict[str, str]:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        return {self.signature: base64.b64encode(digest).decode(), self.topic_header: self.order_topic}

    def translate(self, body: bytes, topic: str | None = None, shop: ShopContext = SHOP) -> Translation:
        return self.connector.translate(topic or self.order_topic, body, shop, NOW)


def _shopify_poll(shop: ShopContext) -> Translation:
    node = orjson.loads((DATA / "shopify/order_graphql.json").read_bytes())
    return Translation(order_snapshots(webhook_shape(node), shop))


def _woocommerce_poll(shop: ShopContext) -> Translation:
    # REST lists the same object, written by another serialiser
    order = orjson.loads(WOOCOMMERCE_ORDER)
    return CONNECTORS["woocommerce"].translate("order.updated", orjson.dumps(order), shop, NOW)


WOOCOMMERCE_ORDER = (DATA / "woocommerce/20_order.updated_ast.body").read_bytes()
PLATFORMS = (
    Platform(
        name="shopify",
        signature="x-shopify-hmac-sha256",
        topic_header="x-shopify-topic",
        order_topic="orders/updated",
        order=(DATA / "shopify/order.json").read_bytes(),
        deleted=("orders/delete", b'{"id":788032119674292922}'),
        thin="orders/edited",
        other="collections/update",
        ping=None,
        poll=_shopify_poll,
        address=lambda url: {"domain": "laden.myshopify.com", "base_url": url},
        keys={"access_token": "shpat_geheim"},
        link=lambda settings, shop: shopify_link(settings, shop, now, sleep=lambda seconds: None),
    ),
    Platform(
        name="woocommerce",
        signature="x-wc-webhook-signature",
        topic_header="x-wc-webhook-topic",
        order_topic="order.updated",
        order=WOOCOMMERCE_ORDER,
        deleted=("order.deleted", b'{"id":31}'),
        thin="action.woocommerce_order_status_completed",
        other="product.updated",
        ping=b"webhook_id=25",
        poll=_woocommerce_poll,
        address=lambda url: {"url": url},
        keys={"consumer_key": "ck_geheim", "consumer_secret": "cs_geheim"},
        link=lambda settings, shop: WooCommerceLink(
            WooCommerceClient(settings.url, *settings.keys, clock=now, pause=0), shop
        ),
    ),
)


@pytest.fixture
def sampled() -> set[str]:
    """The platforms that have samples."""
    return {platform.name for platform in PLATFORMS}


@pytest.fixture
def shop() -> ShopContext:
    """The shop that the samples belong to."""
    return SHOP


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Each registry entry in turn."""
    found: Platform = request.param
    return found
