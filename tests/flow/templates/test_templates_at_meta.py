"""What an owner does to texts in Meta's own manager, played against the strict sandbox, on both databases."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pretend_meta import Meta, pretend_meta
from storekit import rows
from worlds import NOON, Clock, make_world, order, post

from connectors.whatsapp.account import WhatsAppAccount
from integration.domain.templates.approval import NAME_BLOCKED
from integration.domain.templates.selection import Slot
from integration.domain.templates.templates import all_templates, template_for
from integration.flow import react, send
from integration.flow.templates import templates as flow
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.templates import templates
from jobs.sweeps import template_sync

KIND = "order_confirmation"
OURS = template_for(KIND, "de", "du")
OWN = "lb_order_confirmation_du_v101"


@pytest.fixture
def meta() -> Iterator[Meta]:
    """One of its own for each test: Meta takes 100 texts an hour."""
    with pretend_meta() as running:
        yield running


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, meta: Meta) -> World:
    made = make_world(database, keys, clock)
    sender = replace(made.senders["nummer"], management=WhatsAppAccount(meta.settings()))
    world = replace(made, senders={"nummer": sender})
    with database.write() as connection:
        connection.execute(tables.template.delete())
    return world


def sync(world: World) -> str:
    return template_sync.sweep(world, world.clock())


def queue(world: World, number: str) -> None:
    post(world, order(number=number, phone=f"+49171392{number}"))
    react.run(world)


def deliver(world: World) -> list[tuple[Any, ...]]:
    batch = send.claim(world, "nummer", 10)
    results = [asyncio.run(send.dispatch(world, world.senders["nummer"].channel, item)) for item in batch]
    send.claim(world, "nummer", 0, results)
    return sorted(tuple(r) for r in rows(world.database, tables.message, "template", "status", "reason"))


def known(world: World, name: str) -> Any:
    with world.database.read() as connection:
        return templates.known(connection, "konto")[name, "de"]


def test_deleted_texts_come_back_under_another_name_and_edited_ones_are_judged_anew(world: World, meta: Meta) -> None:
    count = len(all_templates())
    assert sync(world) == f"konto: {count} templates, {count} submitted"
    assert sync(world) == f"konto: {count} templates, 0 submitted"
    registry = meta.stage.graph.templates

    # deleted in Meta's manager: the name is blocked, what is queued waits, and nothing is lost
    registry.delete(OURS.name)
    sync(world)
    assert (known(world, OURS.name).status, known(world, OURS.name).reason) == (templates.REFUSED, NAME_BLOCKED)
    queue(world, "1001")
    assert deliver(world) == [(OURS.name, "queued", "template_not_approved")]

    # submitted again with one click: another name, and what waited leaves in it
    with world.database.write() as connection:
        flow.write(world, connection, Slot("firma", KIND, "de", "du"), OURS.body, "owner", NOON)
    assert template_sync.submit(world, world.clock()) == "submitted=1"
    sync(world)
    assert deliver(world) == [(OWN, "accepted", None)]

    # edited in Meta's manager so that it advertises: nobody gets that, whatever Meta calls it
    queue(world, "1002")
    body = f"{OURS.body} Und 10 % Rabatt auf alles!"
    registry.find(OWN, "de").component("BODY")["text"] = body
    sync(world)
    assert deliver(world) == [(OWN, "accepted", None), (OWN, "queued", "template_not_approved")]
    assert known(world, OWN).status == templates.CHANGED

    # and edited to something harmless
    registry.find(OWN, "de").component("BODY")["text"] = OURS.body.replace("danke für", "vielen Dank für")
    sync(world)
    assert deliver(world) == [(OWN, "accepted", None)] * 2
    channel: Any = world.senders["nummer"].channel
    assert "vielen Dank" in channel.sent[-1].body
