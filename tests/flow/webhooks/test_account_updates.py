"""What Meta tells besides messages, as genuine bodies: templates, account, echoes; and bodies dealt with twice."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from storekit import rows
from worlds import NOON, Clock, make_world, order, post

from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.alarms.alarms import Cause
from integration.domain.messages.holds import Block, Scope
from integration.domain.numbers.numbers import NumberFacts
from integration.flow import answer, react, send
from integration.flow.alarms.raising import PASSING, clear
from integration.flow.numbers import connect
from integration.flow.privacy import erasure
from integration.flow.world import World
from integration.store import tables
from integration.store.alarms import alarms
from integration.store.alarms.alarms import Alarm
from integration.store.db import Database
from integration.store.messages import holds
from integration.store.numbers import numbers, paused
from integration.store.templates import templates
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem
from jobs.sweeps import alarms as alarms_job

ANNA = "491713920012"
TEMPLATE = "lb_order_confirmation_du_v1"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    made = make_world(database, keys, clock)
    one = made.senders["nummer"]
    both = {"nummer": replace(one, webhook=WEBHOOK), "zweite": replace(one, slug="zweite", webhook=WEBHOOK)}
    return replace(made, senders=both)


def told(world: World, field: str, value: dict[str, Any]) -> None:
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}],
    }
    raw = json.dumps(body).encode()
    with world.database.write() as connection:
        inbox.add(connection, [InboxItem("meta", "nummer", "", {}, raw, field == "messages", world.clock())])
    answer.run(world)
    assert all(state == "done" for (state,) in rows(world, tables.inbox, "state"))


def template_event(event: str, language: str = "de", **more: Any) -> dict[str, Any]:
    named = {"message_template_id": 1, "message_template_name": TEMPLATE, "message_template_language": language}
    return {"event": event, "reason": "NONE", **named, **more}


def facts(world: World) -> tuple[str, str]:
    with world.database.read() as connection:
        found = templates.facts(connection, "konto")[TEMPLATE, "de"]
    return found.status, found.category


@pytest.mark.parametrize(
    ("event", "status"),
    [("PAUSED", "PAUSED"), ("DISABLED", "DISABLED"), ("REJECTED", "REJECTED"), ("FLAGGED", "APPROVED")],
)
def test_a_template_changes_at_once(world: World, event: str, status: str) -> None:
    told(world, "message_template_status_update", template_event(event))
    assert facts(world)[0] == status


def test_what_waited_for_a_template_leaves_when_it_is_approved(world: World, clock: Clock) -> None:
    told(world, "message_template_status_update", template_event("PAUSED"))
    with world.database.write() as connection:
        holds.put(connection, Block(Scope.TEMPLATE, f"konto/{TEMPLATE}/de", 132015, NOON))
    post(world, order())
    react.run(world)
    assert send.claim(world, "nummer", 1) == []
    told(world, "message_template_status_update", template_event("REINSTATED"))
    assert len(send.claim(world, "nummer", 1)) == 1


def test_a_template_that_became_marketing_needs_consent_for_that_from_now_on(world: World) -> None:
    named = {"message_template_id": 1, "message_template_name": TEMPLATE, "message_template_language": "de"}
    change = {**named, "previous_category": "UTILITY", "new_category": "MARKETING"}
    told(world, "template_category_update", change)
    assert facts(world) == ("APPROVED", "MARKETING")


def test_a_locked_account_pauses_all_its_numbers_until_it_is_freed(world: World) -> None:
    told(world, "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}})
    with world.database.read() as connection:
        assert paused.paused(connection) == {"nummer": 131031, "zweite": 131031}
    told(world, "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}})
    with world.database.read() as connection:
        assert paused.paused(connection) == {}


def test_a_restricted_account_advertises_no_more(world: World) -> None:
    info = [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": "0"}]
    told(world, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": info})
    with world.database.read() as connection:
        assert holds.in_force(connection, NOON).of(Scope.MARKETING, "zweite")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("business_capability_update", {"max_daily_conversations_per_business": "2000"}),
        ("business_capability_update", {"max_daily_conversation_per_phone": 250, "max_phone_numbers_per_business": 2}),
        ("phone_number_quality_update", {"event": "DOWNGRADE", "current_limit": "TIER_250", "display_phone_number": 1}),
        ("account_update", {"event": ["kein", "Wort"], "ban_info": "kaputt", "restriction_info": {"a": 1}}),
        ("phone_number_quality_update", {"event": "THROUGHPUT_UPGRADE", "current_limit": "TIER_UNLIMITED"}),
        ("phone_number_name_update", {"decision": "APPROVED", "requested_verified_name": "Laden"}),
        ("account_review_update", {"decision": "APPROVED"}),
        ("account_alerts", {"alert_type": "OBA_APPROVED", "alert_severity": "INFORMATIONAL"}),
        ("account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}}),
        ("security", {"event": "PIN_CHANGED"}),
    ],
)
def test_what_changes_a_number_lets_it_be_read_again(world: World, field: str, value: dict[str, Any]) -> None:
    with world.database.write() as connection:
        numbers._note(connection, "nummer", read_at=NOON)
    told(world, field, value)
    with world.database.read() as connection:
        assert numbers.read_at(connection)["nummer"] is None
    assert rows(world, tables.inbox, "note") == [("account_news",)]


@pytest.mark.parametrize(
    ("field", "value", "cause", "news"),
    [
        (
            "account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}},
            Cause.ACCOUNT_WARNED, "ACCOUNT_VIOLATION ADULT",
        ),
        (
            "account_update",
            {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE"}]},
            Cause.ACCOUNT_WARNED, "ACCOUNT_RESTRICTION RESTRICTED_ADD_PHONE",
        ),
        (
            "account_alerts", {"alert_type": "OBA_REJECTED", "alert_severity": "WARNING"},
            Cause.ACCOUNT_WARNED, "account_alerts OBA_REJECTED",
        ),
        (
            "account_review_update", {"decision": "REJECTED"}, Cause.ACCOUNT_WARNED, "account_review_update REJECTED",
        ),
        ("phone_number_name_update", {"decision": "REJECTED"}, Cause.ACCOUNT_WARNED, "REJECTED"),
        ("account_update", {"event": "ACCOUNT_DELETED"}, Cause.ACCOUNT_WARNED, "ACCOUNT_DELETED"),
        ("account_update", {"event": "PARTNER_REMOVED"}, Cause.ACCOUNT_WARNED, "PARTNER_REMOVED"),
        ("account_update", {"event": "PARTNER_APP_UNINSTALLED"}, Cause.ACCOUNT_WARNED, "PARTNER_APP_UNINSTALLED"),
        ("account_update", {"event": "ACCOUNT_OFFBOARDED"}, Cause.ACCOUNT_WARNED, "ACCOUNT_OFFBOARDED"),
        (
            "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}},
            Cause.ACCOUNT_WARNED, "DISABLED_UPDATE SCHEDULE_FOR_DISABLE",
        ),
        ("account_update", {"event": "PARTNER_ADDED"}, None, ""),
        ("account_update", {"event": "VERIFIED_ACCOUNT"}, None, ""),
        ("security", {"event": "PIN_CHANGED"}, Cause.ACCOUNT_SECURITY, "PIN_CHANGED"),
        ("account_alerts", {"alert_type": "OBA_APPROVED", "alert_severity": "INFORMATIONAL"}, None, ""),
        ("account_review_update", {"decision": "APPROVED"}, None, ""),
        ("phone_number_quality_update", {"event": "THROUGHPUT_UPGRADE"}, None, ""),
    ],
)  # fmt: skip
def test_the_owner_is_told_of_what_meta_objects_to_for_a_week(
    world: World, clock: Clock, field: str, value: dict[str, Any], cause: Cause | None, news: str
) -> None:
    told(world, field, value)
    found = open_alarms(world)
    assert [(a.cause, a.about) for a in found] == ([(cause, "nummer")] if cause else [])
    assert all(a.facts["news"].endswith(news) for a in found)
    clock.advance(days=6)
    alarms_job.sweep(world, clock())
    assert len(open_alarms(world)) == len(found)
    clock.advance(days=1)
    alarms_job.sweep(world, clock())
    assert open_alarms(world) == []


def open_alarms(world: World) -> list[Alarm]:
    with world.database.read() as connection:
        return [alarm for alarm in alarms.current(connection) if alarm.cause in PASSING]


def test_a_lowered_limit_is_told_until_it_rises(world: World, clock: Clock) -> None:
    for tier, expected in (
        ("TIER_10K", []),
        ("TIER_2K", [Cause.LIMIT_LOWERED]),
        ("TIER_2K", [Cause.LIMIT_LOWERED]),
        ("", [Cause.LIMIT_LOWERED]),
        ("TIER_10K", []),
        ("TIER_250", [Cause.LIMIT_LOWERED]),
        ("TIER_UNLIMITED", []),
    ):
        connect.keep(world.database, "nummer", NumberFacts(messaging_limit=tier), clock())
        assert [a.cause for a in open_alarms(world)] == expected, tier


def test_who_asked_earlier_does_not_overwrite_who_asked_later(world: World, clock: Clock) -> None:
    """The hourly sweep and the owner ask at the same time: the sweep's answer may be the older one, and come last."""
    early = clock()
    clock.advance(seconds=3)
    connect.keep(world.database, "nummer", NumberFacts(subscribed=True), clock())
    connect.keep(world.database, "nummer", NumberFacts(subscribed=False), early)
    with world.database.read() as connection:
        assert numbers.facts_of(connection)["nummer"].subscribed is True


def test_poor_quality_is_told_until_it_is_better(world: World, clock: Clock) -> None:
    for quality, expected in (("RED", [Cause.NUMBER_QUALITY]), ("YELLOW", [])):
        connect.keep(world.database, "nummer", NumberFacts(quality=quality), clock())
        alarms_job.sweep(world, clock())
        with world.database.read() as connection:
            assert [a.cause for a in alarms.current(connection)] == expected


@pytest.mark.parametrize("field", ["history", "smb_app_state_sync", "message_template_components_update", "neu"])
def test_what_nobody_needs_is_noted_and_nothing_is_kept(world: World, field: str) -> None:
    told(world, field, {"messaging_product": "whatsapp", "history": [{"threads": [{"id": ANNA}]}]})
    assert rows(world, tables.inbox, "note") == [("account_news",)]
    assert rows(world, tables.contact, "id") == []


def test_an_answer_given_on_the_phone_stands_with_the_contact_once(world: World) -> None:
    post(world, order())
    react.run(world)
    echo = {"from": "4922147100900", "to": ANNA, "id": "wamid.E1", "timestamp": "1795457800", "type": "text"}
    echo["text"] = {"body": "Gern!"}  # type: ignore[assignment]
    stranger = {**echo, "to": "491713920099", "id": "wamid.E2"}
    for _ in range(2):
        told(world, "smb_message_echoes", {"message_echoes": [echo, stranger]})
    [(contact_id,)] = rows(world, tables.contact, "id")
    assert rows(world, tables.echo, "contact_id", "text", "wa_message_id") == [(contact_id, "Gern!", "wamid.E1")]
    assert len(rows(world, tables.message, "id")) == 1, "it is no message of ours"


def said(text: str, wamid: str = "wamid.I1", at: int = 1795457800) -> dict[str, Any]:
    message = {"from": ANNA, "id": wamid, "timestamp": str(at), "type": "text", "text": {"body": text}}
    return {"messages": [message], "contacts": [{"profile": {"name": "Anna"}, "wa_id": ANNA}]}


def everything(world: World) -> dict[str, list[Any]]:
    """All that is stored but the bodies themselves: what a second reading must not change."""
    kept = [table for table in tables.metadata.sorted_tables if table.name not in ("inbox", "inbox_body")]
    return {table.name: sorted(map(str, rows(world, table, *table.columns.keys()))) for table in kept}


def test_bodies_dealt_with_twice_change_nothing(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    told(world, "messages", said("STOP ALLES"))
    person = {"wa_id": ANNA, "category": "marketing_messages", "timestamp": 1795457801}
    for value in ("stop", "resume"):
        told(world, "user_preferences", {"user_preferences": [{**person, "value": value}]})
    read_again(world, clock, 4)


def read_again(world: World, clock: Clock, many: int) -> None:
    before = everything(world)
    clock.advance(days=3)
    with world.database.write() as connection:
        assert inbox.replay(connection, NOON - timedelta(days=1), clock()) == many
    react.run(world)
    answer.run(world)
    assert everything(world) == before
    assert {state for (state,) in rows(world, tables.inbox, "state")} == {"done"}


def test_every_kind_of_report_of_metas_changes_nothing_when_it_is_read_again(world: World, clock: Clock) -> None:
    """A message sent, read and refused, an answer, a new number, news that are over: all of it three days later."""
    post(world, order())
    react.run(world)
    [item] = send.claim(world, "nummer", 1)
    at = str(int(NOON.timestamp()) + 60)
    row = {"id": "wamid.O1", "timestamp": at, "recipient_id": ANNA, "biz_opaque_callback_data": item.attempt.id}
    failed = {**row, "status": "failed", "errors": [{"code": 131050, "title": "stopped"}]}
    price = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    told(world, "messages", {"statuses": [failed, {**row, "status": "sent", "pricing": price}]})
    told(world, "messages", {"statuses": [{**row, "status": "read"}, {**row, "status": "delivered"}]})
    system = {"type": "user_changed_number", "wa_id": "4366412345678", "body": "…"}
    changed = {"from": ANNA, "id": "wamid.S1", "timestamp": at, "type": "system", "system": system}
    told(world, "messages", {"messages": [changed]})
    writes = {"from": "4366412345678", "timestamp": at}
    told(world, "messages", {"messages": [
        {**writes, "id": "wamid.I1", "type": "text", "text": {"body": "Hallo"}},
        {**writes, "id": "wamid.I2", "type": "image", "image": {"id": "7001", "caption": "STOP"}},
    ]})  # fmt: skip
    echo = {**writes, "to": "4366412345678", "id": "wamid.E1", "type": "text", "text": {"body": "Gern!"}}
    told(world, "smb_message_echoes", {"message_echoes": [echo]})
    told(world, "message_template_status_update", template_event("PAUSED"))
    told(world, "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}})
    told(world, "account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}})
    told(world, "security", {"event": "PIN_CHANGED"})
    # meanwhile the sweeps have seen that all is well again, and the owner has seen the alarms
    with world.database.write() as connection:
        for slug in ("nummer", "zweite"):
            paused.resume(connection, slug)
            numbers._note(connection, slug, read_at=clock())
        for cause in PASSING:
            clear(connection, cause, "nummer", clock())
    told(world, "message_template_status_update", template_event("APPROVED"))
    read_again(world, clock, 11)


def test_only_what_came_since_then_and_that_way_is_dealt_with_again(world: World, clock: Clock) -> None:
    told(world, "messages", said("Hallo"))
    clock.advance(days=1)
    post(world, order())
    react.run(world)
    with world.database.write() as connection:
        assert inbox.replay(connection, clock(), clock(), "meta") == 0
        assert inbox.replay(connection, clock(), clock(), "shop") == 1


def test_an_old_body_does_not_bring_back_who_was_erased(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    told(world, "messages", said("Hallo", at=int(NOON.timestamp()) - 60))
    [(contact_id,)] = rows(world, tables.contact, "id")
    assert erasure.erase_contact(world, contact_id, "staff")
    with world.database.write() as connection:
        inbox.replay(connection, NOON - timedelta(days=1), clock())
    answer.run(world)
    assert rows(world, tables.inbound_message, "id") == []
    assert [phone for (phone,) in rows(world, tables.contact, "phone")] == [None]
