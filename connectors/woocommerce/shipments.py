"""The parcels of a WooCommerce order (docs/reference/woocommerce.md section 7).

Plugins keep them inside the order. Core's order says only "fulfilled": its fulfilments must be read, too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from urllib.parse import quote

from connectors.reading import LAST_EPOCH, URL, Json, identifier, iso, link, moment, rows, text
from integration.domain.shops.carriers import carrier_name, tracking_url
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, ShipmentFacts
from integration.domain.shops.ports import ShopContext

TRACKING_META: Final = "_wc_shipment_tracking_items"
#: Shiptastic's states in which a parcel has left; before them a number is only a printed label
LEFT: Final = frozenset({"shipped", "delivered"})
ONE_DAY: Final = 86_400
#: a date without time may be up to a day and a time zone older than the moment it was typed in
SAME_DAY: Final = timedelta(hours=36)

FULFILLMENT_META: Final = "_fulfillment_status"
NOT_FULFILLED: Final = frozenset({"", "no_fulfillments", "unfulfilled"})
MOST: Final = 50

Parcel = tuple[str, ShipmentFacts]


def shipments_of(
    order: Json, order_id: str, version: datetime, shop: ShopContext, fulfillments: Sequence[Json]
) -> list[Snapshot]:
    """One snapshot per parcel; a number that two plugins know is one parcel."""
    found, numbers = [], set[str]()
    parcels = (
        *_shiptastic(order, order_id, version),
        *_tracking_items(order, order_id, version),
        *_fulfillments(fulfillments, order, order_id),
        *_mapped(order, order_id, shop.tracking_meta),
    )
    for parcel_id, facts in parcels:
        if facts["number"] and facts["number"] in numbers:
            continue
        numbers.add(facts["number"])
        found.append(Snapshot(shop.slug, ObjectType.SHIPMENT, parcel_id, version, cast(Facts, facts)))
    return found


def has_fulfillments(order: Json) -> bool:
    """Whether core knows parcels of this order, which it tells only when asked."""
    return meta_text(order, FULFILLMENT_META) not in NOT_FULFILLED


def is_returning(order: Json) -> bool:
    """Whether a parcel comes back, as Shiptastic keeps it."""
    return any(row.get("type") == "return" for row in rows(order.get("shipments")))


def meta_text(order: Json, path: str) -> str:
    """A meta as text; `key.part` is a part of an object, a list gives its texts one after the other."""
    key, _, part = path.partition(".")
    kept = [row.get("value") for row in rows(order.get("meta_data")) if row.get("key") in (key, path)]
    value = kept[-1] if kept else None
    if isinstance(value, dict):
        value = value.get(part)
    if isinstance(value, list):
        return " ".join(text(one) for one in value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, URL)


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
        "promised_on": "",
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
        "promised_on": "",
    }


def _fulfillments(fulfillments: Sequence[Json], order: Json, order_id: str) -> Iterator[Parcel]:
    """Core's fulfilments: their dates are site time without offset; one not yet fulfilled is a printed label."""
    for row in fulfillments:
        parcel_id = identifier(row.get("id"))
        if parcel_id:
            yield f"{order_id}:f{parcel_id}", _fulfillment_facts(row, order, order_id)


def _fulfillment_facts(row: Json, order: Json, order_id: str) -> ShipmentFacts:
    left = row.get("is_fulfilled") is True
    number, shown = meta_text(row, "_tracking_number") if left else "", link(meta_text(row, "_tracking_url"))
    provider = meta_text(row, "_provider_name") or meta_text(row, "_shipment_provider")
    return {
        "order_id": order_id,
        "number": number[:100],
        "aliases": [],
        "carrier": carrier_name(provider, shown),
        "url": (shown or tracking_url(provider, number)) if number else "",
        "shipped_at": iso(_from_site_time(meta_text(row, "_date_fulfilled"), order)) if left else None,
        "delivered_at": None,
        "out_for_delivery_at": None,
        "promised_on": "",
    }


def _from_site_time(value: str, order: Json) -> datetime | None:
    """The order's own two dates tell how far the site's time is from UTC."""
    local, here, utc = moment(value), moment(order.get("date_modified")), moment(order.get("date_modified_gmt"))
    return local - (here - utc) if local and here and utc else None


def _mapped(order: Json, order_id: str, names: Mapping[str, str]) -> Iterator[Parcel]:
    """Whatever the owner says holds the tracking numbers; several stand apart by blanks, commas or semicolons."""
    numbers = re.split(r"[\s,;]+", meta_text(order, names["number"])) if names.get("number") else []
    carrier = meta_text(order, names.get("carrier", "")) or names.get("carrier_name", "")
    page = link(meta_text(order, names.get("url", "")))
    for number in dict.fromkeys(number[:100] for number in numbers[:MOST] if number):
        yield (
            f"{order_id}:{number}",
            {
                "order_id": order_id,
                "number": number,
                "aliases": [],
                "carrier": carrier_name(carrier, page),
                "url": page or tracking_url(carrier, number),
                "shipped_at": None,
                "delivered_at": None,
                "out_for_delivery_at": None,
                "promised_on": "",
            },
        )


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
