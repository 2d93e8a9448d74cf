"""What goes when: a dry run says what a run then does; young, waiting and confirmed things stay."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select
from storekit import a_message, an_entry, rows
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.consent.consent import Source
from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import answer, react
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.messages import messages
from jobs.sweeps import retention

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def preview(world: World) -> dict[str, int]:
    return {name: count for name, _, count in retention.preview(world, world.clock())}


def swept(world: World) -> dict[str, int]:
    return {name: int(n) for name, n in (part.split("=") for part in retention.sweep(world, world.clock()).split())}


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    hello = Inbound("in1", "+491713920012", None, "Anna", clock(), "text", "Hallo")
    post_meta(world, MetaUpdate(messages=(hello,)))
    answer.run(world)
    denied = {"id": new_id(), "message_id": "m", "at": NOON, "stage": "send", "outcome": "deny", "reason": "stale"}
    with world.database.write() as connection:
        connection.execute(insert(tables.decision).values(**denied, basis=[], facts={}))
        connection.execute(tables.message.update().values(status="read"))
    assert not any(preview(world).values())
    clock.advance(days=366)
    expected = preview(world)
    assert expected == preview(world), "looking changes nothing"
    assert (expected["bodies"], expected["messages"], expected["inbound"], expected["refusals"]) == (2, 1, 1, 1)
    assert swept(world) == expected
    assert not any(preview(world).values())
    assert rows(world.database, tables.message, "variables", "order_number", "kind") == [
        ({}, None, "order_confirmation")
    ]
    assert [o for (o,) in rows(world.database, tables.decision, "outcome")] == ["allow"]


def test_words_of_what_still_waits_stay(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        messages.add(connection, [a_message(variables={"name": "Anna"})], NOON)
    clock.advance(days=400)
    assert swept(world)["messages"] == 0


def sign_up(world: World, phone: str, source: Source) -> str:
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", phone)], NOON)
        grant = an_entry(person.subject, phone=phone, source=source, purposes=("marketing_news",))
        world.ledger.append(connection, [grant], NOON)
    return person.id


def test_a_sign_up_that_nobody_confirmed_is_forgotten_and_may_come_again(world: World, clock: Clock) -> None:
    typed, own = sign_up(world, "+491713920012", Source.FORM), sign_up(world, "+491713920013", Source.QR)
    clock.advance(days=29)
    assert swept(world)["unconfirmed"] == 0
    clock.advance(days=2)
    assert swept(world)["unconfirmed"] == 1
    with world.database.read() as connection:
        phones = dict(connection.execute(select(tables.contact.c.id, tables.contact.c.phone)).all())
    assert phones == {typed: None, own: "+491713920013"}
    assert rows(world.database, tables.suppression, "kind") == []
