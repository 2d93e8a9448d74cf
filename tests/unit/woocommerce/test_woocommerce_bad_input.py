"""What people type and shops store: phones of twelve countries, a hundred lines, emoji and HTML, nothing at all."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.woocommerce import CONNECTOR
from connectors.woocommerce.orders import order_snapshots
from integration.domain.contacts.contacts import e164
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import ShopContext, Translation

DATA = Path(__file__).parents[2] / "data/woocommerce"
SHOP = ShopContext("laden", "DE")
PLACED: dict[str, Any] = orjson.loads((DATA / "13_order.created_placed.body").read_bytes())
DRAFT: dict[str, Any] = orjson.loads((DATA / "11_order.updated_checkout-draft.body").read_bytes())

#: as typed, in the country of the bill; the numbers are kept free for fiction or belong to nobody
PHONES = [
    ("DE", "0171 / 392 00-12", "+491713920012"),
    ("DE", "0049171 39200-12", "+491713920012"),
    ("DE", "+49 (0) 221 4710 123", "+492214710123"),
    ("AT", "0664 / 123 45 67", "+436641234567"),
    ("CH", "079 123 45 67", "+41791234567"),
    ("FR", "+33 6 39 98 12 34", "+33639981234"),
    ("IT", "320 123 4567", "+393201234567"),
    ("ES", "612 34 56 78", "+34612345678"),
    ("NL", "06-12345678", "+31612345678"),
    ("BE", "0470 12 34 56", "+32470123456"),
    ("GB", "+44 (0) 7700 900123", "+447700900123"),
    ("PL", "512 345 678", "+48512345678"),
    ("DK", "20 12 34 56", "+4520123456"),
    ("SE", "070-123 45 67", "+46701234567"),
    ("DE", "+43 664 1234567", "+436641234567"),
]
NO_PHONES = ["kein anruf bitte", "", "0", "12345", "siehe Rechnung", "☎️"]


def order(**changes: Any) -> Snapshot:
    return order_snapshots(PLACED | {"meta_data": []} | changes, SHOP)[0]


def billed(**changes: Any) -> Snapshot:
    return order(billing=PLACED["billing"] | changes)


@pytest.mark.parametrize(("country", "typed", "number"), PHONES)
def test_a_phone_as_typed_becomes_one_number(country: str, typed: str, number: str) -> None:
    facts = billed(country=country, phone=typed).facts
    assert e164(facts["phone"], facts["country"]) == number


@pytest.mark.parametrize("typed", NO_PHONES)
def test_what_is_no_phone_is_no_number(typed: str) -> None:
    facts = billed(phone=typed).facts
    assert e164(facts["phone"], facts["country"]) is None


def test_an_order_with_empty_addresses() -> None:
    empty = dict.fromkeys(PLACED["billing"], "")
    facts = order(billing=empty, shipping=empty).facts
    assert [facts[name] for name in ("first_name", "last_name", "email", "phone")] == [""] * 4
    assert facts["country"] == "DE"


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("Jörg &amp; Söhne", "Jörg & Söhne"),
        ("<b>Anna</b>", "Anna"),
        ("Anna <script>alert(1)</script>", "Anna alert(1)"),
        ("Zoë 🦊", "Zoë 🦊"),
        ("I &lt;3 Tee", "I <3 Tee"),
        ("a < b > c", "a < b > c"),
        ("Zeile\r\n  eins", "Zeile eins"),
        ("O&#8217;Neil", "O’Neil"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ],
)
def test_names_are_read_as_people_read_them(stored: str, read: str) -> None:
    line = PLACED["line_items"][0] | {"name": stored}
    assert billed(first_name=stored).facts["first_name"] == read
    assert order(line_items=[line]).facts["items"][0]["name"] == read
    (cart,) = order_snapshots(DRAFT | {"line_items": [line]}, SHOP)
    assert cart.facts["items"][0]["name"] == read


def test_a_hundred_lines_and_more() -> None:
    lines = [PLACED["line_items"][0] | {"id": n, "name": "x" * 5_000} for n in range(1, 1_001)]
    facts = order(line_items=lines).facts
    assert len(facts["items"]) == 100 and len(facts["items"][0]["name"]) == 200


def test_a_cart_of_a_hundred_lines_has_a_link_that_fits() -> None:
    row = DRAFT["line_items"][0]
    few = [row | {"id": n, "product_id": 1000 + n, "variation_id": 0, "quantity": 1} for n in range(1, 101)]
    (cart,) = order_snapshots(DRAFT | {"line_items": few}, SHOP)
    assert len(cart.facts["items"]) == 100 and cart.facts["recovery_url"].count(":1") >= 100


def test_variations_and_coupons_in_the_way_back() -> None:
    row = DRAFT["line_items"][0] | {"product_id": 20, "variation_id": 21, "quantity": 3}
    coupons = [{"code": "zehn prozent"}]
    (cart,) = order_snapshots(DRAFT | {"line_items": [row], "coupon_lines": coupons}, SHOP)
    assert cart.facts["recovery_url"].endswith("/checkout-link/?products=21:3&coupon=zehn%20prozent")


@pytest.mark.parametrize("links", [None, {}, {"self": []}, {"self": [{"href": "https://a.example/?rest_route=/wc"}]}])
def test_without_pretty_addresses_there_is_no_link_of_core(links: object) -> None:
    (cart,) = order_snapshots(DRAFT | {"_links": links}, SHOP)
    assert cart.facts["recovery_url"] == "http://127.0.0.1:8100/checkout/"


def translated(topic: str, body: dict[str, Any]) -> Translation:
    from datetime import UTC, datetime

    return CONNECTOR.translate(topic, orjson.dumps(body), SHOP, datetime(2026, 11, 24, tzinfo=UTC))


def test_thin_bodies_name_what_is_to_be_read() -> None:
    order_changed = {"action": "woocommerce_order_status_completed", "arg": 31}
    assert translated("action.woocommerce_order_status_completed", order_changed).reread == ((ObjectType.ORDER, "31"),)
    assert translated("action.woocommerce_fulfillment_after_fulfill", {"action": "x", "arg": []}).reread == ()
    assert translated("action.wp_login", {"action": "wp_login", "arg": 1}).reread == ()
    assert translated("product.updated", {"id": 10, "parent_id": 0}).reread == ((ObjectType.PRODUCT, "10"),)
    assert translated("product.updated", {"id": 21, "parent_id": 20}).reread == ((ObjectType.PRODUCT, "20"),)


def test_an_order_with_core_fulfillments_is_taken_and_read_again() -> None:
    body = orjson.loads((DATA / "19_order.updated_fulfillment.body").read_bytes())
    found = translated("order.updated", body)
    assert found.snapshots and found.reread == ((ObjectType.ORDER, found.snapshots[0].object_id),)


@pytest.mark.parametrize("status", ["auto-draft", "draft", "new"])
def test_what_the_staff_has_not_finished_is_no_order(status: str) -> None:
    assert translated("order.updated", PLACED | {"status": status}) == Translation(note="no_notification")
