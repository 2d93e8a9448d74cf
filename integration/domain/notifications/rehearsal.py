"""The rehearsal (Probelauf): what happened to an order, told again in order of time, as if it happened now.

A snapshot shows an order as it is today. `as_of` takes back what came later, so that a rule sees what it would have
seen: an order that was cancelled yesterday was a living one when it was placed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from integration.domain.hot_dataclass import lean
from integration.domain.shops.events import ObjectType, Occurrence, Snapshot, diff, moment
from integration.domain.shops.facts import OrderStatus

_OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE})
_DATED = ("paid_at", "completed_at", "cancelled_at", "ready_for_pickup_at", "delivered_at", "out_for_delivery_at")


@lean
class Scene:
    """One fact of an order's life: what happened, and to which object (the order or one of its parcels)."""

    occurrence: Occurrence
    about: Snapshot


def scenes(order: Snapshot, parcels: Sequence[Snapshot]) -> list[Scene]:
    """Everything that happened to an order and its parcels, in order of time."""
    found = [Scene(occurrence, order) for occurrence in _of_order(order)]
    found += [Scene(occurrence, parcel) for parcel in parcels for occurrence in diff(None, parcel)]
    return sorted(found, key=lambda scene: scene.occurrence.at)


def as_of(item: Snapshot, at: datetime) -> Snapshot:
    """The object as it was at a moment: what is dated later had not happened yet."""
    facts: dict[str, Any] = dict(item.facts)
    for name in _DATED:
        if facts.get(name) and moment(facts[name], at) > at:
            facts[name] = None
    if item.object_type is ObjectType.SHIPMENT:
        if facts["shipped_at"] and moment(facts["shipped_at"], at) > at:
            facts |= {"number": "", "url": "", "shipped_at": None}
        return replace(item, facts=facts)
    facts["refunds"] = [one for one in facts["refunds"] if moment(one.get("at"), item.version) <= at]
    facts["status"] = _status(item, facts, at)
    return replace(item, facts=facts)


def _of_order(order: Snapshot) -> Iterator[Occurrence]:
    """An order that is over was placed once: its end is told after its life."""
    if order.facts["status"] not in _OVER:
        yield from diff(None, order)
        return
    alive = replace(order, facts={**order.facts, "status": OrderStatus.PROCESSING, "refunds": []})
    yield from diff(None, alive)
    yield from diff(alive, order)


def _status(item: Snapshot, facts: Mapping[str, Any], at: datetime) -> str:
    """The state follows from what had happened; only how an order ended is known by its own date."""
    status: str = item.facts["status"]
    if status in _OVER and moment(item.facts["cancelled_at"], item.version) > at:
        status = OrderStatus.PROCESSING
    if status == OrderStatus.COMPLETED and not facts["completed_at"]:
        status = OrderStatus.PROCESSING
    if status == OrderStatus.PROCESSING and item.facts["paid_at"] and not facts["paid_at"]:
        status = OrderStatus.ON_HOLD
    return str(status)
