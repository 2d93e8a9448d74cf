"""The ledger's running totals agree with the fold, however the ledger grew and in whatever steps it is counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update
from storekit import an_entry
from worlds import NOON, Clock, make_world

from integration.domain.consent.consent import ConsentType, Flag, Source
from integration.domain.contacts.contacts import Contact
from integration.flow.consent import totals
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import totals as consent_totals
from integration.store.consent.ledger import Entry, Wording
from integration.store.contacts import contacts, identity_resolution, listing
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.ids import new_id

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NEWS = ("marketing_news",)


@pytest.fixture
def world(database: Database, keys: Database) -> Iterator[World]:
    yield make_world(database, keys, Clock())


def write(world: World, *entries: Entry) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, entries, NOON)


def counted(world: World, kind: str = "standing") -> dict[tuple[str, str], int]:
    totals.catch_up(world, 1_000_000)
    with world.database.read() as connection:
        return consent_totals.of_company(connection, "firma", kind)


def act(subject: str, type_: ConsentType, days: int, *purposes: str, **more: object) -> Entry:
    return an_entry(
        subject,
        type=type_,
        purposes=purposes or NEWS,
        occurred_at=NOON - timedelta(days=days),
        source=Source.QR,
        **more,
    )


def test_each_step_moves_a_person_once(world: World) -> None:
    who = new_id()
    write(world, an_entry(who, purposes=NEWS, source=Source.FORM, occurred_at=NOON - timedelta(days=9)))
    assert counted(world) == {("marketing_news", "pending:not_confirmed"): 1}
    write(world, act(who, ConsentType.CONFIRMED, 8))
    assert counted(world) == {("marketing_news", "on"): 1}
    assert counted(world) == {("marketing_news", "on"): 1}, "counting twice changes nothing"
    write(world, act(who, ConsentType.WITHDRAWN, 2, "*marketing"))
    assert counted(world)["marketing_news", "off:withdrawn"] == 1 and ("marketing_news", "on") not in counted(world)
    days = counted(world, "day")
    assert days["2026-11-16", "gained:marketing_news"] == 1 and days["2026-11-22", "lost:marketing_news"] == 1


def test_who_came_and_went_between_two_counts_is_both_gained_and_lost(world: World) -> None:
    who = new_id()
    write(world, act(who, ConsentType.GRANTED, 9), act(who, ConsentType.WITHDRAWN, 2, "*marketing"))
    days = counted(world, "day")
    assert days["2026-11-15", "gained:marketing_news"] == 1 and days["2026-11-22", "lost:marketing_news"] == 1
    write(world, act(who, ConsentType.WITHDRAWN, 1, "*marketing"))
    assert sum(counted(world, "day").values()) == 2, "going twice is going once"


def test_a_near_miss_is_counted_by_its_flaw(world: World) -> None:
    for flag in (Flag.WORDING_MISSING, Flag.WORDING_MISSING, Flag.WHATSAPP_NOT_NAMED):
        write(world, an_entry(new_id(), flags=frozenset({flag})))
    found = counted(world)
    assert found["service_updates", "none:wording_missing"] == 2
    assert found["service_updates", "none:whatsapp_not_named"] == 1


def test_an_erased_person_is_no_longer_counted(world: World) -> None:
    who = new_id()
    write(world, act(who, ConsentType.GRANTED, 5))
    assert counted(world)
    write(world, act(who, ConsentType.ERASED, 1, "*"))
    assert counted(world) == {}


def test_alerts_are_counted_together(world: World) -> None:
    who = new_id()
    write(world, act(who, ConsentType.GRANTED, 5, "back_in_stock:laden/1"))
    write(world, act(who, ConsentType.GRANTED, 4, "back_in_stock:laden/2"))
    write(world, act(who, ConsentType.EXPIRED, 1, "back_in_stock:laden/1"))
    assert counted(world) == {("back_in_stock", "on"): 1}


def test_texts_are_counted_by_how_many_agreed(world: World) -> None:
    text = Wording("v1", "de", "Neuigkeiten per WhatsApp", NEWS)
    for _ in range(3):
        write(world, act(new_id(), ConsentType.GRANTED, 3, wording=text))
    write(world, act(new_id(), ConsentType.WITHDRAWN, 3, "*", wording=text))
    assert counted(world, "wording") == {(text.hash, ""): 3}


def contact_of(world: World, subject: str, **who: Any) -> Contact:
    with world.database.write() as connection:
        [made] = identity_resolution.resolve(connection, [Person("firma", **{"phone": None, **who})], NOON)
        connection.execute(update(tables.contact).where(tables.contact.c.id == made.id).values(subject=subject))
    return replace(made, subject=subject)


def meet(world: World, phone: str, user: str) -> None:
    """A status names both: whoever had one half each is one person."""
    with world.database.write() as connection:
        identity_resolution.meet(connection, [Person("firma", phone, user, at=NOON)], NOON)


def test_two_contacts_that_turn_out_to_be_one_are_counted_once(world: World) -> None:
    one, other = new_id(), new_id()
    contact_of(world, one, phone="+491713920012")
    contact_of(world, other, wa_user_id="DE.1")
    write(world, act(one, ConsentType.GRANTED, 9), act(other, ConsentType.GRANTED, 5))
    assert counted(world) == {("marketing_news", "on"): 2}
    meet(world, "+491713920012", "DE.1")
    assert counted(world) == {("marketing_news", "on"): 1}
    assert counted(world, "day") == {("2026-11-15", "gained:marketing_news"): 1}
    assert counted(world) == {("marketing_news", "on"): 1}, "joining twice changes nothing"
    write(world, act(other, ConsentType.WITHDRAWN, 1, "*marketing"))
    assert counted(world)["marketing_news", "off:withdrawn"] == 1 and ("marketing_news", "on") not in counted(world)
    assert counted(world, "day")["2026-11-23", "lost:marketing_news"] == 1


def test_a_stop_of_the_other_half_ends_what_was_on(world: World) -> None:
    one, other = new_id(), new_id()
    contact_of(world, one, phone="+491713920012")
    contact_of(world, other, wa_user_id="DE.1")
    write(world, act(one, ConsentType.GRANTED, 9), act(other, ConsentType.WITHDRAWN, 2, "*marketing"))
    assert counted(world)["marketing_news", "on"] == 1
    meet(world, "+491713920012", "DE.1")
    assert ("marketing_news", "on") not in counted(world)
    assert counted(world)["marketing_news", "off:withdrawn"] == 1
    assert counted(world, "day")["2026-11-22", "lost:marketing_news"] == 1


@pytest.mark.parametrize("seed", range(4))
def test_the_totals_are_the_folds_of_people_however_they_meet(world: World, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - not for secrets
    pairs = [(new_id(), new_id()) for _ in range(5)]
    for n, (one, other) in enumerate(pairs):
        contact_of(world, one, phone=f"+49171392001{n}")
        contact_of(world, other, wa_user_id=f"DE.{n}")
    kinds = [ConsentType.GRANTED, ConsentType.GRANTED, ConsentType.WITHDRAWN, ConsentType.OBJECTED]
    unmet = list(range(len(pairs)))
    for _ in range(40):
        who = random.choice(random.choice(pairs))
        write(world, act(who, random.choice(kinds), random.randint(0, 30), random.choice(("*", *NEWS))))
        if unmet and random.random() < 0.2:
            n = unmet.pop()
            meet(world, f"+49171392001{n}", f"DE.{n}")
        if random.random() < 0.3:
            totals.catch_up(world, random.randint(1, 7))
    assert counted(world) == dict(folded(world))
    gained = sum(n for (_, code), n in counted(world, "day").items() if code == "gained:marketing_news")
    lost = sum(n for (_, code), n in counted(world, "day").items() if code == "lost:marketing_news")
    assert gained - lost == counted(world).get(("marketing_news", "on"), 0)


def folded(world: World) -> Counter[tuple[str, str]]:
    """The same numbers, every person folded whole."""
    found: Counter[tuple[str, str]] = Counter()
    with world.database.read() as connection:
        rows = connection.execute(select(tables.consent).order_by(tables.consent.c.seq)).all()
        met = contacts.subjects(connection, contacts.of_subjects(connection, sorted({row.subject for row in rows})))
    for person in {met.get(row.subject, row.subject) for row in rows}:
        mine = [listing.header(row) for row in rows if met.get(row.subject, row.subject) == person]
        codes = totals.codes_of(world.companies["firma"], mine, world.clock())
        found.update(codes.items())
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_totals_are_the_folds_in_whatever_steps(world: World, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - not for secrets
    subjects = [new_id() for _ in range(12)]
    kinds = [t for t in ConsentType if t not in (ConsentType.ERASED, ConsentType.IDENTITY_LINKED)]
    scopes = (*NEWS, "marketing_offers", "service_updates", "*marketing", "*")
    for _ in range(40):
        chosen = random.sample(scopes, random.randint(1, 2))
        write(world, act(random.choice(subjects), random.choice(kinds), random.randint(0, 30), *chosen))
        if random.random() < 0.3:
            totals.catch_up(world, random.randint(1, 7))
    assert counted(world) == dict(folded(world))
    gained = sum(n for (_, code), n in counted(world, "day").items() if code == "gained:marketing_news")
    lost = sum(n for (_, code), n in counted(world, "day").items() if code == "lost:marketing_news")
    assert gained - lost == counted(world).get(("marketing_news", "on"), 0)
