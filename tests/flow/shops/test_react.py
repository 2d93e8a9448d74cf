"""react: bodies become snapshots, events, and messages or reasons."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from storekit import rows
from worlds import NOON, Clock, PlainShop, make_world, order, parcel, post

from integration.domain.shops.events import ObjectType, Origin, Snapshot
from integration.domain.shops.ports import PrivacyRequest, ShopContext, Translation
from integration.flow import react
from integration.flow.shops import absorb
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger_checks
from integration.store.db import Database
from integration.store.privacy import shop_requests


def take(world: World, *found: Snapshot) -> None:
    with world.database.write() as connection:
        absorb.take(world, connection, found, (), Origin.POLL, world.clock())


def test_an_order_becomes_one_queued_message(world: World) -> None:
    post(world, order())
    react.run(world)
    [(kind, status, template, variables)] = rows(world, tables.message, "kind", "status", "template", "variables")
    assert (kind, status, template) == ("order_confirmation", "queued", "lb_order_confirmation_du_v1")
    assert variables == {"name": "Anna", "shop": "Laden", "order": "1001", "total": "24,90 €"}


def test_what_one_person_is_told_of_one_order_at_once_leaves_in_order_and_apart(world: World) -> None:
    post(world, order(), parcel())
    react.run(world)
    due = dict(rows(world, tables.message, "kind", "send_after"))
    assert due["shipping_notice"] - due["order_confirmation"] == timedelta(seconds=6)


def test_the_same_webhook_five_times_makes_one_message(world: World) -> None:
    for _ in range(5):
        post(world, order())
    react.run(world)
    post(world, order())
    react.run(world)
    assert len(rows(world, tables.message, "id")) == 1
    assert len(rows(world, tables.event, "id")) == 1
    assert sorted(str(n) for (n,) in rows(world, tables.inbox, "note")) == ["None"] + ["unchanged"] * 5


def test_poll_and_webhook_copies_of_a_fact_make_one_event(world: World) -> None:
    found = order()
    post(world, found)
    react.run(world)
    snapshot = Snapshot("laden", ObjectType.ORDER, "1001", NOON + timedelta(seconds=1), found["facts"])
    take(world, snapshot)
    assert [o for (o,) in rows(world, tables.event, "origin")] == ["webhook"]
    assert len(rows(world, tables.message, "id")) == 1


def test_poll_first_webhook_second(world: World) -> None:
    found = order()
    take(world, Snapshot("laden", ObjectType.ORDER, "1001", NOON, found["facts"]))
    post(world, found)
    react.run(world)
    assert [o for (o,) in rows(world, tables.event, "origin")] == ["poll"]
    assert len(rows(world, tables.message, "id")) == 1


def test_a_stale_body_after_a_newer_one_changes_nothing(world: World) -> None:
    newer = NOON + timedelta(minutes=1)
    post(world, order(version=newer, status="completed", completed_at=newer.isoformat()))
    react.run(world)
    post(world, order(version=NOON, status="pending"))
    react.run(world)
    [(facts,)] = rows(world, tables.snapshot, "facts")
    assert facts["status"] == "completed"
    assert len(rows(world, tables.message, "id")) == 1


def test_without_consent_the_reason_is_recorded(world: World) -> None:
    post(world, order(consent=None))
    react.run(world)
    assert rows(world, tables.message, "status", "reason") == [("suppressed", "no_consent")]
    [(stage, outcome)] = rows(world, tables.decision, "stage", "outcome")
    assert (stage, outcome) == ("queue", "deny")


def test_an_unticked_box_is_no_consent(world: World) -> None:
    post(world, order(consent=False))
    react.run(world)
    assert [t for (t,) in rows(world, tables.consent, "type")] == ["declined"]
    [(status, _)] = rows(world, tables.message, "status", "reason")
    assert status == "suppressed"


def test_evidence_taken_back_on_the_same_order_withdraws(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    clock.advance(minutes=5)
    post(world, order(consent=False, version=clock()), parcel(version=clock()))
    react.run(world)
    assert [t for (t,) in rows(world, tables.consent, "type")] == ["granted", "withdrawn"]
    found = {k: (s, r) for k, s, r in rows(world, tables.message, "kind", "status", "reason")}
    assert found["shipping_notice"] == ("suppressed", "withdrawn")


def test_a_phone_that_is_none_is_a_recorded_reason(world: World) -> None:
    post(world, order(phone="kein anruf bitte"))
    react.run(world)
    assert rows(world, tables.message, "status", "reason") == [("suppressed", "no_phone")]


def test_a_consent_from_a_shop_whose_clock_runs_ahead_is_dated_by_its_arrival(world: World) -> None:
    found = order()
    found["facts"]["consent"]["at"] = (NOON + timedelta(hours=1)).isoformat()
    post(world, {**found, "version": (NOON + timedelta(hours=1)).isoformat()})
    react.run(world)
    assert rows(world, tables.consent, "type", "occurred_at") == [("granted", NOON)]


def test_a_wording_that_was_not_stored_is_no_consent(world: World) -> None:
    found = order()
    found["facts"]["consent"]["wording"] = ""
    post(world, found)
    react.run(world)
    assert rows(world, tables.message, "status", "reason") == [("suppressed", "invalid_consent")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"source": "pos"}, "pos_order"),
        ({"source": "draft"}, "draft_order"),
        ({"source": "imported"}, "imported_order"),
    ],
)
def test_orders_that_nobody_placed_online_message_nobody(world: World, changes, reason: str) -> None:
    post(world, order(**changes))
    react.run(world)
    assert rows(world, tables.message, "status", "reason") == [("suppressed", reason)]


def test_facts_before_the_connection_are_knowledge_only(world: World) -> None:
    post(world, order(placed_at=(NOON - timedelta(days=2)).isoformat()))
    react.run(world)
    assert rows(world, tables.message, "id") == []
    assert rows(world, tables.event, "outcome") == [("before_connection",)]


def test_facts_older_than_the_kinds_age_limit_are_knowledge_only(world: World) -> None:
    post(world, order(placed_at=(NOON - timedelta(hours=13)).isoformat()))
    react.run(world)
    assert rows(world, tables.event, "outcome") == [("too_old",)]


def test_a_pending_order_waits_for_its_payment(world: World, clock: Clock) -> None:
    post(world, order(status="pending"))
    react.run(world)
    assert rows(world, tables.message, "id") == []
    clock.advance(minutes=2)
    post(world, order(version=clock(), paid_at=clock().isoformat()))
    react.run(world)
    assert [k for (k,) in rows(world, tables.message, "kind")] == ["order_confirmation"]


def test_coalesced_states_make_one_confirmation(world: World) -> None:
    at = NOON.isoformat()
    post(world, order(status="completed", paid_at=at, completed_at=at))
    react.run(world)
    assert sorted(m for (m,) in rows(world, tables.event, "milestone")) == ["completed", "paid", "placed"]
    assert len(rows(world, tables.message, "id")) == 1


def test_a_parcel_becomes_a_shipping_notice(world: World) -> None:
    post(world, order(), parcel())
    react.run(world)
    kinds = dict(rows(world, tables.message, "kind", "variables"))
    assert kinds["shipping_notice"]["carrier"] == "DHL"
    assert kinds["shipping_notice"]["tracking"].startswith("https://www.dhl.de/")


def test_a_parcel_before_its_order_waits_for_it(world: World, clock: Clock) -> None:
    post(world, parcel())
    react.run(world)
    assert rows(world, tables.message, "id") == []
    clock.advance(seconds=5)
    post(world, order())
    react.run(world)
    assert sorted(k for (k,) in rows(world, tables.message, "kind")) == [
        "order_confirmation",
        "shipping_notice",
    ]


def test_a_parcel_whose_order_never_comes_ends_with_a_reason(world: World, clock: Clock) -> None:
    post(world, parcel())
    react.run(world)
    clock.advance(days=2, minutes=1)
    react.run(world)
    assert rows(world, tables.event, "outcome") == [("order_unknown",)]


def test_a_corrected_tracking_number_makes_no_second_notice(world: World, clock: Clock) -> None:
    post(world, order(), parcel())
    react.run(world)
    clock.advance(minutes=1)
    post(world, parcel(version=clock(), number="999"))
    react.run(world)
    assert len([k for (k,) in rows(world, tables.message, "kind") if k == "shipping_notice"]) == 1
    assert "tracking_corrected" in [m for (m,) in rows(world, tables.event, "milestone")]


def test_a_cancelled_order_takes_its_queued_messages_back(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    clock.advance(minutes=1)
    post(world, order(version=clock(), status="cancelled", cancelled_at=clock().isoformat()))
    react.run(world)
    assert sorted(rows(world, tables.message, "kind", "status", "reason")) == [
        ("order_cancelled", "queued", None),
        ("order_confirmation", "cancelled", "order_cancelled"),
    ]


def test_quiet_hours_postpone_a_shipping_notice(world: World, clock: Clock) -> None:
    clock.now = NOON.replace(hour=22)
    post(world, order(placed_at=clock().isoformat(), version=clock()), parcel(version=clock()))
    react.run(world)
    found = {k: (s, r, a) for k, s, r, a in rows(world, tables.message, "kind", "status", "reason", "send_after")}
    status, reason, send_after = found["shipping_notice"]
    assert (status, reason) == ("queued", "quiet_hours")
    assert send_after == NOON.replace(day=25, hour=6, minute=0)


def test_malformed_and_empty_bodies_are_recorded(world: World) -> None:
    post(world, body=b"[]")
    post(world, topic="bad", body=b"x")
    react.run(world)
    assert sorted(rows(world, tables.inbox, "state", "note")) == [
        ("done", "malformed"),
        ("done", "no_notification"),
    ]


def test_a_body_that_breaks_us_keeps_its_error_and_lets_the_others_pass(world: World, clock: Clock) -> None:
    broken = order(number="13")
    del broken["facts"]["refunds"]
    post(world, order(number="12"))
    post(world, broken)
    post(world, order(number="14"))
    react.run(world)
    assert sorted(v["order"] for (v,) in rows(world, tables.message, "variables")) == ["12", "14"]
    states = [(s, t, bool(e)) for s, t, e in rows(world, tables.inbox, "state", "tries", "error")]
    assert sorted(states) == [("done", 0, False), ("done", 0, False), ("new", 1, True)]
    for _ in range(5):
        clock.advance(hours=3)
        react.run(world)
    assert ("failed", 5, "poison") in rows(world, tables.inbox, "state", "tries", "note")


def test_the_ledgers_chain_is_whole_and_its_payload_encrypted(world: World) -> None:
    post(world, order())
    react.run(world)
    with world.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None
        [(event_id, payload)] = connection.execute(select(tables.consent.c.event_id, tables.consent.c.payload)).all()
        assert b"171" not in payload
        opened = world.ledger.payload(connection, event_id)
    assert opened is not None and opened["phone"] == "+491713920012"


def test_one_person_in_two_orders_is_one_contact(world: World) -> None:
    post(world, order(number="1", phone="0171 / 392 00-12"), order(number="2", phone="+49 171 3920012"))
    react.run(world)
    assert [p for (p,) in rows(world, tables.contact, "phone")] == ["+491713920012"]
    assert len(rows(world, tables.message, "id")) == 2


def test_an_event_that_breaks_us_keeps_its_error_and_lets_the_others_pass(world: World, clock: Clock) -> None:
    """The money of order 13 cannot be written: its facts are stored, its event is tried again, then given up."""
    post(world, order(number="12"), order(number="13", total=None), order(number="14"))
    react.run(world)
    assert sorted(v["order"] for (v,) in rows(world, tables.message, "variables")) == ["12", "14"]
    assert len(rows(world, tables.snapshot, "key")) == 3
    assert [t for (t,) in rows(world, tables.event, "tries") if t] == [1]
    for tries in range(7):
        clock.advance(seconds=5 * 4**tries)
        react.run(world)
    found = [(o, t, bool(e)) for o, t, e in rows(world, tables.event, "outcome", "tries", "error") if t]
    assert found == [("poison", 8, True)]


def test_a_regional_locale_is_a_language(world: World) -> None:
    post(world, order(number="1", locale="de-AT"), order(number="2", phone="+447700900123", locale="en_GB"))
    react.run(world)
    assert sorted(t for (t,) in rows(world, tables.message, "template")) == [
        "lb_order_confirmation_du_v1",
        "lb_order_confirmation_v1",
    ]


def test_an_order_in_the_second_of_the_connection_counts(database: Database, keys: Database, clock: Clock) -> None:
    """Platforms stamp whole seconds; ours has microseconds."""
    world = make_world(database, keys, clock, connected=NOON + timedelta(microseconds=700_000))
    post(world, order())
    react.run(world)
    assert len(rows(world, tables.message, "id")) == 1


def test_a_deleted_order_takes_its_queued_messages_back(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    clock.advance(minutes=1)
    post(world, topic="deleted", body=b"1001")
    post(world, topic="deleted", body=b"unknown")
    react.run(world)
    assert rows(world, tables.message, "status", "reason") == [("cancelled", "order_cancelled")]


def test_a_fault_of_a_connector_holds_nobody_up(world: World) -> None:
    post(world, topic="fault", body=b"x")
    post(world, order())
    react.run(world)
    assert len(rows(world, tables.message, "id")) == 1
    assert ("new", 1, True) in [(s, t, bool(e)) for s, t, e in rows(world, tables.inbox, "state", "tries", "error")]


def test_a_number_that_staff_corrected_is_no_new_consent(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    clock.advance(minutes=5)
    changed = order(version=clock(), phone="0171 3920099")
    post(world, changed, parcel(version=clock()))
    react.run(world)
    assert [t for (t,) in rows(world, tables.consent, "type")] == ["granted"]
    found = {k: (s, r) for k, s, r in rows(world, tables.message, "kind", "status", "reason")}
    assert found["shipping_notice"] == ("suppressed", "no_consent")


class Asking(PlainShop):
    """A shop that passes on a privacy request."""

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        return Translation(note="privacy_request", privacy=(PrivacyRequest("export", "anna@example.com", "r-1"),))


def test_a_privacy_request_is_recorded_with_its_body(world: World) -> None:
    asking = replace(world.shops["laden"], connector=Asking())
    post(world, body=b"{}", topic="plugin")
    react.run(replace(world, shops={"laden": asking}))
    with world.database.read() as connection:
        (found,) = shop_requests.waiting(connection, world.vault)
    assert (found.kind, found.email, found.requested_at) == ("export", "anna@example.com", NOON)
    assert rows(world, tables.inbox, "state", "note") == [("done", "privacy_request")]


def test_the_plugins_facts_are_known_as_such(world: World) -> None:
    post(world, order(), topic="plugin")
    react.run(world)
    assert rows(world, tables.event, "origin") == [("plugin",)]


def test_two_boxes_make_two_rows_of_the_ledger(world: World) -> None:
    box = order()["facts"]["consent"] | {"wording": "Angebote per WhatsApp", "purposes": ["marketing_offers"]}
    post(world, order(marketing_consent=box))
    react.run(world)
    found = rows(world, tables.consent, "type", "purposes")
    assert sorted((type_, list(purposes)) for type_, purposes in found) == [
        ("granted", ["marketing_offers"]),
        ("granted", ["service_updates"]),
    ]
    again = order(version=NOON + timedelta(minutes=1), marketing_consent=box | {"granted": False})
    post(world, again)
    react.run(world)
    assert sorted(type_ for (type_,) in rows(world, tables.consent, "type")) == ["granted", "granted", "withdrawn"]
