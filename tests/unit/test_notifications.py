"""The table of notifications: what calls for which, what makes it pointless, and its texts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.domain.consent import Purpose
from integration.domain.events import Event, Milestone, ObjectType, Origin
from integration.domain.notifications import (
    BY_KIND,
    NOTIFICATIONS,
    Notification,
    called_for,
    made_pointless,
    message_key,
    subject_of,
)

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
CALLED = {
    (ObjectType.ORDER, Milestone.PLACED): ["order_confirmation"],
    (ObjectType.ORDER, Milestone.AWAITING_PAYMENT): ["order_confirmation"],
    (ObjectType.ORDER, Milestone.PAID): ["order_confirmation"],
    (ObjectType.SHIPMENT, Milestone.SHIPPED): ["shipping_notice"],
}
POINTLESS = {
    Milestone.CANCELLED: ["order_confirmation", "shipping_notice"],
    Milestone.GONE: ["order_confirmation", "shipping_notice"],
    Milestone.FAILED: ["order_confirmation"],
}
ORDER: dict[str, Any] = {
    "number": "1001", "status": "processing", "source": "web", "test": False, "placed_at": NOON.isoformat(),
    "paid_at": None, "completed_at": None, "cancelled_at": None, "ready_for_pickup_at": None, "cart_id": "",
    "total": "24.90", "currency": "EUR",
    "first_name": "Anna", "last_name": "Beispiel", "email": "", "phone": "", "country": "DE", "locale": "de",
    "customer_id": "", "items": [], "refunds": [], "consent": None,
}  # fmt: skip
PARCEL: dict[str, Any] = {
    "order_id": "1001", "number": "123", "aliases": [], "carrier": "DHL", "url": "https://dhl.de/123",
    "shipped_at": None, "delivered_at": None, "out_for_delivery_at": None,
}  # fmt: skip
#: what no object of a shop says
MORE = {"at": NOON.isoformat(), "place": "laden.example"}
#: what milestones call for; the others answer people
CALLED_FOR = [n for n in NOTIFICATIONS if n.on]
each_called_for = pytest.mark.parametrize("notification", CALLED_FOR, ids=lambda n: n.kind)
each = pytest.mark.parametrize("notification", NOTIFICATIONS, ids=lambda n: n.kind)


def event(object_type: ObjectType, milestone: Milestone) -> Event:
    return Event("e", "k", "laden", object_type, "1", "k", milestone, milestone, NOON, NOON, Origin.WEBHOOK)


def subject(
    notification: Notification, language: str = "de", parcel: dict[str, Any] | None = None, **order: Any
) -> Any:
    facts = {"order": ORDER | order}
    if notification.subject_type == ObjectType.SHIPMENT:
        facts["shipment"] = PARCEL | (parcel or {})
    return subject_of("Laden", language, facts, None, MORE)


@pytest.mark.parametrize("milestone", Milestone, ids=str)
@pytest.mark.parametrize("object_type", ObjectType, ids=str)
def test_what_calls_for_a_message(object_type: ObjectType, milestone: Milestone) -> None:
    assert [n.kind for n in called_for(event(object_type, milestone))] == CALLED.get((object_type, milestone), [])


@pytest.mark.parametrize("milestone", Milestone, ids=str)
def test_what_makes_messages_pointless(milestone: Milestone) -> None:
    assert list(made_pointless(milestone)) == POINTLESS.get(milestone, [])


def test_kinds_are_found_by_name_and_fit_their_columns() -> None:
    assert set(BY_KIND) == {n.kind for n in NOTIFICATIONS}
    assert len(BY_KIND) == len(NOTIFICATIONS)
    assert all(re.fullmatch(r"[a-z_]{3,32}", kind) for kind in BY_KIND)


@each_called_for
def test_each_entry_is_complete(notification: Notification) -> None:
    assert set(notification.bodies) == {("de", "du"), ("de", "sie"), ("en", "")}
    assert notification.title.de and notification.title.en
    assert isinstance(notification.purpose, Purpose)
    assert notification.on and not notification.on & notification.void_on
    assert timedelta(hours=1) <= notification.expires_after <= timedelta(days=7)


@each
def test_each_text_uses_exactly_its_variables(notification: Notification) -> None:
    variables = notification.variables(subject(notification))
    for body in notification.bodies.values():
        assert set(re.findall(r"{{(\w+)}}", body)) == set(variables)
        assert "{{shop}}" in body


@each
def test_no_text_begins_or_ends_with_a_variable(notification: Notification) -> None:
    """Meta refuses that, and two variables side by side."""
    for body in notification.bodies.values():
        assert not re.match(r"\W*{{", body)
        assert not re.search(r"}}\W*$", body)
        assert not re.search(r"}}\s*{{", body)
        assert len(body) <= 1024


@each
def test_du_is_never_sie_and_every_text_says_how_to_stop(notification: Notification) -> None:
    du, sie = notification.bodies["de", "du"], notification.bodies["de", "sie"]
    assert not re.search(r"\b(Ihre?r?n?|Sie|Ihnen)\b", du)
    assert not re.search(r"\b(du|dein\w*|dir|dich)\b", sie, re.IGNORECASE)
    assert all("STOP" in body for body in notification.bodies.values())


@each
@pytest.mark.parametrize("language", ["de", "en"])
def test_no_variable_is_ever_empty(notification: Notification, language: str) -> None:
    """Meta refuses empty parameters: an order without a name or a parcel without carrier still gets its words."""
    empty = {"carrier": "", "url": ""}
    found = notification.variables(subject(notification, language, empty, first_name="", last_name=""))
    assert all(isinstance(value, str) and value.strip() for value in found.values()), found


@each_called_for
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"test": True}, "test_order"),
        ({"source": "pos"}, "pos_order"),
        ({"source": "draft"}, "draft_order"),
        ({"status": "cancelled"}, "order_cancelled"),
        ({"status": "refunded"}, "order_cancelled"),
        ({"status": "failed"}, "order_cancelled"),
        ({"status": "gone"}, "order_cancelled"),
        ({"status": "on_hold"}, ""),
        ({"status": "completed"}, ""),
    ],
    ids=str,
)
def test_orders_that_message_nobody(notification: Notification, changes: dict[str, Any], reason: str) -> None:
    assert notification.unless(subject(notification, **changes)) == reason


def test_a_pending_order_waits_to_be_confirmed_and_not_to_be_shipped() -> None:
    waits = {n.kind: n.unless(subject(n, status="pending")) for n in CALLED_FOR}
    assert waits == {"order_confirmation": "awaiting_payment", "shipping_notice": ""}


def test_the_facts_become_words() -> None:
    confirmation = BY_KIND["order_confirmation"]
    assert confirmation.variables(subject(confirmation)) == {
        "name": "Anna", "shop": "Laden", "order": "1001", "total": "24,90 €",
    }  # fmt: skip
    notice = BY_KIND["shipping_notice"]
    assert notice.variables(subject(notice))["tracking"] == "https://dhl.de/123"
    assert notice.variables(subject(notice, parcel={"url": ""}))["tracking"] == "123"
    assert notice.variables(subject(notice, "en", {"carrier": ""}))["carrier"] == "Carrier"
    assert notice.variables(subject(notice, first_name=""))["name"] == "Beispiel"


def test_a_key_names_company_kind_subject_and_step() -> None:
    key = message_key("firma", "order_confirmation", "laden", "1001")
    assert key == "firma/order_confirmation/laden/1001/1"
    assert message_key("firma", "order_confirmation", "laden", "1001", 2) != key
