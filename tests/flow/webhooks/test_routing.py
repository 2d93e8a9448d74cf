"""One body of Meta's about several numbers, accounts and companies: each takes what is its own, strangers nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from storekit import rows
from worlds import NOON, Clock, make_world, order, post

from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.templates.templates import all_templates
from integration.flow import answer, react, send
from integration.flow.world import Company, World
from integration.store import tables
from integration.store.db import Database
from integration.store.numbers import paused
from integration.store.templates import templates
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

ANNA = "491713920012"
#: short name: company, account, Meta's id of the number, app
NUMBERS = {
    "nummer": ("firma", "111", "1001", "eine"),
    "zweite": ("firma", "111", "1002", "eine"),
    "schwester": ("schwester", "222", "1003", "eine"),
    "fremd": ("fremd", "333", "1004", "andere"),
}


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    made = make_world(database, keys, clock)
    one = made.senders["nummer"]
    found = {
        slug: replace(
            one, slug=slug, company=company, account=account, phone_number_id=number, app=app, webhook=WEBHOOK
        )
        for slug, (company, account, number, app) in NUMBERS.items()
    }
    approved = [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]
    with database.write() as connection:
        templates.replace_all(connection, "111", approved, NOON)
    companies = {slug: Company(slug, slug.title()) for slug in ("firma", "schwester", "fremd")}
    return replace(made, senders=found, companies=companies)


def about(number: str, **value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "4922147100900", "phone_number_id": number}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def said(text: str, wamid: str) -> dict[str, Any]:
    message = {"from": ANNA, "id": wamid, "timestamp": "1795457800", "type": "text", "text": {"body": text}}
    return {"messages": [message], "contacts": [{"profile": {"name": "Anna"}, "wa_id": ANNA}]}


def told(world: World, *entries: tuple[str, list[dict[str, Any]]], to: str = "nummer") -> list[str | None]:
    """Let entries (account, changes) come to one number's address; the notes of all bodies so far."""
    body = {"object": "whatsapp_business_account", "entry": [{"id": a, "changes": c} for a, c in entries]}
    with world.database.write() as connection:
        inbox.add(connection, [InboxItem("meta", to, "", {}, json.dumps(body).encode(), True, world.clock())])
    answer.run(world)
    found = rows(world, tables.inbox, "channel", "state", "note")
    assert all(state == "done" for _, state, _ in found)
    return [note for channel, _, note in found if channel == "meta"]


def heard(world: World) -> set[tuple[str, str, str]]:
    return set(rows(world, tables.inbound_message, "company", "sender", "text"))


def test_each_number_hears_what_was_said_to_it(world: World) -> None:
    notes = told(
        world,
        ("111", [about("1001", **said("eins", "wamid.1")), about("1002", **said("zwei", "wamid.2"))]),
        ("222", [about("1003", **said("drei", "wamid.3"))]),
    )
    assert notes == [None]
    assert heard(world) == {
        ("firma", "nummer", "eins"),
        ("firma", "zweite", "zwei"),
        ("schwester", "schwester", "drei"),
    }
    assert {company for (company,) in rows(world, tables.contact, "company")} == {"firma", "schwester"}


def test_a_stop_to_one_company_is_no_stop_to_another(world: World) -> None:
    post(world, order())
    react.run(world)
    told(world, ("222", [about("1003", **said("STOP ALLES", "wamid.1"))]))
    assert len(send.claim(world, "nummer", 1)) == 1
    assert {company for (company,) in rows(world, tables.consent, "company")} >= {"schwester"}


@pytest.mark.parametrize(
    ("account", "number"),
    [pytest.param("444", "9999", id="not connected"), pytest.param("333", "1004", id="of another app")],
)
def test_what_is_said_to_a_stranger_is_left_alone_beside_what_is_ours(world: World, account: str, number: str) -> None:
    notes = told(
        world,
        (account, [about(number, **said("STOP", "wamid.1"))]),
        ("111", [about("1001", **said("Hallo", "wamid.2"))]),
    )
    assert notes == ["other_number"]
    assert heard(world) == {("firma", "nummer", "Hallo")}


def test_a_number_that_is_connected_later_hears_what_was_left_alone(world: World, clock: Clock) -> None:
    later = dict(world.senders)
    before = replace(world, senders={slug: one for slug, one in later.items() if slug != "zweite"})
    assert told(before, ("111", [about("1002", **said("Hallo", "wamid.1"))])) == ["other_number"]
    with world.database.write() as connection:
        inbox.replay(connection, NOON - timedelta(days=1), clock(), "meta")
    answer.run(world)
    assert heard(world) == {("firma", "zweite", "Hallo")}


def test_news_of_an_account_are_about_its_own_numbers(world: World) -> None:
    locked = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
    told(world, ("222", [{"field": "account_update", "value": locked}]))
    with world.database.read() as connection:
        assert paused.paused(connection) == {"schwester": 131031}
    assert told(world, ("333", [{"field": "account_update", "value": locked}]))[-1] == "other_number"
    with world.database.read() as connection:
        assert paused.paused(connection) == {"schwester": 131031}


def test_a_number_whose_ids_are_unknown_takes_what_comes_to_its_address(world: World) -> None:
    """A partner may name numbers and accounts in its own way."""
    partner = replace(world.senders["nummer"], account="nummer", phone_number_id="", app="")
    told(replace(world, senders={"nummer": partner}), ("777", [about("888", **said("Hallo", "wamid.1"))]))
    assert heard(world) == {("firma", "nummer", "Hallo")}


def test_a_status_moves_no_message_of_another_company(world: World) -> None:
    post(world, order())
    react.run(world)
    [item] = send.claim(world, "nummer", 1)
    row = {"id": "wamid.1", "status": "read", "timestamp": "1795457800", "recipient_id": ANNA}
    row["biz_opaque_callback_data"] = item.attempt.id
    told(world, ("222", [about("1003", statuses=[row])]))
    assert rows(world, tables.message, "status") == [("sending",)]
    told(world, ("111", [about("1002", statuses=[row])]))
    assert rows(world, tables.message, "status") == [("read",)]
