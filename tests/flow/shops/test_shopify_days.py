"""Good and bad days of a Shopify shop: the connector and the poll against the pretend one, over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from shopify_world import Scene, reacted, scene, slug, state, stored
from sqlalchemy import select

from integration.domain.shops.events import ObjectType
from integration.domain.shops.ports import VoucherState, VoucherTerms
from integration.flow.privacy import erasure
from integration.sandbox.cast import WORDING_VERSION
from integration.sandbox.shopify import orders, people, seed
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.records import Address, Money, Tracking
from integration.sandbox.shopify.shop import Fault, Plan
from integration.store import tables
from integration.store.db import Database

AGREED = {
    "whatsapp_optin": "yes",
    "whatsapp_optin_version": WORDING_VERSION,
    "whatsapp_optin_wording": "Bestell-Updates per WhatsApp: Laden darf mir Infos per WhatsApp schicken.",
}


@pytest.fixture
def play(database: Database, keys: Database) -> Iterator[Scene]:
    with scene(database, keys) as running:
        yield running


# ---- people ----


def test_an_order_with_a_consent_becomes_a_message(play: Scene) -> None:
    play.town.do(lambda: orders.place(play.shop, people.join(play.shop, Person()), Basket(attributes=AGREED)))
    play.poll()
    assert "" in reacted(play)


def test_orders_without_a_phone_reach_nobody_and_harm_nothing(play: Scene) -> None:
    play.shop.switches.privacy = "null"
    play.town.do(lambda: orders.place(play.shop, people.join(play.shop, Person()), Basket(attributes=AGREED)))
    play.poll()
    (facts,) = stored(play).values()
    assert (facts["phone"], facts["first_name"], facts["email"]) == ("", "", "")
    assert "" not in reacted(play)


def test_a_shop_that_denies_personal_data_is_still_read(play: Scene) -> None:
    play.shop.switches.privacy = "denied"
    play.town.do(lambda: orders.place(play.shop, people.join(play.shop, Person())))
    play.poll()
    assert len(stored(play)) == 1
    assert state(play).error is None


def test_a_person_erased_in_the_shop_is_empty_in_the_next_reading(play: Scene) -> None:
    anna = play.town.do(lambda: people.join(play.shop, Person()))
    play.town.do(lambda: orders.place(play.shop, anna, Basket(attributes=AGREED)))
    play.poll()
    play.town.do(lambda: people.redact(play.shop, anna))
    play.later(days=2)
    play.poll()
    (facts,) = stored(play).values()
    assert (facts["phone"], facts["first_name"], facts["email"], facts["consent"]) == ("", "", "", None)


def test_a_person_erased_here_does_not_come_back_though_the_shop_still_knows_them(play: Scene) -> None:
    anna = play.town.do(lambda: people.join(play.shop, Person()))
    order = play.town.do(lambda: orders.place(play.shop, anna, Basket(attributes=AGREED)))
    play.poll()
    reacted(play)
    with play.world.database.read() as connection:
        (contact,) = connection.execute(select(tables.contact.c.id)).scalars()
    assert erasure.erase_contact(play.world, contact, "letter")
    play.town.do(lambda: orders.pack(play.shop, order))
    play.town.do(lambda: orders.place(play.shop, anna, Basket(attributes=AGREED)))
    play.later(hours=3)
    play.poll()
    assert "" not in reacted(play)
    with play.world.database.read() as connection:
        assert list(connection.execute(select(tables.contact.c.phone)).scalars()) == [None]
    for facts in stored(play).values():
        assert (facts["phone"], facts["first_name"], facts["email"], facts["consent"]) == ("", "", "", None)


# ---- what shops do ----


def test_a_guest_two_currencies_a_test_a_till_and_an_import(play: Scene) -> None:
    def live() -> None:
        guest = Address("Gast", "Muster", "Weg 1", "50667", "Köln", "0171 3920099")
        orders.place(play.shop, None, Basket(address=guest, money=Money("EUR", "CHF", Decimal("0.95"))))
        orders.place(play.shop, None, Basket(test=True))
        orders.place(play.shop, None, Basket(source="pos"))
        orders.place(play.shop, None, Basket(source="shopify_draft_order"))
        old = play.shop.now() - timedelta(days=365)
        orders.place(play.shop, None, Basket(source="580111", placed=old))

    play.town.do(live)
    play.poll()
    facts = list(stored(play).values())
    by_number = {one["number"]: one for one in facts}
    assert [by_number[f"#{1001 + n}"]["source"] for n in range(5)] == ["web", "web", "pos", "draft", "imported"]
    assert (by_number["#1001"]["currency"], by_number["#1001"]["total"]) == ("CHF", "27.74")
    assert by_number["#1002"]["test"] is True
    assert all(int(key) > 2**53 for key in stored(play))
    assert "" not in reacted(play)


def test_parcels_tracking_that_comes_later_refunds_and_cancellation(play: Scene) -> None:
    order = play.town.do(lambda: orders.place(play.shop, people.join(play.shop, Person())))
    play.poll()
    parcel = play.town.do(lambda: orders.pack(play.shop, order, part=[(0, 2)]))
    play.later(minutes=2)
    play.poll()
    (one,) = stored(play, ObjectType.SHIPMENT).values()
    assert one["number"] == ""
    play.town.do(lambda: orders.track(play.shop, order, parcel, [Tracking("DHL", "00340434161094042557", None)]))
    play.town.do(lambda: orders.report(play.shop, order, parcel, "OUT_FOR_DELIVERY"))
    play.town.do(lambda: orders.report(play.shop, order, parcel, "DELIVERED"))
    play.later(minutes=2)
    play.poll()
    (one,) = stored(play, ObjectType.SHIPMENT).values()
    assert (one["number"], one["carrier"]) == ("00340434161094042557", "DHL")
    assert one["delivered_at"] and one["out_for_delivery_at"]
    play.town.do(lambda: orders.refund(play.shop, order, Decimal("5")))
    play.town.do(lambda: orders.cancel(play.shop, order))
    play.later(minutes=2)
    play.poll()
    (facts,) = stored(play).values()
    assert facts["cancelled_at"] and len(facts["refunds"]) == 1


def test_an_abandoned_cart_is_found_and_its_end_too(play: Scene) -> None:
    anna = play.town.do(lambda: people.join(play.shop, Person()))
    checkout = play.town.do(lambda: people.start_checkout(play.shop, anna))
    play.later(minutes=11)
    play.poll()
    carts = stored(play, ObjectType.CART)
    assert len(carts) == 1
    play.town.do(lambda: people.buy(play.shop, checkout))
    play.later(minutes=31)
    play.poll()
    (cart,) = stored(play, ObjectType.CART).values()
    (order,) = stored(play).values()
    assert order["cart_id"] == checkout.token
    assert checkout.token in (*stored(play, ObjectType.CART), *cart["aliases"])


# ---- bad days ----


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("html", status=503), "server_error"),
        (Fault("garbage"), "server_error"),
        (Fault("redirect", location="http://127.0.0.1:9/admin"), ""),
        (Fault("status", status=429, retry_after="3"), "throttled"),
        (Fault("reset"), "no_connection"),
    ],
)
def test_a_bad_day_ends_in_a_sentence_and_loses_nothing(play: Scene, fault: Fault, code: str) -> None:
    play.town.do(lambda: seed.many(play.shop, 60))
    play.shop.faults += [replace(fault, skip=2), *(replace(fault) for _ in range(3))]
    play.poll()
    failed = state(play)
    assert failed.error is not None and failed.failures == 1
    assert code in failed.error["code"]
    assert failed.error["de"] and failed.error["en"]
    play.shop.faults.clear()
    play.later(hours=1)
    play.poll()
    assert len(stored(play)) == 60
    assert state(play).error is None


def test_a_wrong_secret_and_a_removed_app_are_told_apart(play: Scene) -> None:
    secret, play.shop.app.secret = play.shop.app.secret, "changed"
    play.poll()
    wrong = state(play).error
    play.shop.app.secret = secret
    play.town.do(lambda: people.uninstall(play.shop))
    play.later(hours=1)
    play.poll()
    removed = state(play).error
    assert wrong is not None and removed is not None
    assert wrong["code"] != removed["code"]
    assert "secret-of" not in str(wrong) + str(removed)


def test_a_missing_scope_is_named(play: Scene) -> None:
    play.shop.app.scopes.remove("read_orders")
    play.town.do(lambda: seed.many(play.shop, 2))
    play.poll()
    error = state(play).error
    assert error is not None and "read_orders" in error["de"]
    found = {finding.code for finding in play.world.links.link(slug(0)).diagnose(play.clock.now())}
    assert "scope_read_orders" in found


def test_a_version_that_fell_forward_is_told(play: Scene) -> None:
    play.shop.versions = ("2027-01",)
    play.town.do(lambda: seed.many(play.shop, 2))
    play.poll()
    assert len(stored(play)) == 2
    found = {finding.code for finding in play.world.links.link(slug(0)).diagnose(play.clock.now())}
    assert "version_fell_forward" in found


def test_a_plan_that_is_too_small_is_explained(play: Scene) -> None:
    play.town.do(lambda: orders.place(play.shop, people.join(play.shop, Person())))
    for shown in ("null", "denied"):
        play.shop.switches.privacy = shown  # type: ignore[assignment]
        found = {finding.code for finding in play.world.links.link(slug(0)).diagnose(play.clock.now())}
        assert "phones_unreadable" in found, shown


def test_an_empty_bucket_is_waited_for(database: Database, keys: Database) -> None:
    with scene(database, keys, plan=Plan(bucket=1000, restore=50)) as play:
        play.town.do(lambda: seed.many(play.shop, 50))
        play.poll()
        assert play.waits
        assert len(stored(play)) == 50
        assert state(play).failures == 0


# ---- history ----


def test_the_last_month_is_read_by_bulk_as_knowledge(play: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.shopify.history.LARGE", 200)
    play.town.do(lambda: seed.many(play.shop, 450, gap=timedelta(hours=1)))
    play.poll()
    for _ in range(6):
        play.later(minutes=1)
        play.poll()
    assert len(stored(play)) == 450
    assert any("BulkRun" in name for name in play.asked())
    assert "" not in reacted(play)
    assert state(play, "history").caught_up_at


# ---- vouchers ----


def test_a_voucher_is_made_once_redeemed_and_removed(play: Scene) -> None:
    link = play.world.links.link(slug(0))
    customer = play.town.do(lambda: people.join(play.shop, Person()))
    terms = VoucherTerms("DANKE-7F3K", play.clock.now() + timedelta(days=9), Decimal(10), customer_id=str(customer.id))
    link.create_voucher(terms)
    link.create_voucher(terms)
    (discount,) = play.shop.discounts.values()
    assert (discount.percent, discount.limit, discount.customers) == (Decimal("0.1"), 1, [customer.id])
    assert link.voucher_state("danke-7f3k") is VoucherState.OPEN
    play.town.do(lambda: orders.place(play.shop, customer, Basket(codes=("DANKE-7F3K",))))
    assert link.voucher_state("DANKE-7F3K") is VoucherState.REDEEMED
    link.delete_voucher("DANKE-7F3K")
    link.delete_voucher("DANKE-7F3K")
    assert link.voucher_state("DANKE-7F3K") is VoucherState.GONE
