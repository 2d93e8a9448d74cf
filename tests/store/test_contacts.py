"""Contacts: one person is one contact, however the phone and the BSUID become known."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select
from storekit import a_message, rows
from worlds import NOON

from integration.domain.channel import Inbound
from integration.domain.contacts import Contact
from integration.store import contacts, inbound, messages, tables
from integration.store.contacts import Person
from integration.store.db import Database

ANNA, BERND, USER = "+491713920012", "+491713920013", "DE.1"
PHONE, BSUID, BOTH = Person("firma", ANNA), Person("firma", None, USER), Person("firma", ANNA, USER)
IDS = {PHONE: "phone", BSUID: "bsuid", BOTH: "both"}
ORDERS = list(permutations([PHONE, BSUID, BOTH]))


def resolve(database: Database, *people: Person) -> list[Contact]:
    with database.write() as connection:
        return contacts.resolve(connection, people, NOON)


def living(database: Database) -> list[tuple[str | None, str | None]]:
    found = rows(database, tables.contact, "phone", "wa_user_id", "merged_into")
    return [(phone, user) for phone, user, merged in found if merged is None]


def test_a_new_person_becomes_a_contact_with_a_country(database: Database) -> None:
    [made] = resolve(database, Person("firma", ANNA, name="Anna Beispiel", locale="de-AT"))
    assert (made.phone, made.name, made.locale, made.country) == (ANNA, "Anna Beispiel", "de-AT", "DE")
    [again] = resolve(database, PHONE)
    assert (again.id, again.subject, again.name) == (made.id, made.subject, "Anna Beispiel")


def test_companies_know_the_same_phone_apart(database: Database) -> None:
    first, second = resolve(database, PHONE, Person("andere", ANNA))
    assert first.id != second.id and first.subject != second.subject


def test_two_orders_of_one_person_in_one_batch_are_one_contact(database: Database) -> None:
    first, second, third = resolve(database, PHONE, Person("firma", BERND), Person("firma", ANNA, name="Anna"))
    assert first.id == third.id != second.id
    assert third.name == first.name == "Anna", "both see what the batch learned"
    assert len(rows(database, tables.contact, "id")) == 2


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(IDS[person] for person in order))
def test_one_after_the_other_they_are_one_contact(database: Database, order: tuple[Person, ...]) -> None:
    found = [resolve(database, person)[0] for person in order]
    assert living(database) == [(ANNA, USER)]
    [last] = [resolve(database, person)[0] for person in (BOTH,)]
    assert (last.phone, last.wa_user_id) == (ANNA, USER)
    for person in (PHONE, BSUID):
        assert resolve(database, person)[0].id == last.id
    subjects = {contact.subject for contact in found}
    with database.read() as connection:
        assert set(contacts.subjects(connection, [last])) >= subjects, "every consent stays with the person"


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(IDS[person] for person in order))
def test_in_one_batch_they_are_one_contact(database: Database, order: tuple[Person, ...]) -> None:
    found = resolve(database, *order)
    assert living(database) == [(ANNA, USER)]
    assert len({contact.id for contact in found}) == 1, "all three are told the same contact"


@pytest.mark.parametrize("first", [PHONE, BSUID], ids=["phone first", "bsuid first"])
def test_one_known_then_the_rest_in_one_batch(database: Database, first: Person) -> None:
    [known] = resolve(database, first)
    with database.write() as connection:
        messages.add(connection, [a_message(known.id)], NOON)
        found = Inbound("in1", None, USER, "Anna", NOON, "text", "Hallo")
        inbound.add(connection, "firma", "nummer", [(found, known.id, "none")], NOON)
    rest = [PHONE, BOTH] if first is BSUID else [BSUID, BOTH]
    found_now = resolve(database, *rest)
    assert living(database) == [(ANNA, USER)]
    assert {owner for (owner,) in rows(database, tables.message, "contact_id")} == {found_now[-1].id}
    assert {owner for (owner,) in rows(database, tables.inbound_message, "contact_id")} == {found_now[-1].id}


def test_merging_moves_messages_and_keeps_both_subjects(database: Database) -> None:
    [user] = resolve(database, BSUID)
    [phone] = resolve(database, PHONE)
    with database.write() as connection:
        messages.add(connection, [a_message(user.id), a_message(phone.id)], NOON)
    [joined] = resolve(database, BOTH)
    assert {owner for (owner,) in rows(database, tables.message, "contact_id")} == {joined.id}
    with database.read() as connection:
        assert contacts.subjects(connection, [joined]) == {user.subject: joined.id, phone.subject: joined.id}


def test_two_full_identities_are_never_merged(database: Database) -> None:
    """A recycled number: the BSUID says Bernd, the phone was Anna's."""
    anna, bernd = resolve(database, BOTH, Person("firma", BERND, "DE.2"))
    resolve(database, Person("firma", ANNA, "DE.2"))
    assert sorted(living(database), key=str) == sorted([(ANNA, USER), (BERND, "DE.2")], key=str)
    assert anna.id != bernd.id


def test_a_better_name_is_learned_and_an_empty_one_is_not(database: Database) -> None:
    resolve(database, Person("firma", ANNA, name="A", locale="en"))
    resolve(database, Person("firma", ANNA, name="Anna", locale="de"))
    [found] = resolve(database, PHONE)
    assert (found.name, found.locale) == ("Anna", "de")
    assert rows(database, tables.contact, "name", "locale") == [("Anna", "de")]


def test_long_names_and_locales_are_cut(database: Database) -> None:
    [found] = resolve(database, Person("firma", ANNA, name="x" * 500, locale="y" * 50))
    assert (len(found.name), len(found.locale)) == (200, 16)
    resolve(database, Person("firma", ANNA, name="z" * 500, locale="y" * 50))
    assert len(rows(database, tables.contact, "name")[0][0]) == 200


def test_the_latest_time_somebody_wrote_is_kept(database: Database) -> None:
    [anna] = resolve(database, PHONE)
    later = NOON + timedelta(hours=1)
    for moment in (later, NOON):
        with database.write() as connection:
            contacts.wrote(connection, {anna.id: moment})
    assert rows(database, tables.contact, "last_inbound_at") == [(later,)]


def test_the_time_somebody_wrote_survives_a_merge(database: Database) -> None:
    """The service window was opened by the BSUID's contact; it is the same person's."""
    [user] = resolve(database, BSUID)
    resolve(database, PHONE)
    with database.write() as connection:
        contacts.wrote(connection, {user.id: NOON})
    [joined] = resolve(database, BOTH)
    with database.read() as connection:
        at = connection.execute(
            select(tables.contact.c.last_inbound_at).where(tables.contact.c.id == joined.id)
        ).scalar()
    assert at == NOON
    assert joined.last_inbound_at == NOON


def test_nobody_resolves_to_nobody(database: Database) -> None:
    assert resolve(database) == []
