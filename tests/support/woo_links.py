"""Our link to a pretend WooCommerce shop on loopback, and walks through its streams."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.link import WooCommerceLink
from integration.domain.shops.events import Snapshot
from integration.domain.shops.ports import Page, ShopContext
from integration.sandbox.woocommerce.loopback import LoopbackShop


def linked(shop: LoopbackShop, timeout: float = 60, **context: Any) -> WooCommerceLink:
    client = WooCommerceClient(
        shop.url, shop.config.woocommerce_key, shop.config.woocommerce_key_secret, clock=now, timeout=timeout, pause=0
    )
    return WooCommerceLink(client, ShopContext("laden", "DE", **context), [shop.url])


def now() -> datetime:
    return datetime.now(UTC)


def beginning(link: WooCommerceLink, stream: str = "orders") -> Any:
    return link.first_cursor(stream, now() - timedelta(days=365))


def whole(link: WooCommerceLink, stream: str = "orders", cursor: Any = None) -> tuple[list[Snapshot], Page]:
    """Everything that a stream has to say, and its last page."""
    cursor, found = cursor or beginning(link, stream), []
    for _ in range(500):
        page = link.page(stream, cursor, now())
        found += page.snapshots
        cursor = page.cursor
        if not page.more:
            return found, page
    raise AssertionError("it never ends")
