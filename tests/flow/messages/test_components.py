"""Components from the row of a message to the channel, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest
from sending import channel
from sqlalchemy import select
from storekit import a_message
from worlds import Clock, make_world, order, post

from integration.domain.errors import Unfit
from integration.domain.messages.components import Button, ButtonType, Card, Components, Media, MediaType, stored
from integration.flow import react, send
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.messages import messages

PICTURE = Media(MediaType.IMAGE, id="1234567890")
FULL = Components(
    header=PICTURE,
    buttons=(Button(1, ButtonType.URL, "w/abc"), Button(2, ButtonType.COPY_CODE, "KM7TX4RDPH")),
    offer_ends=datetime(2026, 11, 27, 23, 0, tzinfo=UTC),
    cards=(Card(PICTURE, (Button(0, ButtonType.URL, "x"),), {"product": "Kaffee"}),) * 2,
)


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    return make_world(database, keys, Clock())


def deliver(world: World) -> None:
    batch = send.claim(world, "nummer", 10)
    results = [asyncio.run(send.dispatch(world, channel(world), item)) for item in batch]
    send.claim(world, "nummer", 0, results)


def test_components_reach_the_channel_as_they_were_queued(world: World) -> None:
    post(world, order())
    react.run(world)
    with world.database.write() as connection:
        contact_id = connection.execute(select(tables.contact.c.id)).scalar_one()
        plain = connection.execute(select(tables.message.c.components)).scalar_one()
        messages.add(connection, [a_message(contact_id, components=stored(FULL))], world.clock())
    deliver(world)
    assert plain is None
    assert [e.components for e in channel(world).sent if e.components] == [FULL]


def test_what_meta_would_refuse_fails_with_its_own_reason_and_what_does_not_fit(world: World) -> None:
    post(world, order())
    react.run(world)
    channel(world).fates["+491713920012"] = Unfit("variable name is empty")
    deliver(world)
    with world.database.read() as connection:
        states = connection.execute(select(tables.message.c.status, tables.message.c.reason)).all()
        [attempt] = connection.execute(select(tables.attempt.c.outcome, tables.attempt.c.error)).all()
    assert states == [("failed", "unfit")]
    assert attempt == ("refused", "variable name is empty")
