"""Reach counts agree with the fold that decides; merged contacts are one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from integration.store.contacts import listing
from integration.store.contacts.listing import Reach
from integration.store.tables import contact, inbound_message
from integration.web import render
from integration.web.parts.consent_status import standing


def test_reach_agrees_with_the_fold(seeded: Any, database: Any, world: Any) -> None:
    with database.read() as connection:
        counted = listing.reach(connection)
        rows = list(connection.execute(select(contact)))
        ledgers = listing.headers(connection, rows)
    on = {
        scope: sum(
            bool(row.phone) and standing(ledgers[row.id], scope, row, world.NOW).standing == "on" for row in rows
        )
        for scope in ("service_updates", "marketing_news")
    }
    assert (counted.contacts, counted.with_phone) == (10, 9)
    assert (counted.service, counted.marketing) == (on["service_updates"], on["marketing_news"]) == (7, 2)
    assert counted.withdrawn == 1


def test_invalid_grants_and_later_stops_do_not_count(seeded: Any, database: Any, world: Any) -> None:
    with database.read() as connection:
        subject = connection.execute(select(contact.c.subject).where(contact.c.id == seeded.contacts[6])).scalar()
    at = world.NOW - timedelta(days=1)
    with seeded.again() as add:
        add.consent(subject, "granted", ["service_updates"], at, flags=["pre_checked"])
    with database.read() as connection:
        assert listing.reach(connection).service == 7
    with seeded.again() as add:
        add.consent(subject, "granted", ["service_updates"], at)
    with database.read() as connection:
        assert listing.reach(connection).service == 8
    with seeded.again() as add:
        add.consent(subject, "withdrawn", ["*"], at + timedelta(hours=1), source="channel")
    with database.read() as connection:
        assert listing.reach(connection).service == 7


def test_merged_contact_leads_to_its_person(inside: Any, seeded: Any, database: Any) -> None:
    old, new = seeded.contacts[8], seeded.contacts[0]
    with database.write() as connection:
        connection.execute(contact.update().where(contact.c.id == old).values(merged_into=new))
    assert inside.get(f"/contacts/{old}").headers["location"] == f"/contacts/{new}"
    assert "Paul Schneider" not in inside.get("/contacts").text


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("sticker", "Ein Sticker"),
        ("contacts", "Eine Visitenkarte"),
        ("unsupported", "Etwas, das WhatsApp nicht weitergibt"),
        ("neu_von_meta", "Etwas, das Ladenbote nicht zeigen kann"),
    ],
)
def test_what_people_send_besides_words_is_named(
    inside: Any, seeded: Any, database: Any, kind: str, shown: str
) -> None:
    with database.write() as connection:
        connection.execute(inbound_message.update().values(type=kind, text=""))
        person = connection.execute(select(inbound_message.c.contact_id)).scalars().first()
    assert shown in inside.get(f"/contacts/{person}").text


@pytest.mark.parametrize(("took", "rests"), [(0.1, 60), (10.0, 600)])
def test_a_count_of_a_large_ledger_rests_as_long_as_it_was_dear(
    world: Any, database: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, took: float, rests: int
) -> None:
    counts: list[Reach] = []
    monkeypatch.setattr(render, "monotonic", lambda: len(counts) * took)
    monkeypatch.setattr(
        render.listing, "reach", lambda _: counts.append(Reach(9000, len(counts), 0, 0, 0)) or counts[-1]
    )
    cache = render.ReachCache(world.deps(database, None, clock))
    asked = []
    for seconds in (0, rests - 1, 1):
        clock.now += timedelta(seconds=seconds)
        asked.append(cache.get().with_phone)
    assert asked == [0, 0, 1]
