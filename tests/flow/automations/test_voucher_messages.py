"""Messages with a personal voucher: for a birthday, and for who has not ordered for long."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from links import PlainLink, linked, refusing
from sending import ANNA, channel, deliver, prepared
from shoplife import here, outcomes, switch, told
from sqlalchemy import update
from storekit import an_entry, rows
from worlds import NOON, Clock, make_world, order

from integration.domain.automations.vouchers import Offer
from integration.domain.consent.consent import Source
from integration.domain.consent.wordings import wording_for
from integration.domain.errors import ShopUnreachable
from integration.domain.notifications.settings import Rule, UnfitVoucher
from integration.flow.automations import birthdays
from integration.flow.notifications import follow_ups
from integration.flow.notifications.settings import decide
from integration.flow.world import World
from integration.store import tables
from integration.store.consent.ledger import Wording
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database

DAY = timedelta(days=1)
TEXT = wording_for("Laden Beispiel", ("marketing_offers",), 4, "", "de")


@pytest.fixture
def link() -> PlainLink:
    return PlainLink()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    made = linked(make_world(database, keys, clock), link)
    switch(made, "birthday_voucher")
    return made


def agree(world: World, born_on: date | None = None, text: str = TEXT, phone: str = ANNA) -> str:
    """She agreed to offers from her own phone, and gave her birthday."""
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(
            connection, [Person("firma", phone, name="Anna Beispiel", country="DE")], NOON
        )
        grant = an_entry(
            person.subject,
            purposes=("marketing_offers",),
            source=Source.QR,
            occurred_at=NOON - 3 * DAY,
            phone=phone,
            wording=Wording("v1", "de", text, ("marketing_offers",)),
        )
        world.ledger.append(connection, [grant], NOON)
        connection.execute(update(tables.contact).where(tables.contact.c.id == person.id).values(born_on=born_on))
    return person.id


def reach(world: World) -> list[str]:
    """What leaves now, with its preparation; the texts that it tells."""
    before = len(channel(world).sent)
    deliver(world)
    prepared(world)
    deliver(world)
    return [envelope.variables.get("note", "") for envelope in channel(world).sent[before:]]


# ── Birthdays ───────────────────────────────────────────────────────────────────────────────────────────────


def test_whose_birthday_it_is_gets_a_voucher_of_their_own(world: World, clock: Clock, link: PlainLink) -> None:
    agree(world, date(1990, 11, 24))
    agree(world, date(1990, 11, 25), phone="+491713920013")
    assert birthdays.sweep(world, clock()) == 1
    [note] = reach(world)
    [terms] = link.vouchers.values()
    assert note == f"Gutschein {terms.code}: 10 % Rabatt, gültig bis 8. Dezember 2026."
    assert (terms.percent, channel(world).sent[0].to) == (Decimal(10), ANNA)
    assert channel(world).sent[0].variables["name"] == "Anna"


def test_once_a_year_whatever_happens(world: World, clock: Clock) -> None:
    anna = agree(world, date(1990, 11, 24))
    birthdays.sweep(world, clock())
    birthdays.sweep(world, clock())
    assert len(reach(world)) == 1
    with world.database.write() as connection:
        connection.execute(update(tables.contact).where(tables.contact.c.id == anna).values(born_on=date(1990, 11, 25)))
    clock.advance(days=1)
    birthdays.sweep(world, clock())
    assert reach(world) == []
    clock.advance(days=365)
    birthdays.sweep(world, clock())
    assert len(reach(world)) == 1


def test_a_date_that_is_corrected_over_new_year_makes_no_second_one(world: World, clock: Clock) -> None:
    anna = agree(world, date(1990, 12, 29))
    clock.now = NOON.replace(month=12, day=29)
    birthdays.sweep(world, clock())
    assert len(reach(world)) == 1
    with world.database.write() as connection:
        connection.execute(update(tables.contact).where(tables.contact.c.id == anna).values(born_on=date(1990, 1, 4)))
    clock.now = NOON.replace(year=2027, month=1, day=4)
    assert (birthdays.sweep(world, clock()), reach(world)) == (0, [])


def test_a_date_that_was_given_for_something_else_is_not_used(world: World, clock: Clock) -> None:
    agree(world, date(1990, 11, 24), text=TEXT.replace(" (auch zum Geburtstag)", ""))
    birthdays.sweep(world, clock())
    assert told(world) == {"birthday_voucher": "birthday_not_meant"}


def test_who_never_agreed_to_offers_gets_none(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
        connection.execute(
            update(tables.contact).where(tables.contact.c.id == person.id).values(born_on=date(1990, 11, 24))
        )
    birthdays.sweep(world, clock())
    assert told(world) == {"birthday_voucher": "no_consent"}


def test_minors_get_none(world: World, clock: Clock) -> None:
    agree(world, date(2011, 11, 24))
    birthdays.sweep(world, clock())
    assert told(world) == {"birthday_voucher": "minor"}


def test_on_the_sixteenth_birthday_one_is_sixteen(world: World, clock: Clock) -> None:
    agree(world, date(2010, 11, 24))
    clock.now = NOON.replace(hour=7)
    birthdays.sweep(world, clock())
    assert told(world) == {"birthday_voucher": "queued"}


def test_on_a_sunday_it_waits_for_monday_and_after_four_days_for_nobody(world: World, clock: Clock) -> None:
    agree(world, date(1990, 11, 29))
    clock.now = NOON.replace(day=29)
    birthdays.sweep(world, clock())
    assert (told(world), reach(world)) == ({"birthday_voucher": "quiet_hours"}, [])
    clock.now = NOON.replace(day=30)
    assert len(reach(world)) == 1


def test_a_machine_that_was_off_congratulates_later_but_not_too_late(world: World, clock: Clock) -> None:
    agree(world, date(1990, 11, 24))
    clock.advance(days=2)
    assert birthdays.sweep(world, clock()) == 1
    agree(world, date(1990, 11, 20), phone="+491713920013")
    assert birthdays.sweep(world, clock()) == 0
    assert len(rows(world, tables.message, "id")) == 1


def test_switched_off_nobody_is_looked_at(world: World, clock: Clock) -> None:
    switch(world, "birthday_voucher", on=False)
    agree(world, date(1990, 11, 24))
    assert birthdays.sweep(world, clock()) == 0
    assert told(world) == {}


def test_a_shop_that_does_not_make_the_voucher_delays_it_and_makes_one(
    world: World, clock: Clock, link: PlainLink
) -> None:
    link.fail["create_voucher"] = refusing(ShopUnreachable)
    agree(world, date(1990, 11, 24))
    birthdays.sweep(world, clock())
    assert (reach(world), told(world)) == ([], {"birthday_voucher": "voucher_waits"})
    link.fail.clear()
    clock.advance(minutes=10)
    assert len(reach(world)) == 1
    assert (len(link.vouchers), len(rows(world, tables.voucher, "id"))) == (1, 1)


def test_a_birthday_without_a_voucher_cannot_be_chosen(world: World) -> None:
    with pytest.raises(UnfitVoucher):
        decide(world, ["laden"], "birthday_voucher", Rule(True, timedelta(0)), "inhaberin", NOON)
    with pytest.raises(UnfitVoucher):
        decide(world, ["laden"], "delivered", Rule(True, timedelta(0), offer=Offer(7, Decimal(5))), "inhaberin", NOON)


# ── Win back ────────────────────────────────────────────────────────────────────────────────────────────────


def missed(world: World, clock: Clock) -> None:
    """Anna agreed, ordered once, and her time has come."""
    here(world, order())
    agree(world)
    clock.advance(days=60)
    follow_ups.sweep(world, clock())


@pytest.mark.parametrize(
    ("offer", "said"),
    [(None, "Fragen beantworten wir gern hier im Chat."), (Offer(7, Decimal(15)), "15 % Rabatt, gültig bis")],
)
def test_who_is_missed_is_told_with_a_voucher_if_the_owner_wishes(
    world: World, clock: Clock, offer: Offer | None, said: str
) -> None:
    switch(world, "win_back", days=60, offer=offer)
    switch(world, "order_confirmation", on=False)
    missed(world, clock)
    [note] = reach(world)
    assert said in note


def test_who_orders_meanwhile_is_missed_no_more(world: World, clock: Clock) -> None:
    switch(world, "win_back", days=60)
    clock.now = NOON
    here(world, order(placed_at=NOON.isoformat()))
    agree(world)
    clock.now = NOON + 62 * DAY
    follow_ups.sweep(world, clock())
    assert told(world)["win_back"] == "queued"
    here(world, order("1002", placed_at=clock().isoformat(), version=clock()))
    assert told(world)["win_back"] == "bought"
    assert outcomes(world)["placed"] == "message"
    [(slot, at)] = rows(world, tables.follow_up, "order_key", "due_at")
    assert (slot, at) == ("laden/order/1002", clock() + 60 * DAY)


def test_an_old_order_that_arrives_late_takes_nothing_back(world: World, clock: Clock) -> None:
    switch(world, "win_back", days=60)
    missed(world, clock)
    here(world, order("900", placed_at=(NOON - DAY).isoformat(), version=NOON - DAY))
    assert told(world)["win_back"] == "queued"
