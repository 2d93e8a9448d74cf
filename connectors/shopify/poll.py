"""The streams of a Shopify shop, and how a node of each becomes snapshots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.reading import Json, mapping, moment, quantity, rows, text
from connectors.shopify import documents
from connectors.shopify.carts import cart_snapshot, checkout_shape
from connectors.shopify.changes import Source, by_day, since
from connectors.shopify.client import Client
from connectors.shopify.graphql import webhook_shape
from connectors.shopify.native import customer_snapshot
from connectors.shopify.orders import order_snapshots
from connectors.shopify.products import product_snapshots
from integration import log
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import ShopContext, Stream

logger = log.get("shopify")

ORDERS: Final = "orders"
HISTORY: Final = "history"
CARTS: Final = "carts"
CUSTOMERS: Final = "customers"
PRODUCTS: Final = "products"
DAYS: Final = timedelta(days=30)

#: orders begin now; what was before comes with the history, which never holds up what happens now
STREAMS: Final = (
    Stream(ORDERS, timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1)),
    Stream(HISTORY, timedelta(seconds=10), timedelta(days=1), DAYS),
    Stream(CARTS, timedelta(minutes=10), timedelta(minutes=30), timedelta(days=1)),
    Stream(CUSTOMERS, timedelta(minutes=10), timedelta(hours=1), DAYS),
    Stream(PRODUCTS, timedelta(minutes=15), timedelta(hours=2), timedelta(days=3650)),
)
#: a checkout is listed only some time after it was left, without a new time of modification
CARTS_REACH: Final = timedelta(hours=12)


def sources(shop: ShopContext) -> Mapping[str, Source]:
    """How each stream is read, for one shop."""
    return {
        ORDERS: Source(
            field="orders",
            changed=documents.ORDERS_CHANGED,
            details=documents.ORDER_DETAILS,
            batch=documents.BATCH["orders"],
            search=lambda start, end: since("updated_at", start, end),
            translate=lambda client, data: _orders(client, data, shop),
        ),
        CARTS: Source(
            field="abandonedCheckouts",
            changed=documents.CARTS_CHANGED,
            details=documents.CART_DETAILS,
            batch=documents.BATCH["carts"],
            search=lambda start, end: since("created_at", start, end),
            translate=lambda _, data: _each(data, lambda node: cart_snapshot(checkout_shape(node), shop)),
            reach=CARTS_REACH,
        ),
        CUSTOMERS: Source(
            field="customers",
            changed=documents.CUSTOMERS_CHANGED,
            details=documents.CUSTOMER_DETAILS,
            batch=documents.BATCH["customers"],
            search=lambda start, _: by_day("updated_at", start),
            translate=lambda _, data: _each(data, lambda node: customer_snapshot(node, shop)),
            newest_first=True,
        ),
        PRODUCTS: Source(
            field="products",
            changed=documents.PRODUCTS_CHANGED,
            details=documents.PRODUCT_DETAILS,
            batch=documents.BATCH["products"],
            search=lambda start, end: since("updated_at", start, end),
            translate=lambda client, data: product_snapshots(client, data, shop),
        ),
    }


def order_nodes(client: Client, nodes: list[Json], shop: ShopContext) -> list[Snapshot]:
    """Orders as GraphQL answers them, with every parcel. Raises ShopError."""
    return [one for node in nodes for one in _translated(lambda one: _order(client, one, shop), node)]


def ready_for_pickup(found: Snapshot, at: object, now: datetime) -> Snapshot:
    """An order that the shop has just laid out at the counter; its other objects as they are."""
    if found.object_type is not ObjectType.ORDER:
        return found
    ready = min(moment(at) or now, now)
    return replace(found, facts={**found.facts, "ready_for_pickup_at": ready.isoformat()})


def _orders(client: Client, data: Json, shop: ShopContext) -> list[Snapshot]:
    nodes = [node for node in rows(data.get("nodes")) if node.get("id")]
    laid_out = _laid_out(client, [text(node["id"]) for node in nodes if _may_be_fetched(node)])
    return order_nodes(client, [laid_out.get(node["id"], {}) | node for node in nodes], shop)


def _may_be_fetched(node: Json) -> bool:
    """Whether an order may be waiting at a counter: it has no address to be sent to, and is not over."""
    done = node.get("cancelledAt") or node.get("displayFulfillmentStatus") == "FULFILLED"
    return not (node.get("shippingAddress") or done or node.get("sourceName") == "pos")


def _laid_out(client: Client, gids: list[str]) -> dict[str, Json]:
    """Since when each of these orders waits at the counter, as a part of its node.

    Marking goods as prepared for pickup puts their fulfilment order in progress. Asked apart from the orders: where
    this permission is missing, the orders come nevertheless.
    """
    if not gids:
        return {}
    found = rows(client.ask(documents.ORDERS_AT_COUNTER, {"ids": gids}).data.get("nodes"))
    return {text(node.get("id")): {"laidOutAt": at} for node in found if (at := _at_counter(node))}


def _at_counter(node: Json) -> object:
    for row in rows(mapping(node.get("fulfillmentOrders")).get("nodes")):
        if row.get("status") == "IN_PROGRESS" and mapping(row.get("deliveryMethod")).get("methodType") == "PICK_UP":
            return row.get("updatedAt")
    return None


def _order(client: Client, node: Json, shop: ShopContext) -> Sequence[Snapshot]:
    parcels = rows(node.get("fulfillments"))
    if quantity(mapping(node.get("fulfillmentsCount")).get("count")) > len(parcels):
        answer = client.query(documents.ORDER_PARCELS, {"id": node.get("id")})
        more = rows(mapping(answer.data.get("order")).get("fulfillments"))
        node = node | {"fulfillments": more or parcels}
    return order_snapshots(webhook_shape(node), shop)


def _each(data: Json, translate: Callable[[Json], Snapshot]) -> list[Snapshot]:
    nodes = [node for node in rows(data.get("nodes")) if node.get("id")]
    return [one for node in nodes for one in _translated(lambda one: (translate(one),), node)]


def _translated(translate: Callable[[Json], Sequence[Snapshot]], node: Json) -> Sequence[Snapshot]:
    """What a node says; one that Shopify would never send holds nobody up."""
    try:
        return translate(node)
    except Malformed as error:
        logger.warning("node_malformed", reason=str(error))
        return ()
