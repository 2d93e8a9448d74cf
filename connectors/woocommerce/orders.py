"""A WooCommerce order as a snapshot, and one more for each parcel (reference/woocommerce.md 3, 6, 8)."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from connectors.facts import BuyerFacts
from connectors.reading import Json, country_code, identifier, iso, mapping, moment, quantity, rows, text
from connectors.woocommerce.consent import consent_of
from connectors.woocommerce.shipments import shipments_of
from integration.domain.errors import Malformed
from integration.domain.events import ObjectType, Snapshot
from integration.domain.facts import ConsentEvidence, Facts, OrderFacts, OrderStatus
from integration.domain.ports import ShopContext

LINES: Final = 50
STATUSES: Final = {
    "checkout-draft": OrderStatus.DRAFT,
    "auto-draft": OrderStatus.DRAFT,
    "draft": OrderStatus.DRAFT,
    "pending": OrderStatus.PENDING,
    "on-hold": OrderStatus.ON_HOLD,
    "processing": OrderStatus.PROCESSING,
    "completed": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
    "failed": OrderStatus.FAILED,
    "trash": OrderStatus.GONE,
}
#: how long after its draft was opened a block-checkout order may have been placed by this very modification
PLACED_WITHIN: Final = timedelta(hours=48)


def order_snapshots(order: Json, shop: ShopContext) -> tuple[Snapshot, ...]:
    """The order and its parcels. Malformed without id, status or time of modification."""
    order_id, status = identifier(order.get("id")), text(order.get("status"))
    if not order_id or not status:
        raise Malformed("the order has no id or no status")
    version = moment(order.get("date_modified_gmt")) or moment(order.get("date_created_gmt"))
    if version is None:
        raise Malformed("the order has no time of modification")
    known = STATUSES.get(status, OrderStatus.PROCESSING)
    evidence = None if known == OrderStatus.DRAFT else consent_of(order)
    facts = cast(Facts, _facts(order, shop, order_id, known, evidence, version))
    snapshot = Snapshot(shop.slug, ObjectType.ORDER, order_id, version, facts)
    return (snapshot, *shipments_of(order, order_id, version, shop.slug))


def _facts(
    order: Json,
    shop: ShopContext,
    order_id: str,
    status: OrderStatus,
    evidence: ConsentEvidence | None,
    version: datetime,
) -> OrderFacts:
    return {
        "number": text(order.get("number")) or order_id,
        "status": status.value,
        "source": _source(order),
        "test": False,
        "placed_at": _placed_at(order, evidence, version).isoformat(),
        "paid_at": iso(moment(order.get("date_paid_gmt"))),
        "completed_at": iso(moment(order.get("date_completed_gmt"))),
        "cancelled_at": None,
        "ready_for_pickup_at": None,
        "cart_id": "",
        "total": text(order.get("total"), 40),
        "currency": text(order.get("currency"), 3),
        **_buyer(order, evidence, shop),
        "locale": text(evidence["raw"].get("locale"), 35) if evidence else "",
        "items": [_item(row) for row in rows(order.get("line_items"))[:LINES]],
        "refunds": [refund for row in rows(order.get("refunds")) if (refund := _refund(row))["id"]],
        "consent": evidence,
    }


def _buyer(order: Json, evidence: ConsentEvidence | None, shop: ShopContext) -> BuyerFacts:
    billing = mapping(order.get("billing"))
    shipping = mapping(order.get("shipping"))
    named = next((row for row in (billing, shipping) if row.get("first_name") or row.get("last_name")), {})
    # The delivery phone may be a neighbour's, so it is never used.
    agreed = evidence["phone"] if evidence and evidence["granted"] else ""
    return {
        "first_name": text(named.get("first_name")),
        "last_name": text(named.get("last_name")),
        "email": text(billing.get("email")),
        "phone": agreed or text(billing.get("phone"), 40),
        "country": country_code(billing.get("country")) or shop.country,
        "region": text(billing.get("state"), 8),
        "customer_id": identifier(order.get("customer_id")),
    }


def _source(order: Json) -> str:
    via = text(order.get("created_via"))
    if via == "admin":
        return "draft"
    return "pos" if via.startswith("pos") else "web"


def _placed_at(order: Json, evidence: ConsentEvidence | None, version: datetime) -> datetime:
    """When the order was placed. `date_created_gmt` of a block checkout is when its draft was opened."""
    created = moment(order.get("date_created_gmt")) or version
    if order.get("created_via") != "store-api":
        return created
    submitted = moment(evidence["at"]) if evidence else None
    known = submitted or moment(order.get("date_paid_gmt"))
    return known or (version if version - created <= PLACED_WITHIN else created)


def _item(row: Json) -> dict[str, Any]:
    return {
        "id": identifier(row.get("id")),
        "name": text(row.get("name")),
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }


def _refund(row: Json) -> dict[str, str]:
    return {"id": identifier(row.get("id")), "total": text(row.get("total"), 40).removeprefix("-")}
