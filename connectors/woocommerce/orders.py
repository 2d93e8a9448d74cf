"""A WooCommerce order as a snapshot, and one more for each parcel (docs/reference/woocommerce.md sections 3, 6, 8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from connectors.reading import Json, day, identifier, iso, moment, plain, quantity, rows, text
from connectors.woocommerce.carts import CART_META, DRAFT, cart_snapshot
from connectors.woocommerce.consent import consent_of, marketing_consent_of
from connectors.woocommerce.people import buyer
from connectors.woocommerce.shipments import is_returning, meta_text, shipments_of
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import ConsentEvidence, Facts, OrderFacts, OrderStatus
from integration.domain.shops.ports import ShopContext

LINES: Final = 100
#: where WooCommerce notes (from 8.5, if the visitor agreed to that) which link somebody came by
SOURCE_META: Final = "_wc_order_attribution_utm_source"
STATUSES: Final = {
    "pending": OrderStatus.PENDING,
    "on-hold": OrderStatus.ON_HOLD,
    "processing": OrderStatus.PROCESSING,
    "completed": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
    "failed": OrderStatus.FAILED,
    "trash": OrderStatus.GONE,
}
PAYMENTS: Final = {"cod": "cod", "bacs": "transfer", "cheque": "transfer", "invoice": "transfer"}
#: what the shop's staff has not finished typing
UNFINISHED: Final = frozenset({"auto-draft", "draft", "new"})
#: how long after its draft was opened a block-checkout order may have been placed by this very modification
PLACED_WITHIN: Final = timedelta(hours=48)


def order_snapshots(order: Json, shop: ShopContext, fulfillments: Sequence[Json] = ()) -> tuple[Snapshot, ...]:
    """The order, its parcels, and the cart that it was. `fulfillments` are core's, which must be asked for.

    Malformed without id, status or time of modification.
    """
    order_id, status, version = head(order)
    if status == DRAFT:
        return (cart_snapshot(order, order_id, order_id, version, shop),)
    if status in UNFINISHED:
        return ()
    evidence = consent_of(order)
    known = STATUSES.get(status, OrderStatus.PROCESSING)
    facts = cast(Facts, _facts(order, shop, order_id, known, evidence, version))
    snapshot = Snapshot(shop.slug, ObjectType.ORDER, order_id, version, facts)
    parcels = shipments_of(order, order_id, version, shop, fulfillments)
    cart_id = facts["cart_id"]
    # A session's key may name a newer cart by now, which no later change of this order may hide.
    seen = version if cart_id == order_id else moment(order.get("date_created_gmt")) or version
    cart = (cart_snapshot(order, cart_id, order_id, seen, shop),) if cart_id else ()
    return (snapshot, *parcels, *cart)


def head(order: Json) -> tuple[str, str, datetime]:
    """Id, status and time of modification."""
    order_id, status = identifier(order.get("id")), text(order.get("status"))
    if not order_id or not status:
        raise Malformed("the order has no id or no status")
    version = moment(order.get("date_modified_gmt")) or moment(order.get("date_created_gmt"))
    if version is None:
        raise Malformed("the order has no time of modification")
    return order_id, status, version


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
        # The block checkout's cart is a draft of the same id; the classic one's is known to the companion plugin alone.
        "code": "",
        "payment": _payment(text(order.get("payment_method"))),
        "cart_id": order_id if order.get("created_via") == "store-api" else meta_text(order, CART_META)[:64],
        "vouchers": [code for row in rows(order.get("coupon_lines"))[:LINES] if (code := text(row.get("code"), 64))],
        "came_by": meta_text(order, SOURCE_META)[:64],
        "returning": is_returning(order),
        "promised_on": day(meta_text(order, shop.promised_meta)) if shop.promised_meta else "",
        "total": text(order.get("total"), 40),
        "currency": text(order.get("currency"), 3),
        **buyer(order, evidence, shop),
        "locale": text(evidence["raw"].get("locale"), 35) if evidence else "",
        "items": [_item(row) for row in rows(order.get("line_items"))[:LINES]],
        "refunds": [refund for row in rows(order.get("refunds")) if (refund := _refund(row))["id"]],
        "consent": evidence,
        "marketing_consent": marketing_consent_of(order),
    }


def _payment(method: str) -> str:
    """How it is paid; every other method has a page on which somebody may turn back."""
    return PAYMENTS.get(method, "page" if method else "")


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
        "name": plain(row.get("name")),
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }


def _refund(row: Json) -> dict[str, str]:
    return {"id": identifier(row.get("id")), "total": text(row.get("total"), 40).removeprefix("-")}
