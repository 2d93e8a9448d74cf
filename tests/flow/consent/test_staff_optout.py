"""What comes by letter, e-mail and phone: entered by staff, effective in the same transaction, for strangers, too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from storekit import a_message, an_entry, rows
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.consent.consent import ConsentType, Source
from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import answer, react, send
from integration.flow.consent import links
from integration.flow.messages.decide import Question, decide_all
from integration.flow.privacy import erasure, objections, requests
from integration.flow.privacy.objections import StaffEntry
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages

ANNA = "+491713920012"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def told(*, everything: bool = False, objection: bool = False, **more: object) -> StaffEntry:
    return StaffEntry(everything, objection, "letter", "chef", NOON, **more)  # type: ignore[arg-type]


def buy(world: World, number: str = "1001") -> None:
    post(world, order(number=number))
    react.run(world)


def contact(world: World) -> str:
    with world.database.read() as connection:
        return connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == ANNA)).scalar_one()


def answers(world: World, purpose: str, contact_id: str) -> str:
    """How a message of this purpose would be decided on now."""
    message = a_message(contact_id, kind=purpose, purpose=purpose, template=None, text="…")
    with world.database.read() as connection:
        person = contacts.by_id(connection, [contact_id])[contact_id]
        [found] = decide_all(world, connection, [Question(message, person)], "queue")
    return found.decision.reason


def agree(world: World, source: Source, kind: ConsentType = ConsentType.GRANTED) -> str:
    """Somebody with this number turns up with everything granted; returns the contact."""
    scopes = ("service_updates", "marketing_news")
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
        entry = an_entry(person.subject, type=kind, purposes=scopes, source=source, phone=ANNA)
        world.ledger.append(connection, [entry], NOON)
    return person.id


def test_what_waits_is_cancelled_in_the_same_transaction(world: World) -> None:
    buy(world)
    assert objections.by_staff(world, contact(world), told(everything=True))
    assert rows(world.database, tables.message, "status", "reason") == [("cancelled", "withdrawn")]
    assert send.claim(world, "nummer", 10) == []


def test_single_purposes_end_and_others_go_on(world: World) -> None:
    id_ = agree(world, Source.QR)
    with world.database.write() as connection:
        waiting = [a_message(id_, kind=kind, purpose=kind) for kind in ("newsletter", "offer")]
        messages.add(connection, waiting, NOON)
    objections.by_staff(world, id_, told(scopes=("marketing_news",)))
    assert rows(world.database, tables.consent, "purposes")[-1][0] == ["marketing_news"]
    states = dict(rows(world.database, tables.message, "kind", "status"))
    assert states == {"newsletter": "cancelled", "offer": "queued"}
    assert answers(world, "newsletter", id_) == "withdrawn" and answers(world, "order_update", id_) != "withdrawn"


def test_a_number_that_somebody_has_leads_to_the_person(world: World) -> None:
    buy(world)
    assert objections.by_number(world, "firma", ANNA, told(objection=True)) == contact(world)
    assert rows(world.database, tables.consent, "type", "channel")[-1] == ("objected", "any")
    assert rows(world.database, tables.suppression, "reason") == []


@pytest.mark.parametrize("source", [Source.IMPORT, Source.API, Source.CHECKOUT, Source.FORM, Source.IN_STORE])
def test_an_objection_of_a_stranger_outlives_imports_and_checkouts(world: World, source: Source) -> None:
    assert objections.by_number(world, "firma", ANNA, told(objection=True)) is None
    kind = ConsentType.IMPORTED if source is Source.IMPORT else ConsentType.GRANTED
    id_ = agree(world, source, kind)
    assert answers(world, "newsletter", id_) == "suppressed"
    assert answers(world, "doi_request", id_) == "suppressed", "no request to confirm either"
    assert answers(world, "order_update", id_) != "suppressed", "order messages go on (docs/reference/law.md section 6)"


def test_only_an_opt_in_from_the_phone_itself_lifts_it(world: World, clock: Clock) -> None:
    objections.by_number(world, "firma", ANNA, told(objection=True))
    link = links.make(world, links.Wish("firma", "nummer", ("marketing_news",), "de"))
    item = Inbound("in-1", ANNA, "DE.1", "Anna", clock(), "text", f"START {link.code}", "")
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)
    assert answers(world, "newsletter", contact(world)) != "suppressed"


def test_a_stranger_who_wants_nothing_at_all_gets_nothing(world: World) -> None:
    objections.by_number(world, "firma", ANNA, told(everything=True))
    buy(world)
    assert [r for (r,) in rows(world.database, tables.message, "status")] in ([], ["suppressed"])
    assert answers(world, "order_update", agree(world, Source.CHECKOUT)) == "suppressed"


def test_wanting_nothing_at_all_is_stronger_than_an_objection(world: World, keys: Database) -> None:
    objections.by_number(world, "firma", ANNA, told(objection=True))
    objections.by_number(world, "firma", ANNA, told(everything=True))
    objections.by_number(world, "firma", ANNA, told(objection=True))
    assert rows(world.database, tables.suppression, "reason") == [("stopped",)]
    assert rows(keys, tables.kept_suppression, "reason") == [("stopped",)]


def test_a_restored_backup_does_not_weaken_it(world: World, keys: Database, database: Database) -> None:
    """The backup is older than the second letter, the keys database is not."""
    objections.by_number(world, "firma", ANNA, told(objection=True))
    objections.by_number(world, "firma", ANNA, told(everything=True))
    with database.write() as connection:
        connection.execute(tables.suppression.update().values(reason="objected"))
    erasure.replay(world)
    assert rows(world.database, tables.suppression, "reason") == [("stopped",)]


def test_the_day_of_the_letter_counts(world: World, clock: Clock) -> None:
    """A consent that was given after the letter is not withdrawn by it."""
    clock.advance(days=2)
    id_ = agree(world, Source.QR)
    objections.by_staff(world, id_, StaffEntry(True, False, "letter", "chef", NOON - timedelta(days=1)))
    assert answers(world, "order_update", id_) == "window_closed", "the consent itself stands"


def test_an_objection_ends_the_open_request(world: World) -> None:
    buy(world)
    who = requests.Identifiers(phone=ANNA)
    requests.by_staff(world, "firma", "objection", who, "letter", NOON, "Brief vom 20.11.")
    objections.by_staff(world, contact(world), told(objection=True))
    assert rows(world.database, tables.request, "kind", "state", "outcome") == [("objection", "done", "answered")]


def test_an_objection_outlives_the_code_of_a_no(world: World, keys: Database) -> None:
    with world.database.write() as connection:
        world.ledger.suppress(connection, "firma", ANNA, None, "declined", NOON)
    objections.by_number(world, "firma", ANNA, told(objection=True))
    assert (
        rows(world.database, tables.suppression, "reason")
        == [("objected",)]
        == rows(keys, tables.kept_suppression, "reason")
    )
    with world.database.write() as connection:
        assert world.ledger.forget_declined(connection, NOON + timedelta(days=400)) == 0


def test_who_said_no_is_not_asked_but_may_be_served(world: World) -> None:
    with world.database.write() as connection:
        world.ledger.suppress(connection, "firma", ANNA, None, "declined", NOON)
    id_ = agree(world, Source.CHECKOUT)
    assert answers(world, "doi_request", id_) == "suppressed"
    assert answers(world, "order_update", id_) != "suppressed" and answers(world, "newsletter", id_) != "suppressed"
