"""What tests of consents share: a world with a number to write to, customers who answer, what the ledger says."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from blank import opened
from sqlalchemy import select
from worlds import NOON, RememberingChannel, make_world, post_meta

from integration.domain.consent.standing import State
from integration.domain.messages.channel import Envelope, Inbound, MetaUpdate
from integration.domain.shops.events import ObjectType, Origin, Snapshot
from integration.flow import answer, send
from integration.flow.shops import absorb
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import listing
from integration.web.parts.consent_status import standing

NUMBER = "+493055501234"
ANNA = "+491713920012"
_WRITTEN = count()


def with_number(world: World, **company: Any) -> World:
    """The same world, its number known, its company as told."""
    told = {"town": "Ulm", "privacy_url": "https://laden.example/datenschutz", **company}
    return replace(
        world,
        senders={"nummer": replace(world.senders["nummer"], number=NUMBER)},
        companies={"firma": replace(world.companies["firma"], **told)},
    )


@contextmanager
def a_world(folder: Path, clock: Callable[[], datetime], **company: Any) -> Iterator[World]:
    """A world on SQLite files of its own."""
    with opened(folder) as (database, keys):
        yield with_number(make_world(database, keys, clock), **company)


def deliver(world: World) -> list[Envelope]:
    """Send what is due."""
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    before = len(channel.sent)
    for item in send.claim(world, "nummer", 50):
        send.claim(world, "nummer", 0, [asyncio.run(send.dispatch(world, channel, item))])
    return channel.sent[before:]


def say(world: World, text: str, payload: str = "", phone: str = ANNA) -> list[Envelope]:
    """A customer writes or taps; what is sent in return."""
    kind = "interactive" if payload else "text"
    at = world.clock()
    item = Inbound(f"kit{next(_WRITTEN)}", phone, f"DE.{phone[1:]}", "Anna", at, kind, text, payload)
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)
    return deliver(world)


def state_of(world: World, phone: str, scope: str) -> State:
    """Where a scope of a person stands, by the fold that decides."""
    with world.database.read() as connection:
        row = connection.execute(select(tables.contact).where(tables.contact.c.phone == phone)).one()
        return standing(listing.headers(connection, [row])[row.id], scope, row, world.clock())


def ledger(world: World) -> list[tuple[str, str, list[str]]]:
    """Every act: type, source, purposes."""
    query = select(tables.consent.c.type, tables.consent.c.source, tables.consent.c.purposes)
    with world.database.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(tables.consent.c.seq))]


def payload_of(world: World, n: int = 0) -> dict[str, Any]:
    """The evidence of the ledger's n-th row."""
    with world.database.read() as connection:
        ids = list(connection.execute(select(tables.consent.c.event_id).order_by(tables.consent.c.seq)).scalars())
        return world.ledger.payload(connection, ids[n]) or {}


def put_product(world: World, id_: str, name: str) -> None:
    """The shop has this article."""
    variant = {"id": id_, "name": "", "sku": "", "price": "9.90", "in_stock": False, "stock": 0}
    facts = {
        "name": name, "published": True, "url": "", "picture": "", "currency": "EUR", "variants": [variant],
    }  # fmt: skip
    found = Snapshot("laden", ObjectType.PRODUCT, id_, NOON - timedelta(days=1), facts)
    with world.database.write() as connection:
        absorb.take(world, connection, [found], [], Origin.POLL, world.clock())
