"""The sign-up form: what it records, whom it asks, and that it tells a stranger nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from consent_kit import ANNA, deliver, ledger, payload_of, put_product, say, state_of, with_number
from sqlalchemy import select
from storekit import rows
from worlds import Clock, make_world

from integration.domain.consent.consent import SERVICE_SCOPE, Source
from integration.flow.consent import links
from integration.flow.consent.signup import Filled, SignUpDesk, SignUpForm
from integration.flow.privacy import erasure, objections
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database

BOTH = ("marketing_news", "marketing_offers")


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield with_number(make_world(database, keys, clock))


@pytest.fixture
def desk(world: World) -> SignUpDesk:
    return SignUpDesk(world)


def a_form(world: World, *purposes: str, **more: Any) -> SignUpForm:
    made = links.make(world, links.Wish("firma", "nummer", purposes or BOTH, "de", label="Fußzeile", **more))
    form = SignUpDesk(world).form(made.code)
    assert form
    return form


def fill(world: World, form: SignUpForm, *ticked: int, phone: str = "0171 3920012", **more: Any) -> str:
    """Somebody fills the form in and sends it after half a minute."""
    desk = SignUpDesk(world)
    token = desk.token(form.link.code)
    assert isinstance(world.clock, Clock)
    world.clock.advance(seconds=30)
    return desk.take(form, Filled(frozenset(ticked or (0,)), phone, "DE", token=token, **more))


def test_a_box_stands_for_its_purpose_and_its_own_text(world: World) -> None:
    form = a_form(world)
    assert fill(world, form, 1, page="https://laden.example/kontakt") == ""
    assert ledger(world) == [("granted", "form", ["marketing_offers"])]
    [(hash_, promised)] = rows(world.database, tables.consent, "wording_hash", "promised_per_month")
    assert hash_ == form.texts[1].hash != form.link.wording_hash and promised == 4
    kept = payload_of(world)
    assert kept["page"] == "https://laden.example/kontakt" and kept["typed"] == "0171 3920012"
    assert kept["link"] == form.link.code and "ip" not in kept
    assert form.texts[1].text == f"{form.leads[1]} {form.ending}", "what is shown is what is stored"


def test_exactly_one_request_and_only_the_yes_counts(world: World, clock: Clock) -> None:
    form = a_form(world)
    fill(world, form, 0, 1)
    [request] = deliver(world)
    assert request.to == ANNA and "doi_request" in (request.template or "")
    assert state_of(world, ANNA, "marketing_news").standing == "pending"
    fill(world, form, 0, 1)
    assert deliver(world) == [], "one request, no reminder"
    assert rows(world.database, tables.optin_link, "came") == [(0,)]
    say(world, "Ja", "CONFIRM:yes")
    assert {state_of(world, ANNA, scope).standing for scope in BOTH} == {"on"}
    assert rows(world.database, tables.optin_link, "came") == [(1,)]


def test_who_has_agreed_is_not_asked_again(world: World, clock: Clock) -> None:
    form = a_form(world)
    fill(world, form, 0)
    deliver(world)
    say(world, "Ja", "CONFIRM:yes")
    clock.advance(days=60)
    fill(world, form, 0)
    assert deliver(world) == []
    assert state_of(world, ANNA, "marketing_news").standing == "on"


def test_a_service_box_needs_no_confirmation(world: World) -> None:
    form = a_form(world, SERVICE_SCOPE)
    fill(world, form)
    assert deliver(world) == [] and state_of(world, ANNA, SERVICE_SCOPE).standing == "on"
    assert rows(world.database, tables.optin_link, "came") == [(1,)]


def anna(world: World) -> str:
    with world.database.write() as connection:
        return identity_resolution.resolve(connection, [Person("firma", ANNA)], world.clock())[0].id


def test_an_objector_gets_no_request_and_the_same_answer(world: World) -> None:
    objections.by_staff(
        world, anna(world), objections.StaffEntry(False, True, "letter", "chef", world.clock(), "Brief")
    )
    form = a_form(world)
    assert fill(world, form) == ""
    assert deliver(world) == []
    with world.database.read() as connection:
        reasons = list(connection.execute(select(tables.message.c.status, tables.message.c.reason)))
    assert reasons == [("suppressed", "objected")]


def test_who_objected_before_anybody_knew_them_gets_no_request(world: World) -> None:
    objections.by_number(
        world, "firma", ANNA, objections.StaffEntry(False, True, "letter", "chef", world.clock(), "Brief")
    )
    assert fill(world, a_form(world)) == ""
    assert deliver(world) == []


def test_an_erased_person_is_not_made_again(world: World) -> None:
    id_ = anna(world)
    with world.database.write() as connection:
        [person] = contacts.by_id(connection, [id_]).values()
        erasure.erase_by_chat(world, connection, person, world.clock())
    before = ledger(world)
    assert fill(world, a_form(world)) == ""
    assert ledger(world) == before
    assert rows(world.database, tables.contact, "phone") == [(None,)] and deliver(world) == []


def test_a_stranger_changes_nothing_of_a_known_person(world: World) -> None:
    with world.database.write() as connection:
        identity_resolution.resolve(
            connection, [Person("firma", ANNA, name="Anna Beispiel", locale="en-GB")], world.clock()
        )
    fill(world, a_form(world), 0, 1, born_on="1990-04-01")
    assert rows(world.database, tables.contact, "name", "locale", "born_on") == [("Anna Beispiel", "en-GB", None)]


def test_the_birthday_waits_for_the_phones_own_yes(world: World) -> None:
    from datetime import date

    fill(world, a_form(world), 0, 1, born_on="1990-04-01")
    deliver(world)
    say(world, "Ja", "CONFIRM:yes")
    assert rows(world.database, tables.contact, "born_on") == [(date(1990, 4, 1),)]


def test_a_birthday_is_kept_only_beside_a_text_that_names_it(world: World) -> None:
    form = a_form(world)
    assert form.asks_birthday
    fill(world, form, 0, born_on="1990-04-01")
    assert "born_on" not in payload_of(world), "the news do not speak of birthdays"
    assert not a_form(world, "marketing_news").asks_birthday


WRONG = [
    ({"phone": "12"}, "not_a_phone"),
    ({"phone": "kein anruf bitte"}, "not_a_phone"),
    ({"phone": "+49 171"}, "not_a_phone"),
    ({"born_on": "gestern"}, "not_a_date"),
    ({"born_on": "1850-01-01"}, "not_a_date"),
    ({"born_on": "2031-01-01"}, "not_a_date"),
    ({"born_on": "2012-06-01"}, "too_young"),
]


@pytest.mark.parametrize(("typed", "problem"), WRONG, ids=[str(wrong) for wrong, _ in WRONG])
def test_what_cannot_be_is_said_and_not_stored(world: World, typed: dict[str, str], problem: str) -> None:
    assert fill(world, a_form(world), 0, 1, **typed) == problem
    assert ledger(world) == [] and rows(world.database, tables.contact, "id") == []


@pytest.mark.parametrize(("born_on", "day"), [("2010-12-31", (2026, 12, 31)), ("2012-02-29", (2028, 2, 29))])
def test_who_turns_sixteen_today_is_old_enough(
    world: World, clock: Clock, born_on: str, day: tuple[int, int, int]
) -> None:
    """On the last days of a month, too."""
    clock.now = datetime(*day, 9, tzinfo=UTC) - timedelta(days=1)
    assert fill(world, a_form(world), 0, 1, born_on=born_on) == "too_young"
    clock.advance(days=1)
    assert fill(world, a_form(world), 0, 1, born_on=born_on) == ""


def test_a_box_has_to_be_ticked(world: World, desk: SignUpDesk) -> None:
    form = a_form(world)
    for ticked in (frozenset[int](), frozenset({7})):
        assert desk.take(form, Filled(ticked, "0171 3920012", "DE")) == "nothing_ticked"


@pytest.mark.parametrize("waited", [timedelta(seconds=1), timedelta(hours=25)], ids=["robot", "old page"])
def test_too_quick_and_too_old_pages_are_sent_again(world: World, desk: SignUpDesk, clock: Clock, waited: Any) -> None:
    form = a_form(world)
    token = desk.token(form.link.code)
    clock.now += waited
    wanted = "too_quick" if waited < timedelta(hours=1) else "page_expired"
    assert desk.take(form, Filled(frozenset({0}), "0171 3920012", "DE", token=token)) == wanted
    assert desk.take(form, Filled(frozenset({0}), "0171 3920012", "DE", token="QUJD" + token[4:])) == "page_expired"
    assert ledger(world) == []


def test_another_forms_token_does_not_fit(world: World, desk: SignUpDesk, clock: Clock) -> None:
    form, other = a_form(world), a_form(world)
    token = desk.token(other.link.code)
    clock.advance(seconds=30)
    assert desk.take(form, Filled(frozenset({0}), "0171 3920012", "DE", token=token)) == "page_expired"


def test_the_ip_is_kept_only_where_the_owner_wants_it(database: Database, keys: Database, clock: Clock) -> None:
    world = with_number(make_world(database, keys, clock), keep_ip=True)
    fill(world, a_form(world), ip="203.0.113.9")
    assert payload_of(world)["ip"] == "203.0.113.9"


def test_an_ended_link_has_no_form(world: World, desk: SignUpDesk) -> None:
    form = a_form(world)
    assert links.end(world, "firma", form.link.code) and not links.end(world, "other", form.link.code)
    assert desk.form(form.link.code) is None and desk.form("ZZ99ZZ") is None


def test_an_alert_is_asked_for_by_article(world: World, desk: SignUpDesk) -> None:
    put_product(world, "77", "Röstung Nr. 7")
    form = desk.alert_form("laden", "77")
    assert form and "Röstung Nr. 7" in form.texts[0].text and form.link.purposes == ("back_in_stock:laden/77",)
    again = desk.alert_form("laden", "77")
    assert again and again.link.code == form.link.code, "one link per article and text"
    fill(world, form)
    assert len(deliver(world)) == 1
    say(world, "Ja", "CONFIRM:yes")
    assert state_of(world, ANNA, "back_in_stock:laden/77").standing == "on"
    assert state_of(world, ANNA, "marketing_news").standing == "none"
    assert desk.alert_form("laden", "78") is None and desk.alert_form("nowhere", "77") is None


def test_a_renamed_article_gets_a_new_text(world: World, desk: SignUpDesk, clock: Clock) -> None:
    put_product(world, "77", "Alt")
    first = desk.alert_form("laden", "77")
    clock.advance(minutes=1)
    from worlds import NOON

    from integration.domain.shops.events import ObjectType, Origin, Snapshot
    from integration.flow.shops import absorb

    variant = {"id": "77", "name": "", "sku": "", "price": "9.90", "in_stock": False, "stock": 0}
    facts = {"name": "Neu", "published": True, "url": "", "picture": "", "currency": "EUR", "variants": [variant]}
    with world.database.write() as connection:
        absorb.take(
            world, connection, [Snapshot("laden", ObjectType.PRODUCT, "77", NOON, facts)], [], Origin.POLL, NOON
        )
    second = desk.alert_form("laden", "77")
    assert first and second and first.link.code != second.link.code and "Neu" in second.texts[0].text


def test_the_form_and_the_chat_are_of_one_source(world: World) -> None:
    form = a_form(world)
    assert form.chat == f"https://wa.me/493055501234?text=START%20{form.link.code}"
    say(world, f"START {form.link.code}")
    assert state_of(world, ANNA, "marketing_news").grant.source is Source.QR  # type: ignore[union-attr]


def test_a_no_to_the_request_holds_for_a_year(world: World, clock: Clock) -> None:
    """docs/reference/law.md section 5: who said no is not asked again by the next form for a year."""
    fill(world, a_form(world))
    assert len(deliver(world)) == 1
    say(world, "Nein", "CONFIRM:no")
    clock.advance(days=364)
    fill(world, a_form(world))
    assert deliver(world) == []
    clock.advance(days=2)
    fill(world, a_form(world))
    assert len(deliver(world)) == 1
