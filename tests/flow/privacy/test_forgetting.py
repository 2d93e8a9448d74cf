"""Whole people who go by themselves: who said no, and of whom nothing was heard for long.

See docs/reference/law.md section 10.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from storekit import an_entry, rows
from worlds import NOON, Clock, make_world, order, post

from integration.domain.consent.consent import ConsentType, Source
from integration.flow import react
from integration.flow.privacy import requests
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from jobs.sweeps import retention

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA = "+491713920012"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def signs_up(world: World, *more: ConsentType) -> None:
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
        news = ("marketing_news",)
        entries = [an_entry(person.subject, purposes=news, source=Source.FORM, phone=ANNA)]
        entries += [an_entry(person.subject, type=kind, purposes=news, source=Source.CHAT_BUTTON) for kind in more]
        world.ledger.append(connection, entries, NOON)


def phones(world: World) -> list[str | None]:
    return [phone for (phone,) in rows(world.database, tables.contact, "phone")]


def test_who_said_no_is_forgotten_after_a_month_and_not_asked_for_a_year(world: World, clock: Clock) -> None:
    signs_up(world, ConsentType.DECLINED)
    clock.advance(days=29)
    retention.sweep(world, clock())
    assert phones(world) == [ANNA]
    clock.advance(days=2)
    retention.sweep(world, clock())
    assert phones(world) == [None]
    assert set(rows(world.database, tables.suppression, "reason")) == {("declined",)}
    clock.advance(days=364)
    retention.sweep(world, clock())
    assert len(rows(world.database, tables.suppression, "reason")) == 1
    clock.advance(days=2)
    retention.sweep(world, clock())
    assert rows(world.database, tables.suppression, "reason") == []


def test_who_confirmed_stays(world: World, clock: Clock) -> None:
    signs_up(world, ConsentType.DECLINED, ConsentType.CONFIRMED)
    clock.advance(days=100)
    retention.sweep(world, clock())
    assert phones(world) == [ANNA]


def test_profiles_of_whom_nothing_is_heard_go_after_820_days(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    clock.advance(days=819)
    retention.sweep(world, clock())
    assert phones(world) == [ANNA]
    clock.advance(days=2)
    retention.sweep(world, clock())
    assert phones(world) == [None]
    assert rows(world.database, tables.suppression, "reason") == [], "they may come again"


@pytest.mark.parametrize("stir", ["wrote", "asked", "ordered"])
def test_whatever_happens_keeps_a_profile(world: World, clock: Clock, stir: str) -> None:
    post(world, order())
    react.run(world)
    clock.advance(days=810)
    with world.database.write() as connection:
        id_ = connection.execute(select(tables.contact.c.id)).scalar_one()
        if stir == "wrote":
            contacts.wrote(connection, {id_: clock()})
        if stir == "ordered":
            connection.execute(update(tables.snapshot).values(version=clock()))
    if stir == "asked":
        requests.by_staff(world, "firma", "access", requests.Identifiers(phone=ANNA), "letter", clock(), "")
    clock.advance(days=20)
    retention.sweep(world, clock())
    assert phones(world) == [ANNA]


def test_answered_requests_go_after_three_years(world: World, clock: Clock) -> None:
    [id_] = requests.by_staff(world, "firma", "access", requests.Identifiers(email="x@example.com"), "letter", NOON, "")
    [waiting] = requests.by_staff(
        world, "firma", "erasure", requests.Identifiers(email="y@example.com"), "letter", NOON, ""
    )
    requests.end(world, id_, requests.NOBODY)
    clock.advance(days=3 * 365 + 1)
    retention.sweep(world, clock())
    assert rows(world.database, tables.request, "id") == [(waiting,)]


def test_the_dry_run_says_what_a_run_would_do(world: World, clock: Clock) -> None:
    signs_up(world, ConsentType.DECLINED)
    post(world, order(number="7", phone="0171 3920013"))
    react.run(world)
    clock.advance(days=900)
    said = {name: count for name, _, count in retention.preview(world, clock())}
    assert (said["declined"], said["dormant"]) == (1, 2)
    retention.sweep(world, clock())
    assert phones(world) == [None, None]
