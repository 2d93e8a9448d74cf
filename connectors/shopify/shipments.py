"""A Shopify fulfilment as the snapshot of a parcel (docs/reference/shopify.md section 6)."""

from datetime import datetime
from typing import Final, cast

from connectors.reading import Json, day, identifier, iso, link, moment, rows, text
from connectors.shopify.ids import canonical_id
from integration.domain.errors import Malformed
from integration.domain.shops.carriers import carrier_name, tracking_url
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, ShipmentFacts
from integration.domain.shops.ports import ShopContext

#: nothing is on its way: the parcel keeps no number, so it can never become "shipped"
FAILED: Final = frozenset({"cancelled", "error", "failure"})


def shipments_of(order: Json, order_id: str, version: datetime, shop: ShopContext) -> list[Snapshot]:
    """One snapshot for each fulfilment inside an order; one without id is left out."""
    parcels = [(canonical_id(row), row) for row in rows(order.get("fulfillments"))]
    return [_snapshot(row, parcel_id, order_id, version, shop) for parcel_id, row in parcels if parcel_id]


def lone_shipment(row: Json, shop: ShopContext) -> Snapshot:
    """The body of fulfillments/create and fulfillments/update."""
    parcel_id, order_id = canonical_id(row), identifier(row.get("order_id"))
    if not parcel_id or not order_id:
        raise Malformed("the fulfilment has no id or no order")
    version = moment(row.get("updated_at")) or moment(row.get("created_at"))
    if version is None:
        raise Malformed("the fulfilment has no time of modification")
    return _snapshot(row, parcel_id, order_id, version, shop)


def _snapshot(row: Json, parcel_id: str, order_id: str, otherwise: datetime, shop: ShopContext) -> Snapshot:
    version = moment(row.get("updated_at")) or moment(row.get("created_at")) or otherwise
    facts = cast(Facts, _facts(row, order_id, version))
    return Snapshot(shop.slug, ObjectType.SHIPMENT, parcel_id, version, facts)


def _facts(row: Json, order_id: str, version: datetime) -> ShipmentFacts:
    failed = _word(row.get("status")) in FAILED
    numbers = [] if failed else _numbers(row)
    number, company = numbers[0] if numbers else "", text(row.get("tracking_company"))
    shown = link(row.get("tracking_url")) if numbers else ""
    state = "" if failed else _word(row.get("shipment_status"))
    # A webhook says only where the parcel is; GraphQL says since when.
    delivered = moment(row.get("delivered_at")) or version if state == "delivered" else None
    at_the_door = version if state == "out_for_delivery" else None
    return {
        "order_id": order_id,
        "number": number,
        "aliases": numbers[1:],
        "carrier": carrier_name(company, shown),
        "url": shown or tracking_url(company, number),
        "shipped_at": None if failed else iso(moment(row.get("created_at"))),
        "delivered_at": iso(delivered),
        "out_for_delivery_at": None if failed else iso(moment(row.get("out_for_delivery_at")) or at_the_door),
        "promised_on": "" if failed else day(row.get("estimated_delivery_at")),
    }


def _numbers(row: Json) -> list[str]:
    more = row.get("tracking_numbers")
    found = [row.get("tracking_number"), *(more if isinstance(more, list) else [])]
    return list(dict.fromkeys(number for one in found if (number := text(one, 100))))


def _word(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""
