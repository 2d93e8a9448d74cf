"""Shopify products with what can be bought of them."""

from collections.abc import Sequence
from typing import Any, cast

from connectors.reading import Json, link, mapping, moment, rows, text
from connectors.shopify.client import Client
from connectors.shopify.documents import MORE_VARIANTS
from connectors.shopify.ids import canonical_id
from connectors.shopify.orders import amount
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, ProductFacts, VariantFacts
from integration.domain.shops.ports import ShopContext

#: pages of variants beyond the first; Shopify allows 2,048 variants
MOST_PAGES = 10


def product_snapshots(client: Client, data: Json, shop: ShopContext) -> list[Snapshot]:
    """The answer to `ProductDetails`; further variants are read one product at a time. Raises ShopError."""
    currency = text(mapping(data.get("shop")).get("currencyCode"), 3)
    found = []
    for node in rows(data.get("nodes")):
        product_id, version = _id(node), moment(node.get("updatedAt"))
        if product_id and version:
            facts = cast(Facts, _facts(node, _variants(client, node), currency))
            found.append(Snapshot(shop.slug, ObjectType.PRODUCT, product_id, version, facts))
    return found


def _facts(node: Json, variants: Sequence[Json], currency: str) -> ProductFacts:
    picture = mapping(mapping(mapping(node.get("featuredMedia")).get("preview")).get("image"))
    kind = text(node.get("productType"))
    return {
        "name": text(node.get("title")),
        "url": link(node.get("onlineStoreUrl")),
        "picture": link(picture.get("url")),
        "categories": [kind] if kind else [],
        "currency": currency,
        # Without an address in the online store nobody can be sent there.
        "published": node.get("status") == "ACTIVE" and bool(link(node.get("onlineStoreUrl"))),
        "variants": [_variant(row, node.get("tracksInventory") is True) for row in variants],
    }


def _variant(row: Json, counted: bool) -> VariantFacts:
    stock: Any = row.get("inventoryQuantity")
    return {
        "id": _id(row),
        "name": "" if row.get("title") == "Default Title" else text(row.get("title")),
        "sku": text(row.get("sku")),
        "price": amount(row.get("price")),
        "in_stock": row.get("availableForSale") is True,
        "stock": stock if counted and isinstance(stock, int) and not isinstance(stock, bool) else None,
    }


def _variants(client: Client, node: Json) -> list[Json]:
    connection = mapping(node.get("variants"))
    found = rows(connection.get("nodes"))
    for _ in range(MOST_PAGES):
        info = mapping(connection.get("pageInfo"))
        after = text(info.get("endCursor"), 2_000)
        if info.get("hasNextPage") is not True or not after:
            break
        answer = client.query(MORE_VARIANTS, {"id": node.get("id"), "after": after})
        connection = mapping(mapping(answer.data.get("product")).get("variants"))
        found += rows(connection.get("nodes"))
    return found


def _id(row: Json) -> str:
    return canonical_id({"admin_graphql_api_id": row.get("id")})
