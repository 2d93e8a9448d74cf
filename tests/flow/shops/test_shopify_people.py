"""The ledger shown in the shop, and the shop's own consents in the ledger: no loop, no loss, no invention."""

from collections.abc import Iterator
from datetime import timedelta

import orjson
import pytest
from shopify_world import Scene, scene, slug
from storekit import an_entry, rows

from integration.domain.consent.consent import ALL_MARKETING, ConsentType, Source
from integration.domain.shops.events import ObjectType
from integration.flow import react
from integration.flow.consent import mirror
from integration.flow.privacy import erasure
from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.records import Customer
from integration.sandbox.shopify.shop import Fault
from integration.store import tables
from integration.store.db import Database
from integration.store.shops import shops
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem
from jobs.sweeps import consent_mirror

DATA_REQUEST = {"customer": {"id": 5, "email": "x@example.com"}, "data_request": {"id": 9}}
PHONE = "+491713920012"


@pytest.fixture
def play(database: Database, keys: Database) -> Iterator[Scene]:
    with scene(database, keys) as running:
        yield running


@pytest.fixture
def anna(play: Scene) -> Customer:
    """A customer with an order, whose contact is known."""
    made = play.town.do(lambda: people.join(play.shop, Person(phone=PHONE)))
    play.town.do(lambda: orders.place(play.shop, made, Basket()))
    play.poll()
    return made


def says(play: Scene, type_: ConsentType, source: Source = Source.KEYWORD) -> None:
    """The person speaks, in the ledger."""
    ((subject, phone),) = rows(play.world.database, tables.contact, "subject", "phone")
    at = play.world.clock() - timedelta(minutes=1)
    entry = an_entry(subject, type=type_, purposes=(ALL_MARKETING,), source=source, occurred_at=at, phone=phone)
    with play.world.database.write() as connection:
        play.world.ledger.append(connection, [entry], play.world.clock())


def show(play: Scene) -> str:
    return consent_mirror.sweep(play.world, play.world.clock())


def test_a_consent_and_its_end_are_shown(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    assert show(play) == "shown=1"
    assert (anna.whatsapp.state, anna.whatsapp.level) == ("SUBSCRIBED", "CONFIRMED_OPT_IN")
    play.later(hours=1)
    says(play, ConsentType.WITHDRAWN)
    show(play)
    assert anna.whatsapp.state == "UNSUBSCRIBED"


def test_what_is_not_confirmed_is_not_shown(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED, Source.FORM)
    assert show(play) == "shown=0"
    assert anna.whatsapp.state == "NEVER_SUBSCRIBED"


def test_what_we_showed_does_not_come_back_into_the_ledger(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    show(play)
    before = rows(play.world.database, tables.consent, "seq")
    for _ in range(3):
        play.later(hours=2)
        play.poll()
        show(play)
    assert rows(play.world.database, tables.consent, "seq") == before
    play.town.do(play.shop.asked.clear)
    assert show(play) == "shown=0" and not play.shop.asked


def test_shopifys_own_consent_waits_for_its_confirmation(play: Scene, anna: Customer) -> None:
    play.town.do(lambda: people.agree(play.shop, anna))
    play.later(hours=2)
    play.poll()
    ((type_, source, purposes, flags),) = rows(
        play.world.database, tables.consent, "type", "source", "purposes", "flags"
    )
    assert (type_, source, purposes) == ("granted", "api", [ALL_MARKETING])
    assert flags == ["wording_missing"]
    assert show(play) == "shown=0"
    assert anna.whatsapp.level == "SINGLE_OPT_IN"


def test_whoever_leaves_shopifys_list_has_withdrawn(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    show(play)
    play.later(hours=2)
    play.town.do(lambda: people.agree(play.shop, anna, "UNSUBSCRIBED"))
    play.later(hours=2)
    play.poll()
    assert rows(play.world.database, tables.consent, "type")[-1] == ("withdrawn",)
    show(play)
    assert anna.whatsapp.state == "UNSUBSCRIBED"


def test_a_grant_that_is_shown_late_does_not_undo_an_end_that_is_not_read_yet(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    play.later(hours=1)
    play.town.do(lambda: people.agree(play.shop, anna, "UNSUBSCRIBED"))
    assert show(play) == "shown=0"
    assert anna.whatsapp.state == "UNSUBSCRIBED"
    play.later(hours=1)
    play.poll()
    assert rows(play.world.database, tables.consent, "type")[-1] == ("withdrawn",)


def test_customers_without_a_consent_are_nobody_to_us(play: Scene) -> None:
    play.town.do(lambda: people.join(play.shop, Person(phone=PHONE)))
    play.town.do(lambda: people.agree_by_sms(play.shop, next(iter(play.shop.customers.values()))))
    play.later(hours=2)
    play.poll()
    assert rows(play.world.database, tables.contact, "id") == []
    kept = [facts for kind, facts in rows(play.world.database, tables.snapshot, "object_type", "facts")
            if kind == ObjectType.CUSTOMER]  # fmt: skip
    assert [(facts["first_name"], facts["phone"]) for facts in kept] == [("", "")]


def test_a_shop_that_is_away_is_shown_later(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    play.shop.faults += [Fault("html", status=503)] * 3
    assert show(play) == "shown=0"
    assert show(play) == "shown=1"
    assert anna.whatsapp.state == "SUBSCRIBED"


def test_another_default_phone_is_another_person(play: Scene, anna: Customer) -> None:
    says(play, ConsentType.GRANTED)
    play.town.do(lambda: people.change_phone(play.shop, anna, "+491713920099"))
    assert mirror.shop(play.world, slug(0), play.world.clock()) == 0
    assert anna.whatsapp.state == "NEVER_SUBSCRIBED"


def webhook(play: Scene, topic: str, body: dict[str, object]) -> None:
    """A webhook that was stored, and is dealt with."""
    item = InboxItem("shop", slug(0), topic, {}, orjson.dumps(body), False, play.world.clock())
    with play.world.database.write() as connection:
        inbox.add(connection, [item])
    while react.run(play.world):
        pass


def test_a_redact_request_finds_its_person_and_has_a_day_of_answer(play: Scene, anna: Customer) -> None:
    body = {"customer": {"id": anna.id, "email": None, "phone": "0171 39200 12"}, "orders_to_redact": []}
    for _ in range(2):
        webhook(play, "customers/redact", body)
    ((kind, contact_id, due),) = rows(play.world.database, tables.request, "kind", "contact_id", "due_at")
    ((known,),) = rows(play.world.database, tables.contact, "id")
    assert (kind, contact_id) == ("erasure", known)
    assert timedelta(days=28) <= due - play.world.clock() <= timedelta(days=31)


def test_a_redact_request_that_names_orders_alone_finds_its_person(play: Scene, anna: Customer) -> None:
    body = {"customer": {"id": anna.id, "email": None, "phone": None}, "orders_to_redact": list(play.shop.orders)}
    webhook(play, "customers/redact", body)
    ((known,),) = rows(play.world.database, tables.contact, "id")
    assert rows(play.world.database, tables.request, "kind", "contact_id") == [("erasure", known)]


def test_a_redact_request_of_somebody_on_the_shops_list_alone_finds_them(play: Scene) -> None:
    ben = play.town.do(lambda: people.join(play.shop, Person(phone=PHONE)))
    play.town.do(lambda: people.agree(play.shop, ben))
    play.later(hours=2)
    play.poll()
    webhook(play, "customers/redact", {"customer": {"id": ben.id}, "orders_to_redact": []})
    ((known,),) = rows(play.world.database, tables.contact, "id")
    assert rows(play.world.database, tables.request, "kind", "contact_id") == [("erasure", known)]


@pytest.mark.parametrize(
    ("topic", "body", "kind"),
    [
        ("customers/data_request", DATA_REQUEST, "access"),
        ("shop/redact", {"shop_id": 954889, "shop_domain": "x"}, "erasure"),
    ],
)
def test_a_request_that_leads_to_nobody_wants_an_answer_too(
    play: Scene, topic: str, body: dict[str, object], kind: str
) -> None:
    webhook(play, topic, body)
    assert rows(play.world.database, tables.request, "kind", "contact_id") == [(kind, None)]


def test_an_erased_person_does_not_come_back_with_the_next_poll(play: Scene, anna: Customer) -> None:
    ((contact_id,),) = rows(play.world.database, tables.contact, "id")
    assert erasure.erase_contact(play.world, contact_id, "page")
    play.later(hours=2)
    play.town.do(lambda: orders.touch(play.shop, next(iter(play.shop.orders.values()))))
    play.town.do(lambda: people.agree(play.shop, anna))
    play.poll()
    living = [id_ for id_, erased in rows(play.world.database, tables.contact, "id", "erased_at") if erased is None]
    assert living == []
    assert not any("39200" in str(facts) for (facts,) in rows(play.world.database, tables.snapshot, "facts"))


def test_a_removed_app_leads_to_an_examination(play: Scene) -> None:
    with play.world.database.write() as connection:
        shops.examined(connection, slug(0), [], play.world.clock())
    webhook(play, "app/uninstalled", {"id": 1})
    with play.world.database.read() as connection:
        assert shops.examined_at(connection)[slug(0)] is None
    assert ("app_uninstalled",) in rows(play.world.database, tables.inbox, "note")
