"""Contacts: one person is one contact, however the phone and the BSUID become known."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select
from storekit import a_message, rows
from worlds import NOON

from integration.domain.contacts.contacts import Contact
from integration.domain.messages.channel import Inbound
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.conversations import inbound
from integration.store.db import Database
from integration.store.messages import messages

ANNA, BERND, USER = "+491713920012", "+491713920013", "DE.1"
PHONE, BSUID, BOTH = Person("firma", ANNA), Person("firma", None, USER), Person("firma", ANNA, USER)
IDS = {PHONE: "phone", BSUID: "bsuid", BOTH: "both"}
ORDERS = list(permutations([PHONE, BSUID, BOTH]))


def resolve(database: Database, *people: Person) -> list[Contact]:
    with database.write() as connection:
        return identity_resolution.resolve(connection, people, NOON)


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


def test_a_recycled_number_goes_to_the_account_that_has_it_now(database: Database) -> None:
    """Anna's phone, an account nobody knows: another person, who starts without anything."""
    [anna] = resolve(database, BOTH)
    [stranger] = resolve(database, Person("firma", ANNA, "DE.2"))
    assert stranger.id != anna.id and stranger.subject != anna.subject
    assert (stranger.phone, stranger.phone_from) == (ANNA, USER)
    assert sorted(living(database), key=str) == sorted([(None, USER), (ANNA, "DE.2")], key=str)


def test_two_full_identities_are_never_merged(database: Database) -> None:
    """Bernd's account writes from Anna's phone: it is his now, and each keeps an identity of its own."""
    anna, bernd = resolve(database, BOTH, Person("firma", BERND, "DE.2"))
    with database.write() as connection:
        meeting = identity_resolution.meet(connection, [Person("firma", ANNA, "DE.2")], NOON)
    assert sorted(living(database), key=str) == sorted([(None, USER), (ANNA, "DE.2")], key=str)
    assert [c.id for c in meeting.contacts] == [c.id for c in meeting.moved] == [bernd.id]
    assert [(loser.id, winner.id) for loser, winner in meeting.lost] == [(anna.id, bernd.id)]


def test_a_new_phone_under_a_known_bsuid_is_the_same_person(database: Database) -> None:
    [anna] = resolve(database, BOTH)
    with database.write() as connection:
        meeting = identity_resolution.meet(connection, [Person("firma", "+4366412345678", USER)], NOON)
    [moved] = meeting.moved
    assert (moved.id, moved.phone, moved.country) == (anna.id, "+4366412345678", "AT")
    assert living(database) == [("+4366412345678", USER)]


def test_a_new_phone_that_orders_know_already_joins_the_person(database: Database) -> None:
    anna, other = resolve(database, BOTH, Person("firma", BERND))
    [joined] = resolve(database, Person("firma", BERND, USER))
    assert joined.id == anna.id and joined.phone == BERND
    with database.read() as connection:
        assert contacts.subjects(connection, [joined]) == {anna.subject: anna.id, other.subject: anna.id}


def test_two_people_who_swap_phones_in_one_batch_keep_their_accounts(database: Database) -> None:
    anna, bernd = resolve(database, BOTH, Person("firma", BERND, "DE.2"))
    swapped = resolve(database, Person("firma", BERND, USER), Person("firma", ANNA, "DE.2"))
    assert [(c.id, c.phone) for c in swapped] == [(anna.id, BERND), (bernd.id, ANNA)]


def test_a_freed_phone_can_be_taken_in_the_same_batch(database: Database) -> None:
    resolve(database, BOTH)
    found = resolve(database, Person("firma", BERND, USER), Person("firma", ANNA, "DE.9"))
    assert [(c.phone, c.wa_user_id) for c in found] == [(BERND, USER), (ANNA, "DE.9")]


def test_late_news_of_an_older_pair_change_nothing(database: Database) -> None:
    hour = timedelta(hours=1)
    [anna] = resolve(database, Person("firma", ANNA, USER, at=NOON))
    [stranger] = resolve(database, Person("firma", ANNA, "DE.2", at=NOON + hour))
    assert resolve(database, Person("firma", ANNA, USER, at=NOON))[0].id == anna.id
    assert resolve(database, PHONE)[0].id == stranger.id
    resolve(database, Person("firma", BERND, "DE.2", at=NOON + 2 * hour))
    [still] = resolve(database, Person("firma", ANNA, "DE.2", at=NOON + hour))
    assert (still.id, still.phone) == (stranger.id, BERND)


def test_a_linked_identity_absorbs_who_wrote_before_the_news(database: Database) -> None:
    """The first message from the new number came before WhatsApp's own word about the change."""
    anna, early = resolve(database, BOTH, Person("firma", BERND, "DE.2"))
    with database.write() as connection:
        linked = identity_resolution.link(connection, anna, BERND, "DE.2", NOON)
    assert (linked.id, linked.phone, linked.wa_user_id) == (anna.id, BERND, "DE.2")
    assert living(database) == [(BERND, "DE.2")]
    assert resolve(database, Person("firma", BERND))[0].id == anna.id
    with database.read() as connection:
        assert early.subject in contacts.subjects(connection, [linked])


def test_a_linked_identity_takes_the_phone_of_another_account(database: Database) -> None:
    anna, other = resolve(database, BOTH, Person("firma", BERND, "DE.2"))
    with database.write() as connection:
        identity_resolution.link(connection, anna, BERND, "DE.3", NOON)
    assert sorted(living(database), key=str) == sorted([(BERND, "DE.3"), (None, "DE.2")], key=str)
    assert other.id != anna.id


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
