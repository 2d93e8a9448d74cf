"""Webhooks that tell that something changed, but not how it is now: what must be read from the shop."""

from typing import Final

from connectors import notes
from connectors.reading import Json, identifier, mapping
from connectors.shopify.ids import canonical_id
from integration.domain.shops.events import ObjectType
from integration.domain.shops.ports import Translation

PICKUP: Final = "fulfillment_orders/line_items_prepared_for_pickup"
EDITED: Final = "orders/edited"
CONSENT: Final = "customers_whats_app_marketing_consent/update"
PRODUCTS: Final = frozenset({"products/create", "products/update"})
OF_AN_ORDER: Final = frozenset(
    {"refunds/create", "order_transactions/create", "fulfillment_events/create", "fulfillment_events/delete"}
)
TOPICS: Final = OF_AN_ORDER | PRODUCTS | {EDITED, PICKUP, CONSENT}


def hint(topic: str, found: Json) -> Translation:
    """What to read; `thin` alone when the body names nothing (then the next poll finds it)."""
    wanted = _wanted(topic, found)
    return Translation(note=notes.THIN.note, reread=(wanted,)) if wanted and wanted[1] else notes.THIN


def _wanted(topic: str, found: Json) -> tuple[ObjectType, str]:
    if topic in PRODUCTS:
        return ObjectType.PRODUCT, canonical_id(found)
    if topic == CONSENT:
        return ObjectType.CUSTOMER, _customer(found)
    if topic == PICKUP:
        number = _number(mapping(found.get("fulfillment_order")).get("id"))
        return ObjectType.ORDER, f"FulfillmentOrder/{number}" if number else ""
    order = mapping(found.get("order_edit")) if topic == EDITED else found
    return ObjectType.ORDER, identifier(order.get("order_id"))


def _customer(found: Json) -> str:
    # No genuine body of this topic is known, so every plausible place is looked at.
    named = found.get("admin_graphql_api_customer_id") or found.get("customer_id") or found.get("customerId")
    return _number(named) or canonical_id(mapping(found.get("customer"))) or _customers_own(found)


def _customers_own(found: Json) -> str:
    gid = found.get("admin_graphql_api_id")
    return canonical_id(found) if isinstance(gid, str) and "/Customer/" in gid else ""


def _number(value: object) -> str:
    return identifier(value.rpartition("/")[2]) if isinstance(value, str) else identifier(value)
