"""Who would get a kind of message: the rehearsal of one kind, and those who wait for it."""

from datetime import date, timedelta

import pytest
from sending import ANNA
from shoplife import here, product, switch, variant, write
from sqlalchemy import update
from storekit import rows
from worlds import NOON, Clock, make_world, order, parcel

from integration.domain.appointments.appointments import Wanted
from integration.domain.consent.wordings import PRICE_DROP
from integration.domain.notifications import BY_KIND, NOTIFICATIONS
from integration.flow.appointments import appointments
from integration.flow.consent import links
from integration.flow.notifications.audience import Audience, audience, knows
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database

pytestmark = pytest.mark.databases("sqlite", "postgresql")

DAY = timedelta(days=1)
BERT = "0171 3920013"


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    """A shop that was connected this minute, ten days after its first orders."""
    return make_world(database, keys, Clock(NOON + 10 * DAY), connected=NOON + 10 * DAY)


def who(world: World, kind: str) -> Audience:
    return audience(world, "laden", BY_KIND[kind], world.clock())


def listed(found: Audience) -> list[tuple[str, str]]:
    return sorted((case.about, case.reason) for case in found.cases)


def test_people_and_reasons_of_a_kind_that_is_off(world: World) -> None:
    switch(world, "shipping_notice", on=False)
    here(world, order("1001"), parcel("1001", version=NOON + DAY))
    here(world, order("1002", phone=BERT, consent=None), parcel("1002", id_="p2", version=NOON + DAY))
    here(world, order("1003", phone="", consent=None), parcel("1003", id_="p3", version=NOON + DAY))
    found = who(world, "shipping_notice")
    assert listed(found) == [("1001", ""), ("1002", "no_consent"), ("1003", "no_phone")]
    assert (found.reached, found.people, dict(found.refused)) == (1, 1, {"no_consent": 1, "no_phone": 1})
    assert [case.contact.phone for case in found.cases if case.contact and not case.reason] == [ANNA]
    assert rows(world, tables.message, "id") == rows(world, tables.decision, "id") == []


def test_what_another_message_tells_is_not_listed(world: World) -> None:
    paid = (NOON + timedelta(seconds=20)).isoformat()
    here(world, order("1001", paid_at=paid, version=NOON + timedelta(seconds=20)))
    assert who(world, "payment_received").cases == []
    switch(world, "order_confirmation", on=False)
    assert listed(who(world, "payment_received")) == [("1001", "")]


def test_a_later_message_is_judged_when_it_would_have_been_due(world: World) -> None:
    waiting = {"status": "on_hold", "payment": "transfer"}
    here(world, order("1001", **waiting))
    found = who(world, "payment_reminder")
    assert [(case.about, case.at) for case in found.cases] == [("1001", NOON + 5 * DAY)]


def test_who_waits_for_an_article(world: World) -> None:
    here(world, product(NOON, variant()))
    link = links.for_item(world, "laden", "71", PRICE_DROP)
    assert link
    for phone in (ANNA, "+491713920013"):
        write(world, f"START {link.code}", id_=f"wamid.{phone}", phone=phone)
    write(world, "STOP", id_="wamid.stop")
    assert listed(who(world, "price_drop")) == [("Espresso – 1 kg", ""), ("Espresso – 1 kg", "withdrawn")]
    assert who(world, "back_in_stock").cases == []


def test_whose_birthday_comes(world: World) -> None:
    here(world, order("1001"), order("1002", phone=BERT))
    with world.database.write() as connection:
        contact = tables.contact
        connection.execute(update(contact).where(contact.c.phone == ANNA).values(born_on=date(1990, 12, 20)))
        connection.execute(update(contact).where(contact.c.phone != ANNA).values(born_on=date(1990, 2, 20)))
    [case] = who(world, "birthday_voucher").cases
    assert (case.at.date(), case.reason) == (date(2026, 12, 20), "no_consent")


def test_whose_appointment_is_ahead(world: World) -> None:
    here(world, order("1001"))
    wanted = [
        Wanted(phone, "DE", "", "Beratung", world.clock() + days * DAY)
        for phone, days in ((ANNA, 3), ("+491713920099", 4))
    ]
    appointments.enter(world, world.shops["laden"], wanted, "inhaberin")
    found = who(world, "appointment_reminder")
    assert [(case.about, case.reason) for case in found.cases] == [("Beratung", "no_consent"), ("Beratung", "")]


@pytest.mark.parametrize("kind", [notification.kind for notification in NOTIFICATIONS if knows(notification)])
def test_every_kind_can_be_asked_about(world: World, kind: str) -> None:
    here(world, order("1001", paid_at=NOON.isoformat()), parcel("1001", version=NOON + DAY))
    assert who(world, kind).kind == kind
