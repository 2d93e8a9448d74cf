"""From differences to events: the table of milestones, staleness, and consent given and taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.domain.shops.events import (
    Milestone,
    ObjectType,
    Snapshot,
    consent_changes,
    diff,
    is_news,
    moment,
    object_key,
)
from integration.domain.shops.facts import LIVE, OrderStatus

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PLACED, PAID = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
YES = {"granted": True, "at": NOON.isoformat(), "wording": "WhatsApp", "version": "1", "phone": "1", "source": "t"}
NO = YES | {"granted": False}


def order(status: str = "processing", version: datetime = NOON, **facts: Any) -> Snapshot:
    base: dict[str, Any] = {
        "number": "1001", "status": status, "source": "web", "test": False, "placed_at": PLACED.isoformat(),
        "paid_at": None, "completed_at": None, "cancelled_at": None, "ready_for_pickup_at": None, "cart_id": "",
    "total": "1.00", "currency": "EUR",
        "first_name": "", "last_name": "", "email": "", "phone": "", "country": "DE", "locale": "de",
        "customer_id": "", "items": [], "refunds": [], "consent": None,
    }  # fmt: skip
    return Snapshot("laden", ObjectType.ORDER, "1001", version, base | facts)


def parcel(number: str = "", version: datetime = NOON, **facts: Any) -> Snapshot:
    base: dict[str, Any] = {
        "order_id": "1001", "number": number, "aliases": [], "carrier": "DHL", "url": "",
        "shipped_at": None, "delivered_at": None, "out_for_delivery_at": None,
    }  # fmt: skip
    return Snapshot("laden", ObjectType.SHIPMENT, "p1", version, base | facts)


def names(old: Snapshot | None, new: Snapshot) -> list[str]:
    return [occurrence.name for occurrence in diff(old, new)]


STATUS_TABLE = {
    # before (None: never seen) → after: what happened
    (None, "draft"): [],
    (None, "pending"): ["placed"],
    (None, "on_hold"): ["placed", "awaiting_payment"],
    (None, "processing"): ["placed"],
    (None, "completed"): ["placed"],
    (None, "cancelled"): ["cancelled"],
    (None, "failed"): ["failed"],
    (None, "gone"): ["gone"],
    (None, "refunded"): [],
    ("draft", "pending"): ["placed"],
    ("draft", "on_hold"): ["placed", "awaiting_payment"],
    ("pending", "on_hold"): ["awaiting_payment"],
    ("pending", "processing"): ["processing"],
    ("on_hold", "pending"): [],
    ("processing", "on_hold"): [],
    ("on_hold", "processing"): ["processing"],
    ("processing", "completed"): [],
    ("completed", "processing"): [],
    ("processing", "cancelled"): ["cancelled"],
    ("completed", "cancelled"): ["cancelled"],
    ("pending", "failed"): ["failed"],
    ("failed", "pending"): [],
    ("cancelled", "processing"): [],
    ("processing", "refunded"): [],
    ("processing", "gone"): ["gone"],
    ("gone", "processing"): [],
}


@pytest.mark.parametrize(("before", "after"), STATUS_TABLE, ids=lambda status: str(status))
def test_what_a_change_of_status_means(before: str | None, after: str) -> None:
    found = names(order(before) if before else None, order(after))
    assert sorted(found) == sorted(STATUS_TABLE[before, after])


@pytest.mark.parametrize("status", OrderStatus, ids=str)
def test_nothing_new_is_nothing(status: OrderStatus) -> None:
    assert names(order(status), order(status, version=NOON + timedelta(hours=1))) == []


@pytest.mark.parametrize("fact", ["paid_at", "completed_at"])
def test_a_date_that_appears_happened_then_and_once(fact: str) -> None:
    milestone = fact.removesuffix("_at")
    with_date = order(**{fact: PAID.isoformat()})
    [occurrence] = diff(order(), with_date)
    assert (occurrence.name, occurrence.at) == (milestone, PAID)
    assert names(with_date, with_date) == []
    assert names(with_date, order()) == [], "a date that vanishes is no event"
    assert names(with_date, order(**{fact: NOON.isoformat()})) == [], "a date that is corrected is none either"


def test_coalesced_milestones_come_in_order_of_occurrence() -> None:
    new = order("completed", completed_at=NOON.isoformat(), paid_at=PAID.isoformat())
    found = diff(None, new)
    assert [o.milestone for o in found] == [Milestone.PLACED, Milestone.PAID, Milestone.COMPLETED]
    assert [o.at for o in found] == [PLACED, PAID, NOON]


def test_an_order_placed_without_date_counts_as_placed_when_modified() -> None:
    [occurrence] = diff(None, order(placed_at=None))
    assert occurrence.at == NOON


def test_each_refund_is_an_event_of_its_own() -> None:
    one, two = {"id": "7", "at": PAID.isoformat()}, {"id": "8"}
    assert names(order(), order(refunds=[one])) == ["refunded:7"]
    assert names(order(refunds=[one]), order(refunds=[one, two])) == ["refunded:8"]
    assert names(order(refunds=[one, two]), order(refunds=[two])) == []
    assert [o.at for o in diff(order(), order(refunds=[one, two]))] == [PAID, NOON]


def test_a_cancellation_carries_its_date() -> None:
    [occurrence] = diff(order(), order("cancelled", cancelled_at=PAID.isoformat()))
    assert occurrence.at == PAID


def test_a_parcel_is_shipped_when_its_number_is_known() -> None:
    assert names(None, parcel()) == ["parcel_created"]
    assert names(None, parcel("1")) == ["shipped"]
    assert names(parcel(), parcel("1")) == ["shipped"]
    assert names(parcel("1"), parcel("1")) == []
    assert names(parcel("1"), parcel()) == []
    [occurrence] = diff(None, parcel("1", shipped_at=PAID.isoformat()))
    assert occurrence.at == PAID


def test_a_changed_number_is_a_correction_and_an_alias_is_none() -> None:
    assert names(parcel("1"), parcel("2")) == ["tracking_corrected:2@20261124T110000"]
    assert names(parcel("1", aliases=["2"]), parcel("2", aliases=["1"])) == []
    assert names(parcel("2"), parcel("3")) == ["tracking_corrected:3@20261124T110000"], "each has its own key"


def test_delivered_in_both_directions() -> None:
    delivered = parcel("1", delivered_at=PAID.isoformat())
    assert names(parcel("1"), delivered) == ["delivered"]
    assert names(delivered, parcel("1")) == []
    assert names(None, delivered) == ["delivered", "shipped"], "in order of occurrence"


def test_news_is_what_is_newer_or_says_something_else() -> None:
    now, later = order(), order(version=NOON + timedelta(microseconds=1))
    other = order("completed")
    assert is_news(None, now)
    assert is_news(now, later)
    assert not is_news(later, now)
    assert not is_news(now, order()), "the same again"
    assert is_news(now, other) and is_news(other, now), "platforms stamp whole seconds"
    assert not is_news(later, other)


def test_the_order_of_the_facts_does_not_matter_to_the_hash() -> None:
    facts = dict(order().facts)
    turned = Snapshot("laden", ObjectType.ORDER, "1001", NOON, dict(reversed(facts.items())))
    assert turned.content_hash == order().content_hash
    assert order(number="1").content_hash != order().content_hash


CONSENT_TABLE = [
    # before, after → evidence to record, taken back
    (None, None, None),
    (None, YES, (YES, False)),
    (None, NO, (NO, False)),
    (YES, YES, None),
    (NO, NO, None),
    (YES, NO, (NO, True)),
    (NO, YES, (YES, False)),
    (YES, None, None),
    (NO, None, None),
    (YES, YES | {"at": PLACED.isoformat()}, (YES | {"at": PLACED.isoformat()}, False)),
    (YES, YES | {"wording": "other"}, (YES | {"wording": "other"}, False)),
    # staff may correct the number later: nobody agreed anew
    (YES, YES | {"phone": "2"}, None),
]


@pytest.mark.parametrize(("before", "after", "expected"), CONSENT_TABLE)
def test_consent_that_an_order_brings_or_takes_back(before: Any, after: Any, expected: Any) -> None:
    listed = [expected] if expected else []
    assert consent_changes(order(consent=before), order(consent=after)) == listed
    marketing = {"marketing_consent": before}, {"marketing_consent": after}
    assert consent_changes(order(consent=YES, **marketing[0]), order(consent=YES, **marketing[1])) == listed
    if before is None:
        assert consent_changes(None, order(consent=after)) == listed


def test_a_parcel_brings_no_consent() -> None:
    assert consent_changes(None, parcel("1")) == []


def test_keys() -> None:
    assert order().key == "laden/order/1001" == object_key("laden", ObjectType.ORDER, "1001")
    assert parcel().key == "laden/shipment/p1"
    assert parcel().order_key == order().order_key == order().key


def test_moments_are_aware() -> None:
    assert moment("2026-11-24T12:00:00+01:00", PLACED) == NOON
    assert moment("2026-11-24T11:00:00Z", PLACED) == NOON
    assert moment(None, PLACED) is moment("", PLACED) is PLACED


def test_live_orders_are_those_that_somebody_waits_for() -> None:
    assert set(OrderStatus) - LIVE == {
        OrderStatus.DRAFT, OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE,
    }  # fmt: skip


def product(in_stock: bool, price: str, version: datetime = NOON, published: bool = True) -> Snapshot:
    variant = {"id": "7", "name": "", "sku": "", "price": price, "in_stock": in_stock, "stock": None}
    facts = {
        "name": "Kanne", "url": "", "picture": "", "categories": [], "currency": "EUR", "published": published,
        "variants": [variant],
    }  # fmt: skip
    return Snapshot("laden", ObjectType.PRODUCT, "7", version, facts)


def test_a_product_comes_back_and_gets_cheaper_again_and_again() -> None:
    gone, back = product(False, "10.00"), product(True, "9.50", NOON + timedelta(minutes=1))
    assert names(gone, back) == ["back_in_stock:7@20261124T110100", "price_drop:7@20261124T110100"]
    assert names(None, back) == []
    assert names(back, product(True, "10.00")) == []
    assert names(gone, product(True, "9.50", published=False)) == []
    assert names(product(True, ""), product(True, "9.50")) == []
