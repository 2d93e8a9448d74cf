"""Shopify's checkouts, customers and products in our words, by webhook and by poll."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from fakeshop import FakeShop
from shopify_kit import NODE, SHOP, START, linked, run, stamp

from connectors.shopify import CONNECTOR
from connectors.shopify.carts import token_of
from connectors.shopify.link import ShopifyLink
from connectors.shopify.native import mirror_value
from integration.domain.errors import Malformed
from integration.domain.shops.events import Milestone, ObjectType, Snapshot, consent_changes, diff
from integration.domain.shops.ports import PrivacyRequest, ShopContext, Translation

TOKEN = "Z2NwLWV1cm9wZQ"
URL = f"https://kaffee.example/88/checkouts/ac/{TOKEN}/recover?key=fiktiv&locale=de"
CHECKOUT: dict[str, Any] = {
    "token": TOKEN,
    "cart_token": "c1-fiktiv",
    "email": "anna@example.com",
    "phone": "0171 39200 12",
    "customer_locale": "de-DE",
    "created_at": "2026-11-23T14:00:00+01:00",
    "updated_at": "2026-11-23T14:05:00+01:00",
    "completed_at": None,
    "abandoned_checkout_url": URL,
    "total_price": "64.50",
    "currency": "EUR",
    "customer": {"id": 7200000000000000456, "first_name": "Anna", "last_name": "Beispiel"},
    "billing_address": {"first_name": "Anna", "last_name": "Beispiel", "country_code": "DE"},
    "line_items": [
        {
            "key": "abc",
            "title": "Kaffee",
            "variant_title": "500 g",
            "sku": "K5",
            "quantity": 2,
            "product_id": 7001,
            "variant_id": 9007199254740993,
        }
    ],
}
WORDED = ShopContext("laden", "DE", {"shopify": "Angebote per WhatsApp, jederzeit abbestellbar."})


@pytest.fixture
def server() -> Iterator[FakeShop]:
    with FakeShop() as fake:
        yield fake


@pytest.fixture
def link(server: FakeShop) -> Iterator[ShopifyLink]:
    found = linked(server, WORDED)
    yield found
    found.close()


def translated(topic: str, body: dict[str, Any]) -> Translation:
    return CONNECTOR.translate(topic, orjson.dumps(body), SHOP, START)


def cart(**changes: Any) -> Snapshot:
    (found,) = translated("checkouts/update", CHECKOUT | changes).snapshots
    return found


def abandoned(**changes: Any) -> dict[str, Any]:
    node = {
        "id": "gid://shopify/AbandonedCheckout/9007199254740999",
        "createdAt": stamp(START),
        "updatedAt": stamp(START),
        "completedAt": None,
        "abandonedCheckoutUrl": URL,
        "totalPriceSet": NODE["totalPriceSet"],
        "customer": NODE["customer"],
        "billingAddress": NODE["billingAddress"],
        "shippingAddress": None,
        "lineItems": {
            "nodes": [
                {
                    "id": "gid://shopify/A/1",
                    "title": "Kaffee",
                    "sku": "K5",
                    "quantity": 2,
                    "product": {"id": "gid://shopify/Product/7001"},
                    "variant": {"id": "gid://shopify/ProductVariant/9007199254740993"},
                }
            ]
        },
    }
    return node | changes


def test_the_whole_cart() -> None:
    found = cart()
    assert (found.object_type, found.object_id) == (ObjectType.CART, TOKEN)
    assert found.facts == {
        "status": "open",
        "aliases": ["c1-fiktiv"],
        "order_id": "",
        "started_at": "2026-11-23T13:00:00+00:00",
        "total": "64.50",
        "currency": "EUR",
        "first_name": "Anna",
        "last_name": "Beispiel",
        "email": "anna@example.com",
        "phone": "0171 39200 12",
        "country": "DE",
        "locale": "de-DE",
        "customer_id": "7200000000000000456",
        "items": [
            {
                "id": "abc",
                "product_id": "7001",
                "variant_id": "9007199254740993",
                "name": "Kaffee - 500 g",
                "sku": "K5",
                "quantity": 2,
            }
        ],
        "recovery_url": URL,
        "payment_pending": False,
    }


def test_poll_and_webhook_know_the_same_cart(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["abandonedCheckouts"] = [abandoned()]
    _, (polled,) = run(link, link.first_cursor("carts", START), START, "carts")
    assert polled.key == cart().key
    assert polled.facts["aliases"] == ["checkout:9007199254740999"]
    assert polled.facts["recovery_url"] == URL
    goods = [[(row["product_id"], row["variant_id"]) for row in one.facts["items"]] for one in (polled, cart())]
    assert goods == [[("7001", "9007199254740993")]] * 2


@pytest.mark.parametrize("missing", [{}, {"product": None, "variant": None}])
def test_goods_that_the_shop_no_longer_has_stay_in_the_cart(
    server: FakeShop, link: ShopifyLink, missing: dict[str, Any]
) -> None:
    own = {"id": "gid://shopify/A/1", "title": "Gravur", "quantity": 1}
    server.objects["abandonedCheckouts"] = [abandoned(lineItems={"nodes": [own | missing]})]
    _, (polled,) = run(link, link.first_cursor("carts", START), START, "carts")
    assert [(row["name"], row["product_id"], row["variant_id"]) for row in polled.facts["items"]] == [
        ("Gravur", "", "")
    ]


@pytest.mark.parametrize("removed", ["id", "customer", "billing_address", "cart_token", "phone", "line_items"])
def test_a_cart_as_other_versions_send_it(removed: str) -> None:
    body = CHECKOUT | {"id": 981820079255243537, "buyer_accepts_marketing": True}
    body.pop(removed)
    (found,) = translated("checkouts/create", body).snapshots
    assert found.object_id == TOKEN
    assert found.facts["status"] == ("emptied" if removed == "line_items" else "open")


def test_without_an_address_the_token_is_the_id() -> None:
    assert cart(abandoned_checkout_url=None).object_id == TOKEN
    with pytest.raises(Malformed):
        cart(abandoned_checkout_url=None, token=None)


@pytest.mark.parametrize(
    ("url", "token"),
    [
        (f"https://x.example/checkouts/{TOKEN}/recover", TOKEN),
        (f"https://x.example/checkouts/cn/{TOKEN}", TOKEN),
        ("https://x.example/checkouts/ac/", ""),
        ("https://x.example/", ""),
        ("https://[kaputt", ""),
    ],
)
def test_the_token_in_an_address(url: str, token: str) -> None:
    assert token_of(url) == token


def test_a_finished_checkout_is_ordered() -> None:
    assert cart(completed_at="2026-11-23T14:06:00+01:00").facts["status"] == "ordered"


def test_a_checkout_that_is_listed_late_is_found(server: FakeShop, link: ShopifyLink) -> None:
    cursor, _ = run(link, link.first_cursor("carts", START), START + timedelta(hours=1), "carts")
    server.objects["abandonedCheckouts"] = [abandoned()]
    cursor, found = run(link, cursor, START + timedelta(hours=2), "carts")
    assert len(found) == 1
    _, found = run(link, cursor, START + timedelta(hours=2, minutes=10), "carts")
    assert not found


def customer(state: str = "SUBSCRIBED", phone: str = "+491713920012", **changes: Any) -> dict[str, Any]:
    native = {
        "state": state,
        "optInLevel": "SINGLE_OPT_IN",
        "updatedAt": stamp(START),
        "collectedFrom": "OTHER",
    } | changes.pop("native", {})
    node = {
        "id": "gid://shopify/Customer/9007199254740997",
        "firstName": "Anna",
        "lastName": "Beispiel",
        "locale": "de",
        "updatedAt": stamp(START),
        "defaultPhoneNumber": {"phoneNumber": phone, "whatsAppMarketingConsent": native},
        "defaultAddress": {"countryCodeV2": "DE"},
        "mirror": None,
    }
    return node | changes


def polled(server: FakeShop, link: ShopifyLink, node: dict[str, Any]) -> Snapshot:
    server.objects["customers"] = [node]
    _, (found,) = run(link, link.first_cursor("customers", START - timedelta(hours=1)), START, "customers")
    return found


def test_shopifys_own_consent_is_marketing_with_the_wording_that_the_owner_named(
    server: FakeShop, link: ShopifyLink
) -> None:
    found = polled(server, link, customer())
    assert found.key == "laden/customer/9007199254740997"
    ((evidence, taken_back),) = consent_changes(None, found)
    assert not taken_back
    assert evidence == {
        "granted": True,
        "at": START.isoformat(),
        "wording": WORDED.wordings["shopify"],
        "version": "shopify",
        "phone": "+491713920012",
        "source": "native_consent",
        "purposes": ["*marketing"],
        "raw": {"level": "SINGLE_OPT_IN", "collected_from": "OTHER"},
    }


@pytest.mark.parametrize("state", ["NEVER_SUBSCRIBED", "PENDING", "REDACTED", "", None])
def test_every_other_state_says_nothing_and_names_nobody(server: FakeShop, link: ShopifyLink, state: Any) -> None:
    facts = polled(server, link, customer(state)).facts
    assert (facts["consent"], facts["first_name"], facts["phone"]) == (None, "", "")


def test_sms_and_mail_consents_never_count(server: FakeShop, link: ShopifyLink) -> None:
    phone = {"phoneNumber": "+491713920012", "marketingState": "SUBSCRIBED", "whatsAppMarketingConsent": None}
    node = customer(defaultPhoneNumber=phone, emailMarketingConsent={"marketingState": "SUBSCRIBED"})
    assert polled(server, link, node).facts["consent"] is None


def test_what_we_wrote_ourselves_is_no_news(server: FakeShop, link: ShopifyLink) -> None:
    ours = {"value": mirror_value("SUBSCRIBED", "+491713920012", START)}
    assert polled(server, link, customer(mirror=ours)).facts["consent"] is None
    assert polled(server, link, customer("UNSUBSCRIBED", mirror=ours)).facts["consent"]["granted"] is False
    later = {"updatedAt": stamp(START + timedelta(hours=1))}
    assert polled(server, link, customer(mirror=ours, native=later)).facts["consent"] is not None
    assert polled(server, link, customer(mirror={"value": "kaputt"})).facts["consent"] is not None


def test_a_consent_does_not_move_to_another_number(server: FakeShop, link: ShopifyLink) -> None:
    before = polled(server, link, customer())
    assert consent_changes(before, polled(server, link, customer(phone="+491713920099"))) == []


def test_an_unsubscription_takes_back(server: FakeShop, link: ShopifyLink) -> None:
    before = polled(server, link, customer())
    ((_, taken_back),) = consent_changes(before, polled(server, link, customer("UNSUBSCRIBED")))
    assert taken_back is True


def test_customers_are_asked_by_the_day_and_only_until_what_is_known(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["customers"] = [
        customer(id=f"gid://shopify/Customer/{n}", updatedAt=stamp(START - timedelta(minutes=n))) for n in range(1, 200)
    ]
    run(link, {"since": (START - timedelta(minutes=30)).isoformat()}, START, "customers")
    name, variables = server.asked[0]
    day = START - timedelta(minutes=30, days=1)
    assert variables["query"] == f"updated_at:>='{day:%Y-%m-%d}'"
    assert server.operations_asked().count(name) == 1


def product(**changes: Any) -> dict[str, Any]:
    node = {
        "id": "gid://shopify/Product/77",
        "title": "Kaffee",
        "status": "ACTIVE",
        "updatedAt": stamp(START),
        "onlineStoreUrl": "https://kaffee.example/products/kaffee",
        "productType": "Kaffee",
        "tracksInventory": True,
        "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/k.jpg"}}},
        "variants": {"pageInfo": {"hasNextPage": False}, "nodes": [variant(1)]},
    }
    return node | changes


def variant(number: int, **changes: Any) -> dict[str, Any]:
    given = {"id": f"gid://shopify/ProductVariant/{number}", "title": "Default Title", "sku": "K", "price": "9.9"}
    stock = {"availableForSale": True, "inventoryQuantity": 3}
    return given | stock | changes


def stocked(server: FakeShop, link: ShopifyLink, **changes: Any) -> Snapshot:
    server.objects["products"] = [product(**changes)]
    (found,) = link.read(ObjectType.PRODUCT, "77", START).snapshots
    return found


def test_a_product(server: FakeShop, link: ShopifyLink) -> None:
    assert stocked(server, link).facts == {
        "name": "Kaffee",
        "url": "https://kaffee.example/products/kaffee",
        "picture": "https://cdn.example/k.jpg",
        "categories": ["Kaffee"],
        "currency": "EUR",
        "published": True,
        "variants": [{"id": "1", "name": "", "sku": "K", "price": "9.90", "in_stock": True, "stock": 3}],
    }


def test_back_in_stock_and_cheaper(server: FakeShop, link: ShopifyLink) -> None:
    before = stocked(server, link, variants={"nodes": [variant(1, availableForSale=False, price="12.00")]})
    milestones = {one.milestone for one in diff(before, stocked(server, link))}
    assert milestones == {Milestone.BACK_IN_STOCK, Milestone.PRICE_DROP}


def test_an_uncounted_or_hidden_product(server: FakeShop, link: ShopifyLink) -> None:
    bare = {"onlineStoreUrl": None, "featuredMedia": None, "productType": "", "tracksInventory": False}
    facts = stocked(server, link, **bare).facts
    assert (facts["published"], facts["picture"], facts["variants"][0]["stock"]) == (False, "", None)


def test_every_variant_is_read(server: FakeShop, link: ShopifyLink) -> None:
    first = {"pageInfo": {"hasNextPage": True, "endCursor": "20"}, "nodes": [variant(1)]}
    rest = {"pageInfo": {"hasNextPage": False}, "nodes": [variant(2), variant(3)]}
    server.operations["MoreVariants"] = lambda _: {"product": {"variants": rest}}
    assert len(stocked(server, link, variants=first).facts["variants"]) == 3


@pytest.mark.parametrize(
    ("topic", "body", "wanted"),
    [
        ("orders/edited", {"order_edit": {"order_id": 820982911946154508}}, ("order", "820982911946154508")),
        ("refunds/create", {"id": 1, "order_id": 9007199254740993}, ("order", "9007199254740993")),
        ("fulfillment_events/create", {"order_id": 5}, ("order", "5")),
        ("products/update", {"id": 77}, ("product", "77")),
        ("customers_whats_app_marketing_consent/update", {"customer_id": 8}, ("customer", "8")),
        (
            "customers_whats_app_marketing_consent/update",
            {"admin_graphql_api_id": "gid://shopify/Customer/9"},
            ("customer", "9"),
        ),
        (
            "fulfillment_orders/line_items_prepared_for_pickup",
            {"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/12"}},
            ("order", "FulfillmentOrder/12"),
        ),
    ],
)
def test_a_thin_body_names_what_to_read(topic: str, body: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert translated(topic, body) == Translation(note="thin", reread=((ObjectType(wanted[0]), wanted[1]),))


@pytest.mark.parametrize(
    ("topic", "body", "request_"),
    [
        (
            "customers/data_request",
            {"customer": {"id": 1, "email": "a@example.com", "phone": "555"}, "data_request": {"id": 9999}},
            PrivacyRequest("export", "a@example.com", "data-request-9999", "555", "1"),
        ),
        (
            "customers/redact",
            {"customer": {"id": 191167, "email": None, "phone": "0171 39200 12"}, "orders_to_redact": []},
            PrivacyRequest("erase", "", "redact-191167", "0171 39200 12", "191167"),
        ),
        (
            "customers/redact",
            {"customer": {"id": 7, "email": None, "phone": None}, "orders_to_redact": [9007199254740993, None]},
            PrivacyRequest("erase", "", "redact-7", "", "7", ("9007199254740993",)),
        ),
        ("shop/redact", {"shop_id": 954889, "shop_domain": "x"}, PrivacyRequest("shop", "", "shop-redact-954889")),
    ],
)
def test_compliance_topics_are_requests(topic: str, body: dict[str, Any], request_: PrivacyRequest) -> None:
    assert translated(topic, body) == Translation(note="privacy_request", privacy=(request_,))
    with pytest.raises(Malformed):
        translated(topic, {})


def test_a_change_of_the_connection_is_looked_into() -> None:
    assert translated("app/uninstalled", {}) == Translation(note="app_uninstalled", examine=True)
    assert translated("app/scopes_update", {}) == Translation(note="scopes_changed", examine=True)
