"""Snapshots of shop objects, and the events that follow from their differences.

Webhooks, polls and plugin facts all become snapshots; `diff` is the only source of events, so a fact that
arrives in three ways makes one event (docs/reference/design.md, "One way through").
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import cast

import orjson

from integration.domain.hot_dataclass import lean
from integration.domain.shops.facts import (
    LIVE,
    ConsentEvidence,
    Facts,
    OrderFacts,
    OrderStatus,
    ProductFacts,
    ShipmentFacts,
)


class Origin(StrEnum):
    """How a fact reached us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    PLUGIN = "plugin"


class ObjectType(StrEnum):
    """What a snapshot shows."""

    ORDER = "order"
    SHIPMENT = "shipment"
    CART = "cart"
    PRODUCT = "product"
    CUSTOMER = "customer"


class Milestone(StrEnum):
    """What can happen to an order or a shipment; each happens once per object."""

    PLACED = "placed"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PROCESSING = "processing"
    READY_FOR_PICKUP = "ready_for_pickup"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REFUNDED = "refunded"
    GONE = "gone"
    PARCEL_CREATED = "parcel_created"
    SHIPPED = "shipped"
    TRACKING_CORRECTED = "tracking_corrected"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    BACK_IN_STOCK = "back_in_stock"
    PRICE_DROP = "price_drop"


@lean
class Snapshot:
    """How one object of a shop looked at `version` (the platform's own time of modification, aware UTC)."""

    shop: str
    object_type: ObjectType
    object_id: str
    version: datetime
    facts: Facts

    @property
    def key(self) -> str:
        """shop/object type/object id: one object of one shop."""
        return object_key(self.shop, self.object_type, self.object_id)

    @property
    def order_key(self) -> str:
        """The key of the order that this object is, belongs to or may become; a product has none but its own."""
        if self.object_type is ObjectType.PRODUCT:
            return self.key
        order = self.facts["order_id"] if self.object_type is ObjectType.SHIPMENT else self.object_id
        return object_key(self.shop, ObjectType.ORDER, order)

    @property
    def parcel(self) -> ShipmentFacts:
        """The facts of a shipment; of nothing else it is asked."""
        return cast(ShipmentFacts, self.facts)

    @property
    def content_hash(self) -> str:
        """SHA-256 over the sorted facts: equal content, equal hash."""
        return hashlib.sha256(orjson.dumps(self.facts, option=orjson.OPT_SORT_KEYS)).hexdigest()


@lean
class Occurrence:
    """A milestone that a difference shows. `detail` tells repeatable ones apart (a refund's id)."""

    milestone: Milestone
    at: datetime
    detail: str = ""

    @property
    def name(self) -> str:
        """The milestone as it stands in an event's key."""
        return f"{self.milestone}:{self.detail}" if self.detail else str(self.milestone)


@lean
class Event:
    """One milestone of one object, derived once. The key is (shop, object type, object id, milestone)."""

    id: str
    key: str
    shop: str
    object_type: ObjectType
    object_id: str
    order_key: str
    milestone: Milestone
    name: str
    occurred_at: datetime
    received_at: datetime
    origin: Origin
    tries: int = 0


def departed(order: Snapshot, at: datetime) -> Snapshot:
    """The order after the shop deleted it."""
    return Snapshot(
        order.shop,
        order.object_type,
        order.object_id,
        max(order.version, at),
        {**order.facts, "status": OrderStatus.GONE},
    )


def object_key(shop: str, object_type: ObjectType, object_id: str) -> str:
    """The key of an object's snapshot, and the beginning of its events' keys."""
    return f"{shop}/{object_type}/{object_id}"


def is_news(old: Snapshot | None, new: Snapshot) -> bool:
    """Whether `new` may replace `old`: a version older than the stored one changes nothing.

    Platforms stamp whole seconds, so an equal version with other content counts as news.
    """
    if old is None or new.version > old.version:
        return True
    return new.version == old.version and new.content_hash != old.content_hash


def diff(old: Snapshot | None, new: Snapshot) -> list[Occurrence]:
    """The milestones that lie between two snapshots of one object, in order of occurrence."""
    return sorted(_milestones(old, new), key=lambda occurrence: occurrence.at)


def _milestones(old: Snapshot | None, new: Snapshot) -> Iterator[Occurrence]:
    if new.object_type is ObjectType.SHIPMENT:
        yield from _shipment_milestones(_shipment(old), new.parcel, new.version)
    elif new.object_type is ObjectType.ORDER:
        yield from _order_milestones(_order(old), cast(OrderFacts, new.facts), new.version)
    elif new.object_type is ObjectType.PRODUCT and old:
        yield from _product_milestones(cast(ProductFacts, old.facts), cast(ProductFacts, new.facts), new.version)


def consent_changes(old: Snapshot | None, new: Snapshot) -> list[tuple[ConsentEvidence, bool]]:
    """New consent evidence of an order or a customer, and whether it takes back what the same one granted before.

    A checkout may show two boxes, and keep evidence of each.
    """
    if new.object_type not in (ObjectType.ORDER, ObjectType.CUSTOMER):
        return []
    found = [_consent_change(old, new, box) for box in ("consent", "marketing_consent")]
    return [change for change in found if change]


def _consent_change(old: Snapshot | None, new: Snapshot, box: str) -> tuple[ConsentEvidence, bool] | None:
    evidence: ConsentEvidence | None = new.facts.get(box)
    before = old.facts.get(box) if old else None
    # Staff may correct the number later: what the customer agreed to belongs to the number of that moment.
    if evidence is None or (before and all(evidence[key] == before[key] for key in ("granted", "at", "wording"))):
        return None
    return evidence, bool(before and before["granted"] and not evidence["granted"])


def _order(snapshot: Snapshot | None) -> OrderFacts | None:
    return cast(OrderFacts, snapshot.facts) if snapshot else None


def _shipment(snapshot: Snapshot | None) -> ShipmentFacts | None:
    return snapshot.parcel if snapshot else None


def _order_milestones(old: OrderFacts | None, new: OrderFacts, version: datetime) -> Iterator[Occurrence]:
    status, before = new["status"], old["status"] if old else OrderStatus.DRAFT
    if before == OrderStatus.DRAFT and status in LIVE:
        yield Occurrence(Milestone.PLACED, moment(new["placed_at"], version))
    if status == OrderStatus.ON_HOLD and before in (OrderStatus.DRAFT, OrderStatus.PENDING):
        at = moment(new["placed_at"], version) if before == OrderStatus.DRAFT else version
        yield Occurrence(Milestone.AWAITING_PAYMENT, at)
    if status == OrderStatus.PROCESSING and before in (OrderStatus.PENDING, OrderStatus.ON_HOLD, OrderStatus.FAILED):
        yield Occurrence(Milestone.PROCESSING, version)
    yield from _dated(old, new, version)
    if status != before and status in (OrderStatus.CANCELLED, OrderStatus.FAILED, OrderStatus.GONE):
        yield Occurrence(Milestone(status), moment(new["cancelled_at"], version))
    known = {refund["id"] for refund in old["refunds"]} if old else set()
    for refund in new["refunds"]:
        if refund["id"] not in known:
            yield Occurrence(Milestone.REFUNDED, moment(refund.get("at"), version), refund["id"])


def _dated(old: OrderFacts | None, new: OrderFacts, version: datetime) -> Iterator[Occurrence]:
    if new["paid_at"] and not (old and old["paid_at"]):
        yield Occurrence(Milestone.PAID, moment(new["paid_at"], version))
    if new["completed_at"] and not (old and old["completed_at"]):
        yield Occurrence(Milestone.COMPLETED, moment(new["completed_at"], version))
    ready = new.get("ready_for_pickup_at")
    if ready and not (old and old.get("ready_for_pickup_at")):
        yield Occurrence(Milestone.READY_FOR_PICKUP, moment(ready, version))


def _shipment_milestones(old: ShipmentFacts | None, new: ShipmentFacts, version: datetime) -> Iterator[Occurrence]:
    number = new["number"]
    if old is None and not number:
        yield Occurrence(Milestone.PARCEL_CREATED, moment(new["shipped_at"], version))
    if number and not (old and old["number"]):
        yield Occurrence(Milestone.SHIPPED, moment(new["shipped_at"], version))
    elif old and number and number != old["number"] and number not in old["aliases"]:
        yield Occurrence(Milestone.TRACKING_CORRECTED, version, f"{number}@{version:%Y%m%dT%H%M%S}")
    out = new.get("out_for_delivery_at")
    if out and not (old and old.get("out_for_delivery_at")):
        yield Occurrence(Milestone.OUT_FOR_DELIVERY, moment(out, version))
    if new["delivered_at"] and not (old and old["delivered_at"]):
        yield Occurrence(Milestone.DELIVERED, moment(new["delivered_at"], version))


def _product_milestones(old: ProductFacts, new: ProductFacts, version: datetime) -> Iterator[Occurrence]:
    """These come again and again, so the time of modification tells them apart."""
    before = {variant["id"]: variant for variant in old["variants"]}
    for variant in new["variants"]:
        was = before.get(variant["id"])
        if was is None or not new["published"]:
            continue
        detail = f"{variant['id']}@{version:%Y%m%dT%H%M%S}"
        if variant["in_stock"] and not was["in_stock"]:
            yield Occurrence(Milestone.BACK_IN_STOCK, version, detail)
        if new["currency"] == old["currency"] and _cheaper(variant["price"], was["price"]):
            yield Occurrence(Milestone.PRICE_DROP, version, detail)


def _cheaper(now: str, before: str) -> bool:
    """Whether a price fell; one that cannot be read neither fell nor rose."""
    try:
        return Decimal(now) < Decimal(before)
    except InvalidOperation:
        return False


def moment(text: str | None, otherwise: datetime) -> datetime:
    """An ISO 8601 time with offset as an aware datetime, or `otherwise` when the platform gave none."""
    return datetime.fromisoformat(text) if text else otherwise
