"""What tests of the Shopify connector share: a link to a fake shop, orders as GraphQL answers them, whole runs."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from fakeshop import RIGHT, FakeShop

from connectors.shopify.link import ShopifyLink, link_of
from connectors.shopify.settings import ShopifySettings
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Cursor, Page, ShopContext

DATA = Path(__file__).parents[1] / "data/shopify"
NODE: dict[str, Any] = orjson.loads((DATA / "order_graphql.json").read_bytes())
SHOP = ShopContext("laden", "DE")
real_time = partial(datetime.now, UTC)
START = real_time().replace(microsecond=0) - timedelta(hours=3)


def linked(server: FakeShop, shop: ShopContext = SHOP, **changes: Any) -> ShopifyLink:
    """A link to a fake shop that never sleeps."""
    given = {"name": "L", "domain": "l.myshopify.com", "base_url": server.url, "client_id": "id"}
    settings = ShopifySettings.model_validate(given | {"client_secret": RIGHT} | changes)
    return link_of(settings, shop, real_time, lambda _: None)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def order(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    node = deepcopy(NODE) | {"id": f"gid://shopify/Order/{9_007_199_254_741_000 + number}", "name": f"#{number}"}
    parcels = [parcel | {"id": f"gid://shopify/Fulfillment/{number}"} for parcel in node["fulfillments"]]
    return node | {"updatedAt": stamp(at), "createdAt": stamp(at), "fulfillments": parcels} | changes


def run(link: ShopifyLink, cursor: Cursor, now: datetime, stream: str = "orders") -> tuple[Cursor, list[Snapshot]]:
    """All steps of one run."""
    found: list[Snapshot] = []
    for _ in range(100):
        page: Page = link.page(stream, orjson.loads(orjson.dumps(cursor)), now)
        found += page.snapshots
        cursor = page.cursor
        if not page.more:
            return cursor, found
    raise AssertionError("the run does not end")


def numbers(found: list[Snapshot]) -> list[str]:
    return [one.facts["number"] for one in found if one.object_type is ObjectType.ORDER]
