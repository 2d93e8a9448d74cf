"""Reach counts agree with the fold that decides; merged contacts are one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from integration.flow.consent import totals
from integration.flow.consent.totals import Reach
from integration.store.contacts import listing
from integration.store.tables import contact, inbound_message
from integration.web.parts.consent_status import standing


@pytest.fixture
def reached(world: Any, database: Any, clock: Any) -> Callable[[], Reach]:
    """Whom the shop can reach, as the pages say it."""
    known = world.deps(database, None, clock).world
    return lambda: totals.reach(known)


def test_reach_agrees_with_the_fold(seeded: Any, database: Any, world: Any, reached: Callable[[], Reach]) -> None:
    counted = reached()
    with database.read() as connection:
        rows = list(connection.execute(select(contact)))
        ledgers = listing.headers(connection, rows)
    on = {
        scope: sum(standing(ledgers[row.id], scope, row, world.NOW).standing == "on" for row in rows)
        for scope in ("service_updates", "marketing_news")
    }
    assert counted.with_phone == 9
    assert (counted.service, counted.marketing) == (on["service_updates"], on["marketing_news"]) == (7, 2)
    assert counted.withdrawn == 1


def test_invalid_grants_and_later_stops_do_not_count(
    seeded: Any, database: Any, world: Any, reached: Callable[[], Reach]
) -> None:
    with database.read() as connection:
        subject = connection.execute(select(contact.c.subject).where(contact.c.id == seeded.contacts[6])).scalar()
    at = world.NOW - timedelta(days=1)
    with seeded.again() as add:
        add.consent(subject, "granted", ["service_updates"], at, flags=["pre_checked"])
    assert reached().service == 7
    with seeded.again() as add:
        add.consent(subject, "granted", ["service_updates"], at)
    assert reached().service == 8
    with seeded.again() as add:
        add.consent(subject, "withdrawn", ["*"], at + timedelta(hours=1), source="channel")
    assert (reached().service, reached().withdrawn) == (7, 2)


def test_a_used_up_alert_ends_nothing_else(
    inside: Any, seeded: Any, database: Any, world: Any, reached: Callable[[], Reach]
) -> None:
    with database.read() as connection:
        subject = connection.execute(select(contact.c.subject).where(contact.c.id == seeded.contacts[0])).scalar()
    alert = f"back_in_stock:{world.SHOP}/1"
    with seeded.again() as add:
        add.consent(subject, "granted", [alert], world.NOW - timedelta(days=2), source="keyword")
        add.consent(subject, "expired", [alert], world.NOW - timedelta(days=1), source="system")
    assert (reached().marketing, reached().withdrawn) == (2, 1)
    assert "<b>2</b><span>möchten Neuigkeiten oder Angebote</span>" in inside.get("/").text
    assert "2 möchten Neuigkeiten oder Angebote" in inside.get("/contacts").text


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
