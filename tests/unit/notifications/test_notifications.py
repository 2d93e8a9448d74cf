"""The table of notifications: what calls for which, what makes it pointless, and its texts."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kinds import subject

from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.notifications import (
    BY_KIND,
    NOTIFICATIONS,
    Notification,
    called_for,
    made_pointless,
    message_key,
)
from integration.domain.shops.events import Milestone

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
CALLED = {
    Milestone.PLACED: ["order_confirmation", "cod_confirmation", "reorder_reminder", "win_back"],
    Milestone.AWAITING_PAYMENT: ["order_confirmation", "payment_reminder"],
    Milestone.PAID: ["order_confirmation", "payment_received", "order_delay"],
    Milestone.PROCESSING: ["order_in_progress"],
    Milestone.READY_FOR_PICKUP: ["pickup_ready"],
    Milestone.COMPLETED: ["review_request"],
    Milestone.CANCELLED: ["order_cancelled"],
    Milestone.REFUNDED: ["refund_notice"],
    Milestone.PARCEL_CREATED: ["order_packed"],
    Milestone.SHIPPED: ["shipping_notice", "parcel_delay"],
    Milestone.TRACKING_CORRECTED: ["tracking_corrected"],
    Milestone.OUT_FOR_DELIVERY: ["out_for_delivery"],
    Milestone.DELIVERED: ["delivered", "review_request"],
    Milestone.BACK_IN_STOCK: ["back_in_stock"],
    Milestone.PRICE_DROP: ["price_drop"],
}
ABOUT_AN_ORDER = {
    "order_confirmation", "payment_received", "payment_reminder", "cod_confirmation", "order_in_progress",
    "order_delay", "pickup_ready",
}  # fmt: skip
ABOUT_A_PARCEL = {"order_packed", "shipping_notice", "tracking_corrected", "out_for_delivery", "parcel_delay"}
LATER = {"review_request", "reorder_reminder", "win_back"}
POINTLESS = {
    Milestone.CANCELLED: ABOUT_AN_ORDER | ABOUT_A_PARCEL | LATER | {"delivered"},
    Milestone.GONE: ABOUT_AN_ORDER | ABOUT_A_PARCEL | LATER | {"delivered"},
    Milestone.FAILED: ABOUT_AN_ORDER | LATER,
    Milestone.REFUNDED: LATER,
    Milestone.PAID: {"payment_reminder", "cod_confirmation"},
    Milestone.PROCESSING: {"payment_reminder"},
    Milestone.COMPLETED: {
        "payment_received",
        "payment_reminder",
        "cod_confirmation",
        "order_in_progress",
        "order_delay",
        "pickup_ready",
    },
    Milestone.READY_FOR_PICKUP: {"order_delay"},
    Milestone.PARCEL_CREATED: {"order_delay"},
    Milestone.SHIPPED: {"payment_received", "cod_confirmation", "order_in_progress", "order_delay", "order_packed"},
    Milestone.OUT_FOR_DELIVERY: {"parcel_delay"},
    Milestone.DELIVERED: ABOUT_A_PARCEL,
}
#: what milestones call for; the others answer people
CALLED_FOR = [n for n in NOTIFICATIONS if n.on]
each_called_for = pytest.mark.parametrize("notification", CALLED_FOR, ids=lambda n: n.kind)
#: about orders that go on; the end of one is told by two kinds
LIVING = [n for n in CALLED_FOR if n.kind not in ("order_cancelled", "refund_notice", "back_in_stock", "price_drop")]
each_living = pytest.mark.parametrize("notification", LIVING, ids=lambda n: n.kind)
each = pytest.mark.parametrize("notification", NOTIFICATIONS, ids=lambda n: n.kind)


@pytest.mark.parametrize("milestone", Milestone, ids=str)
def test_what_calls_for_a_message(milestone: Milestone) -> None:
    assert [n.kind for n in called_for(milestone)] == CALLED.get(milestone, [])


@pytest.mark.parametrize("milestone", Milestone, ids=str)
def test_what_makes_messages_pointless(milestone: Milestone) -> None:
    assert {n.kind for n in made_pointless(milestone)} == POINTLESS.get(milestone, set())


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
def test_the_right_facts_may_be_told(notification: Notification) -> None:
    assert notification.unless(subject(notification)) == ""


@each_living
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"source": "pos"}, "pos_order"),
        ({"source": "draft"}, "draft_order"),
        ({"status": "cancelled"}, "order_cancelled"),
        ({"status": "refunded"}, "order_cancelled"),
        ({"status": "failed"}, "order_cancelled"),
        ({"status": "gone"}, "order_cancelled"),
    ],
    ids=str,
)
def test_orders_that_message_nobody(notification: Notification, changes: dict[str, Any], reason: str) -> None:
    assert notification.unless(subject(notification, **changes)) == reason


@pytest.mark.parametrize("kind", ["order_cancelled", "refund_notice"])
def test_the_end_of_an_order_is_told_but_not_of_one_that_nobody_placed_online(kind: str) -> None:
    assert BY_KIND[kind].unless(subject(BY_KIND[kind], test=True)) == "test_order"
    assert BY_KIND[kind].unless(subject(BY_KIND[kind], source="pos")) == "pos_order"


@pytest.mark.parametrize(
    ("kind", "parcel", "order", "reason"),
    [
        ("order_confirmation", {}, {"status": "pending"}, "awaiting_payment"),
        ("order_confirmation", {}, {"status": "on_hold"}, ""),
        ("shipping_notice", {}, {"status": "pending"}, ""),
        ("shipping_notice", {}, {"status": "completed"}, ""),
        ("shipping_notice", {"delivered_at": "2026-11-24T11:00:00+00:00"}, {}, "overtaken"),
        ("out_for_delivery", {"delivered_at": "2026-11-24T11:00:00+00:00"}, {}, "overtaken"),
        ("order_packed", {"number": "123"}, {}, "overtaken"),
        ("payment_received", {}, {"payment": "cod"}, "other_payment"),
        ("payment_reminder", {}, {"paid_at": "2026-11-24T11:00:00+00:00"}, "paid_meanwhile"),
        ("payment_reminder", {}, {"status": "processing"}, "paid_meanwhile"),
        ("cod_confirmation", {}, {"payment": "transfer"}, "other_payment"),
        ("order_in_progress", {}, {"status": "completed"}, "overtaken"),
        ("order_delay", {}, {"status": "completed"}, "overtaken"),
        ("pickup_ready", {}, {"status": "completed"}, "overtaken"),
        ("order_cancelled", {}, {"payment": "page"}, "never_paid"),
        ("order_cancelled", {}, {"payment": "page", "paid_at": "2026-11-24T11:00:00+00:00"}, ""),
        ("review_request", {}, {"refunds": [{"id": "1"}]}, "refunded"),
        ("win_back", {}, {"refunds": [{"id": "1"}]}, "refunded"),
    ],
)
def test_what_holds_a_kind_back(kind: str, parcel: dict[str, Any], order: dict[str, Any], reason: str) -> None:
    assert BY_KIND[kind].unless(subject(BY_KIND[kind], "de", parcel, **order)) == reason


def test_nothing_is_packed_or_late_that_has_left() -> None:
    for kind in (BY_KIND["order_in_progress"], BY_KIND["order_delay"]):
        about = subject(kind)
        assert kind.unless(replace(about, parcels=[about.shipment])) == "overtaken"


def test_the_facts_become_words() -> None:
    confirmation = BY_KIND["order_confirmation"]
    assert confirmation.variables(subject(confirmation)) == {
        "name": "Anna", "shop": "Kaffeeladen", "order": "1001", "total": "24,90 €",
    }  # fmt: skip
    assert confirmation.variables(subject(confirmation, paid_at=NOON.isoformat()))["total"] == "24,90 € (bezahlt)"
    notice = BY_KIND["shipping_notice"]
    assert notice.variables(subject(notice))["tracking"] == "https://www.dhl.de/"
    assert notice.variables(subject(notice, parcel={"url": ""}))["tracking"] == "00340434161094042557"
    assert notice.variables(subject(notice, "en", {"carrier": ""}))["carrier"] == "Carrier"
    assert notice.variables(subject(notice, first_name=""))["name"] == "Beispiel"


def test_a_notice_says_which_of_several_parcels_it_is() -> None:
    notice = BY_KIND["shipping_notice"]
    about = subject(notice)
    first, second, label = ({**about.shipment, "number": number} for number in ("11", "22", ""))
    assert notice.variables(about)["parcel"] == "das Paket"
    assert notice.variables(replace(about, parcels=[first, label], shipment=first))["parcel"] == "das Paket"
    assert notice.variables(replace(about, parcels=[first, second], shipment=second))["parcel"] == "Paket 2 von 2"


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"refunds": [{"id": "r1", "total": "5.00"}]}, "5,00 € (einen Teil)"),
        ({"refunds": [{"id": "r1", "total": "24.90"}]}, "24,90 € (den ganzen Betrag)"),
        ({"refunds": [{"id": "r1"}], "status": "refunded"}, "den ganzen Betrag"),
        ({"refunds": [{"id": "r1"}]}, "einen Teil"),
        ({"refunds": [{"id": "r1", "total": "?"}]}, "? EUR (einen Teil)"),
    ],
)
def test_a_refund_says_how_much(order: dict[str, Any], words: str) -> None:
    notice = BY_KIND["refund_notice"]
    assert notice.variables(subject(notice, **order))["amount"] == words


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({}, "nichts zu zahlen"),
        ({"paid_at": "2026-11-24T11:00:00+00:00"}, "Erstattung folgt"),
        ({"paid_at": "2026-11-24T11:00:00+00:00", "refunds": [{"id": "r1"}]}, "erstattet"),
    ],
)
def test_a_cancellation_says_what_becomes_of_the_money(order: dict[str, Any], words: str) -> None:
    notice = BY_KIND["order_cancelled"]
    assert notice.variables(subject(notice, **order))["money"] == words


def test_out_for_delivery_ends_with_the_day_where_the_shop_is() -> None:
    notice = BY_KIND["out_for_delivery"]
    at_home = replace(subject(notice), zone=ZoneInfo("Europe/Berlin"))
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    assert notice.expires_at(at_home, NOON) == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert notice.expires_at(at_home, late) == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def test_delays_may_be_chosen_within_bounds_and_steps_are_few() -> None:
    for kind in NOTIFICATIONS:
        if kind.delay:
            assert kind.delays and kind.delays[0] <= kind.delay <= kind.delays[1], kind.kind
        assert len(kind.steps) <= 1
        assert not kind.steps or kind.delay
        assert kind.told_by <= set(BY_KIND)


def test_advertising_starts_switched_off() -> None:
    assert not [n.kind for n in NOTIFICATIONS if n.purpose in MARKETING and n.starts_on]
    starting = {n.kind for n in NOTIFICATIONS if n.starts_on}
    assert {"order_confirmation", "shipping_notice", "order_cancelled", "refund_notice"} <= starting
    assert "order_packed" not in starting


def test_a_key_names_company_kind_subject_and_step() -> None:
    key = message_key("firma", "order_confirmation", "laden", "1001")
    assert key == "firma/order_confirmation/laden/1001/1"
    assert message_key("firma", "order_confirmation", "laden", "1001", 2) != key
