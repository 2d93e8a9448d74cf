"""Recycled numbers, changed numbers: consents and refusals follow the person, nothing goes to a stranger."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.messages.channel import IdentityChange, Inbound, MetaUpdate, StatusUpdate
from integration.flow import answer, react, send
from integration.flow.privacy import erasure
from integration.flow.privacy import requests as subject_requests
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.db import Database
from integration.store.privacy import requests

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA, NEW = "+491713920012", "+4366412345678"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def said(text: str, phone: str | None, user: str | None, at=NOON) -> MetaUpdate:
    return MetaUpdate(messages=(Inbound(f"in-{text}-{phone}-{user}", phone, user, "Anna", at, "text", text),))


def hear(world: World, update: MetaUpdate) -> None:
    post_meta(world, update)
    answer.run(world)


def buy(world: World, number: str, phone: str = ANNA) -> None:
    post(world, order(number=number, phone=phone))
    react.run(world)


def outcomes(world: World) -> dict[str, tuple[str, str | None]]:
    query = select(tables.message.c.order_number, tables.message.c.status, tables.message.c.reason)
    with world.database.read() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def types(world: World) -> list[str]:
    with world.database.read() as connection:
        return list(connection.execute(select(tables.consent.c.type).order_by(tables.consent.c.seq)).scalars())


def test_a_recycled_number_gets_nothing_not_even_service(world: World, clock: Clock) -> None:
    buy(world, "1")
    hear(world, said("Hallo", ANNA, "DE.1"))
    clock.advance(minutes=1)
    hear(world, said("Wer sind Sie?", ANNA, "DE.2", at=clock()))
    assert outcomes(world)["1"] == ("cancelled", "identity_mismatch"), "what waited was meant for somebody else"
    buy(world, "2")
    assert outcomes(world)["2"] == ("suppressed", "identity_mismatch"), "the old owner's number in a new order"
    assert send.claim(world, "nummer", 10) == []


def test_a_status_from_another_account_shows_a_recycled_number_too(world: World, clock: Clock) -> None:
    buy(world, "1")
    hear(world, said("Hallo", ANNA, "DE.1"))
    [item] = send.claim(world, "nummer", 1)
    clock.advance(minutes=1)
    delivered = StatusUpdate("wamid.1", "delivered", clock(), item.attempt.id, ANNA, "DE.2")
    hear(world, MetaUpdate(statuses=(delivered,)))
    buy(world, "2")
    assert outcomes(world)["2"] == ("suppressed", "identity_mismatch")


def test_a_changed_number_takes_consents_and_refusals_along(world: World, clock: Clock) -> None:
    buy(world, "1")
    hear(world, said("Hallo", ANNA, "DE.1"))
    hear(world, MetaUpdate(identities=(IdentityChange((ANNA, "DE.1"), NEW, "DE.2", NOON + timedelta(minutes=1)),)))
    assert "identity_linked" in types(world)
    clock.advance(minutes=2)
    [item] = send.claim(world, "nummer", 10)
    assert (item.envelope.to, item.envelope.recipient) == (NEW, "DE.2"), "the order's confirmation follows the person"
    hear(world, said("STOP ALLES", NEW, "DE.2", at=clock()))
    buy(world, "2", phone=NEW)
    assert outcomes(world)["2"] == ("suppressed", "withdrawn")


def test_a_bsuid_alone_may_change(world: World) -> None:
    buy(world, "1")
    hear(world, said("Hallo", ANNA, "DE.1"))
    hear(world, MetaUpdate(identities=(IdentityChange((None, "DE.1"), None, "DE.2", NOON + timedelta(minutes=1)),)))
    buy(world, "2")
    assert outcomes(world)["2"] == ("queued", None)


def test_old_news_of_a_change_move_nobody(world: World, clock: Clock) -> None:
    change = IdentityChange((ANNA, "DE.1"), NEW, "DE.2", NOON)
    clock.advance(hours=1)
    hear(world, said("Hallo", ANNA, "DE.1", at=clock()))
    hear(world, MetaUpdate(identities=(change,)))
    assert "identity_linked" not in types(world)


@pytest.mark.parametrize("told", ["system", "user_id_update"])
def test_a_change_told_twice_is_recorded_once_and_moves_no_newcomer(world: World, clock: Clock, told: str) -> None:
    was = (ANNA, "DE.1") if told == "system" else (None, "DE.1")
    change = IdentityChange(was, NEW, "DE.2" if told == "user_id_update" else None, NOON + timedelta(minutes=1))
    hear(world, said("Hallo", ANNA, "DE.1"))
    hear(world, MetaUpdate(identities=(change, change)))
    clock.advance(hours=1)
    buy(world, "2")  # somebody orders with the number that became free
    hear(world, MetaUpdate(identities=(change,)))
    assert types(world).count("identity_linked") == 1
    with world.database.read() as connection:
        mover = identity_resolution.holder(connection, "firma", NEW, None)
        newcomer = identity_resolution.holder(connection, "firma", ANNA, None)
    assert mover and newcomer and mover.id != newcomer.id
    assert mover.wa_user_id == ("DE.2" if told == "user_id_update" else "DE.1")


def test_a_known_account_from_a_new_phone_is_recorded(world: World, clock: Clock) -> None:
    hear(world, said("Hallo", ANNA, "DE.1"))
    clock.advance(minutes=1)
    hear(world, said("Neue Nummer", NEW, "DE.1", at=clock()))
    assert types(world) == ["identity_linked"]


def test_a_stop_that_names_two_contacts_holds_for_both(world: World, clock: Clock) -> None:
    """The BSUID is one contact's, the phone another's: in doubt nobody gets anything."""
    buy(world, "1")
    hear(world, said("Hallo", ANNA, "DE.1"))
    hear(world, said("Hallo", NEW, "DE.2"))
    clock.advance(minutes=1)
    hear(world, said("STOP ALLES", ANNA, "DE.2", at=clock()))
    with world.database.read() as connection:
        stopped = set(
            connection.execute(select(tables.consent.c.subject).where(tables.consent.c.type == "withdrawn")).scalars()
        )
        subjects = set(connection.execute(select(tables.contact.c.subject)).scalars())
    assert stopped == subjects and len(subjects) == 2
    assert outcomes(world)["1"][0] == "cancelled"


def halves(world: World) -> tuple[str, str]:
    """Anna's phone from her order, and her account from a chat that showed no number; the contacts' ids."""
    buy(world, "1")
    hear(world, said("Hallo", None, "DE.1"))
    with world.database.read() as connection:
        found = connection.execute(select(tables.contact.c.id, tables.contact.c.phone)).all()
    return next(r.id for r in found if r.phone), next(r.id for r in found if not r.phone)


def join(world: World, clock: Clock) -> None:
    clock.advance(minutes=1)
    hear(world, said("Ich bin es", ANNA, "DE.1", at=clock()))


def test_what_one_half_asked_for_is_the_persons(world: World, clock: Clock) -> None:
    """A request that came before the two halves met is found, fulfilled and forgotten with the person."""
    phone, account = halves(world)
    with world.database.write() as connection:
        asked = [
            subject_requests.opened(world, connection, "firma", id_, "access", "letter", {"note": "Anna, Ulm"}, clock())
            for id_ in (phone, account)
        ]
    join(world, clock)
    assert erasure.erase_contact(world, phone, "staff")
    with world.database.read() as connection:
        found = [requests.by_id(connection, id_) for id_ in asked]
    assert [(wish.contact_id, wish.state) for wish in found if wish] == [(phone, "done")] * 2
    assert "Ulm" not in str([subject_requests.details(world, wish) for wish in found if wish])


def test_a_birthday_that_one_half_told_protects_the_person(world: World, clock: Clock) -> None:
    phone, account = halves(world)
    assert erasure.correct(world, account, name="Anna", born_on=date(2012, 1, 1), by="chef")
    assert erasure.correct(world, phone, born_on=date(1990, 1, 1), by="chef")
    join(world, clock)
    with world.database.read() as connection:
        person = contacts.by_id(connection, [phone])[phone]
    assert (person.born_on, person.wa_user_id, person.phone) == (date(2012, 1, 1), "DE.1", ANNA), "in doubt the younger"


def test_the_stranger_may_sign_up_and_then_counts_as_himself(world: World, clock: Clock) -> None:
    """An own message binds the number to the account that has it now."""
    from storekit import an_entry

    from integration.domain.consent.consent import Source

    hear(world, said("Hallo", ANNA, "DE.1"))
    clock.advance(minutes=1)
    hear(world, said("Hallo", ANNA, "DE.2", at=clock()))
    with world.database.write() as connection:
        [stranger] = connection.execute(
            select(tables.contact.c.subject).where(tables.contact.c.phone == ANNA)
        ).scalars()
        entry = an_entry(stranger, source=Source.QR, wa_user_id="DE.2", occurred_at=clock())
        world.ledger.append(connection, [entry], clock())
    buy(world, "2")
    assert outcomes(world)["2"] == ("queued", None)
