"""The parcels of a WooCommerce order: plugins keep them, core's order says only "fulfilled" (section 7).

The core meta `_fulfillment_status` alone makes no parcel: who wants to know more must read the fulfilments.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from urllib.parse import quote

from connectors.reading import Json, identifier, iso, link, moment, rows, text
from integration.domain.carriers import carrier_name, tracking_url
from integration.domain.events import ObjectType, Snapshot
from integration.domain.facts import Facts, ShipmentFacts

TRACKING_META: Final = "_wc_shipment_tracking_items"
#: Shiptastic's states in which a parcel has left; before them a number is only a printed label
LEFT: Final = frozenset({"shipped", "delivered"})
LAST_EPOCH: Final = 4_102_444_800
ONE_DAY: Final = 86_400
#: a date without time may be up to a day and a time zone older than the moment it was typed in
SAME_DAY: Final = timedelta(hours=36)

Parcel = tuple[str, ShipmentFacts]


def shipments_of(order: Json, order_id: str, version: datetime, shop: str) -> list[Snapshot]:
    """One snapshot per parcel; a number that two plugins know is one parcel."""
    found, numbers = [], set[str]()
    parcels = (*_shiptastic(order, order_id, version), *_tracking_items(order, order_id, version))
    for parcel_id, facts in parcels:
        if facts["number"] and facts["number"] in numbers:
            continue
        numbers.add(facts["number"])
        found.append(Snapshot(shop, ObjectType.SHIPMENT, parcel_id, version, cast(Facts, facts)))
    return found


def _shiptastic(order: Json, order_id: str, version: datetime) -> Iterator[Parcel]:
    """Shiptastic's `shipments[]`; returns are not for the customer to wait for."""
    for row in rows(order.get("shipments")):
        parcel_id = identifier(row.get("id"))
        if parcel_id and row.get("type") != "return":
            yield f"{order_id}:{parcel_id}", _shiptastic_facts(row, order_id, version)


def _shiptastic_facts(row: Json, order_id: str, version: datetime) -> ShipmentFacts:
    status = row.get("status")
    provider = text(row.get("shipping_provider_title")) or text(row.get("shipping_provider"))
    number = text(row.get("tracking_id"), 100) if status in LEFT else ""
    shown = link(row.get("tracking_url")) if number else ""
    return {
        "order_id": order_id,
        "number": number,
        "aliases": [],
        "carrier": carrier_name(provider, shown),
        "url": shown or tracking_url(provider, number),
        "shipped_at": iso(moment(row.get("date_sent_gmt"))) if number else None,
        "delivered_at": iso(version) if status == "delivered" else None,
        "out_for_delivery_at": None,
    }


def _tracking_items(order: Json, order_id: str, version: datetime) -> Iterator[Parcel]:
    """The list that Advanced Shipment Tracking and the official Shipment Tracking keep in its meta."""
    kept = [row.get("value") for row in rows(order.get("meta_data")) if row.get("key") == TRACKING_META]
    for row in rows(kept[-1]) if kept else []:
        number = text(row.get("tracking_number"), 100)
        parcel_id = text(row.get("tracking_id"), 64) or number
        if parcel_id:
            yield f"{order_id}:{parcel_id}", _tracking_facts(row, order_id, number, version)


def _tracking_facts(row: Json, order_id: str, number: str, version: datetime) -> ShipmentFacts:
    provider = text(row.get("custom_tracking_provider")) or text(row.get("tracking_provider"))
    shown = _custom_link(row.get("custom_tracking_link"), number)
    return {
        "order_id": order_id,
        "number": number,
        "aliases": [],
        "carrier": carrier_name(provider, shown),
        "url": shown or tracking_url(provider, number),
        "shipped_at": iso(_shipped_at(row.get("date_shipped"), version)),
        "delivered_at": None,
        "out_for_delivery_at": None,
    }


def _custom_link(template: object, number: str) -> str:
    # The plugins store the link with PHP's placeholder still in it.
    if not isinstance(template, str) or not number:
        return ""
    return link(template.replace("%1$s", quote(number, safe="")))


def _shipped_at(value: object, version: datetime) -> datetime | None:
    """The time of a `date_shipped`, which is a Unix time as text in one row and as a number in the next.

    Midnight means that only the day is known. Today's midnight would lie before the order itself, so a fresh
    day gives None: the parcel then counts as shipped when the order was modified.
    """
    seconds = int(value) if isinstance(value, int) or (isinstance(value, str) and _is_epoch(value)) else 0
    if isinstance(value, bool) or not 0 < seconds < LAST_EPOCH:
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    if seconds % ONE_DAY == 0 and version - at < SAME_DAY:
        return None
    return min(at, version)


def _is_epoch(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 10
