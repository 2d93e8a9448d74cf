"""STOP against a campaign that is leaving: after its commit not one message of that person moves.

Threads of one process on SQLite, two processes on PostgreSQL. 3,000 messages wait; `LADENBOTE_RACE=100000` lets so many
wait. STOP comes by the link of the page and, on SQLite, by chat too.
"""

import os
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from storekit import a_message, an_entry, child, ended, rows
from worlds import NOON, make_world, post_meta

from integration.domain.consent.consent import Source
from integration.domain.messages.channel import Inbound, MetaUpdate, RemoteTemplate
from integration.flow import answer, send
from integration.flow.consent.optout import Withdrawal, withdraw_by_id
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.templates import templates

EACH, BATCH = 10, 40
PEOPLE = max(3_000, int(os.environ.get("LADENBOTE_RACE", "0"))) // EACH
#: some hundred people stop while the campaign leaves, each of whom has messages all over it
STEP = max(3, PEOPLE // 300)
TEMPLATE = "lb_shipping_notice_du_v1"


@pytest.fixture
def world(database: Database, keys: Database) -> Iterator[World]:
    made = make_world(database, keys)
    with database.write() as connection:
        templates.replace_all(connection, "konto", [RemoteTemplate(TEMPLATE, "de", "APPROVED", "UTILITY")], NOON)
    yield made


def campaign(world: World) -> list[str]:
    """Everybody agreed and has ten messages waiting, mixed."""
    with world.database.write() as connection:
        people = identity_resolution.resolve(connection, [Person("firma", phone_of(n)) for n in range(PEOPLE)], NOON)
        grants = [an_entry(p.subject, phone=p.phone, source=Source.CHECKOUT) for p in people]
        world.ledger.append(connection, grants, NOON)
        waiting = [
            a_message(p.id, kind="shipping_notice", purpose="shipping_notice", template=TEMPLATE)
            for _ in range(EACH)
            for p in people
        ]
        messages.add(connection, waiting, NOON)
    return [p.id for p in people]


def phone_of(n: int) -> str:
    return f"+4917139{n:05}"


def sent_to(world: World, contact_id: str) -> int:
    """How many of a person's messages have begun to leave; what answers the STOP is none of them."""
    query = (
        select(func.count())
        .select_from(tables.attempt.join(tables.message, tables.message.c.id == tables.attempt.c.message_id))
        .where(tables.message.c.contact_id == contact_id, tables.message.c.kind == "shipping_notice")
    )
    with world.database.read() as connection:
        return connection.execute(query).scalar_one()


def stop(world: World, contact_id: str) -> int:
    """STOP ALLES; returns what had left when its transaction was committed."""
    assert withdraw_by_id(world, contact_id, Withdrawal(True, NOON, Source.KEYWORD, "customer", {}))
    return sent_to(world, contact_id)


def stop_by_chat(world: World, contact_id: str) -> int:
    """The same as a message that comes in; the person's messages wait from its arrival on."""
    with world.database.read() as connection:
        phone = contacts.by_id(connection, [contact_id])[contact_id].phone
    said = Inbound(f"stop-{contact_id}", phone, None, "", NOON, "text", "STOP ALLES")
    post_meta(world, MetaUpdate(messages=(said,)))
    answer.run(world)
    return sent_to(world, contact_id)


def leave_in_a_thread(world: World) -> threading.Thread:
    def claim_all() -> None:
        while send.claim(world, "nummer", BATCH):
            pass

    thread = threading.Thread(target=claim_all)
    thread.start()
    return thread


def test_not_one_leaves_after_the_commit(world: World, database_url: str, keys: Database) -> None:
    people = campaign(world)
    if world.database.is_sqlite:
        running = [leave_in_a_thread(world) for _ in range(2)]
        stopping = people[::STEP]
        at_commit = {id_: (stop_by_chat if n % 2 else stop)(world, id_) for n, id_ in enumerate(stopping)}
        for thread in running:
            thread.join()
    else:
        process = child("claimer.py", database_url, keys.url, str(BATCH), str(max(40, PEOPLE // 20)))
        assert process.stdout and process.stdin
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        at_commit = {id_: stop(world, id_) for id_ in people[::STEP]}
        ended(process, max(60, PEOPLE // 10))
        while send.claim(world, "nummer", BATCH):
            pass
    assert {id_: sent_to(world, id_) for id_ in at_commit} == at_commit
    assert sum(at_commit.values()) < EACH * len(at_commit), "some STOPs came in time"
    states = [s for s, kind in rows(world.database, tables.message, "status", "kind") if kind == "shipping_notice"]
    assert states.count("sending") == PEOPLE * EACH - states.count("cancelled")
    assert states.count("cancelled") == EACH * len(at_commit) - sum(at_commit.values())
