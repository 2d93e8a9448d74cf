"""send-test: the owner's own phone, by the same way as every other message."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import insert
from storekit import rows
from worlds import NOON, Clock, RememberingChannel, make_world

from integration.domain.errors import LadenboteError
from integration.flow import send
from integration.flow.numbers.send_test import queue_test
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger_checks
from integration.store.db import Database

PHONE = "+491713920012"


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    return make_world(database, keys, Clock())


def test_a_test_message_is_agreed_to_queued_and_sent(world: World) -> None:
    said = queue_test(world, "0171 / 392 00-12", None, "DE", "de")
    [(id_, status, text)] = rows(world.database, tables.message, "id", "status", "text")
    assert (status, text) == ("queued", None)
    assert f"/messages/{id_}" in said
    assert "1713920012" not in said.replace(" ", ""), "the sentence may be copied into a support mail"
    assert rows(world.database, tables.consent, "type", "source", "actor") == [("granted", "in_store", "owner")]
    [item] = send.claim(world, "nummer", 5)
    assert (item.envelope.to, item.envelope.template) == (PHONE, "lb_order_confirmation_sie_v1")
    channel = RememberingChannel()
    result = asyncio.run(send.dispatch(world, channel, item))
    send.claim(world, "nummer", 0, [result])
    assert rows(world.database, tables.message, "status") == [("accepted",)]
    with world.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None


def test_each_test_is_a_message_of_its_own(world: World) -> None:
    for _ in range(2):
        queue_test(world, PHONE, None, "DE", "en")
    assert len(send.claim(world, "nummer", 5)) == 2
    assert {t for (t,) in rows(world.database, tables.message, "template")} == {"lb_order_confirmation_v1"}
    assert len(rows(world.database, tables.contact, "id")) == 1


@pytest.mark.parametrize("typed", ["kein anruf bitte", "12", "", "0171"])
def test_what_is_no_phone_is_refused_and_leaves_nothing(world: World, typed: str) -> None:
    with pytest.raises(LadenboteError, match=r"is not a phone number.*\+49"):
        queue_test(world, typed, None, "DE", "de")
    assert rows(world.database, tables.contact, "id") == []
    assert rows(world.database, tables.consent, "seq") == []


def test_an_unknown_or_unnamed_number_lists_the_known_ones(world: World) -> None:
    with pytest.raises(LadenboteError, match=r"--sender.*nummer"):
        queue_test(world, PHONE, "falsch", "DE", "de")
    two = replace(world, senders={"a": world.senders["nummer"], "b": world.senders["nummer"]})
    with pytest.raises(LadenboteError, match="Known: a, b"):
        queue_test(two, PHONE, None, "DE", "de")
    with pytest.raises(LadenboteError, match="none is set up yet"):
        queue_test(replace(world, senders={}), PHONE, None, "DE", "de")


def test_it_expires_within_the_hour(world: World) -> None:
    queue_test(world, PHONE, None, "DE", "de")
    clock = world.clock
    assert isinstance(clock, Clock)
    clock.advance(hours=1)
    assert send.claim(world, "nummer", 5) == []
    assert rows(world.database, tables.message, "status", "occurred_at") == [("expired", NOON)]


def test_a_suppressed_phone_gets_no_test(world: World) -> None:
    """The same way as every message: the decision is asked again before it leaves."""
    queue_test(world, PHONE, None, "DE", "de")
    row = {"company": "firma", "keyed_hash": world.vault.keyed_hash("firma", PHONE), "kind": "phone"}
    with world.database.write() as connection:
        connection.execute(insert(tables.suppression), [row | {"reason": "erased", "created_at": NOON}])
    assert send.claim(world, "nummer", 5) == []
    assert rows(world.database, tables.message, "status", "reason") == [("suppressed", "suppressed")]
