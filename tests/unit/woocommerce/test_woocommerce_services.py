"""Vouchers, webhooks, the doctor and one-click connect, against a pretend shop."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from bad_shop import bad_shop, says
from replays import NEW, client, replay
from woo_links import linked, now

from connectors.woocommerce import doctor
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.connect import WooCommerceOneClick
from connectors.woocommerce.vouchers import Vouchers
from connectors.woocommerce.webhooks import TOPICS, subscribe, unreachable_from
from integration.domain.errors import Malformed, ShopRefused
from integration.domain.shops.ports import Finding, Level, VoucherState, VoucherTerms
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop

SECRET = "unser-geheimnis"
ONE_CLICK = WooCommerceOneClick()
HOOK = "https://bote.example/hooks/laden"


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


# ── Vouchers ────────────────────────────────────────────────────────────────────────────────────────────────

SUMMER, WINTER = datetime(2027, 7, 1, 21, 59, 59, tzinfo=UTC), datetime(2027, 12, 31, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("expires", [SUMMER, WINTER])
def test_a_voucher_ends_when_it_should_in_the_shops_own_time(shop: LoopbackShop, expires: datetime) -> None:
    link = linked(shop)
    link.create_voucher(VoucherTerms("LB-ABC123", expires, percent=Decimal("12.5"), minimum=Decimal(40)))
    (coupon,) = shop.shop.coupons.values()
    assert coupon.expires and coupon.expires.astimezone(UTC) == expires
    terms = {name: coupon.fields[name] for name in ("usage_limit", "individual_use", "discount_type", "minimum_amount")}
    assert terms == {"usage_limit": 1, "individual_use": True, "discount_type": "percent", "minimum_amount": "40"}
    assert coupon.fields["amount"] == Decimal("12.5") and not coupon.fields.get("email_restrictions")


def test_the_second_voucher_needs_one_request(shop: LoopbackShop) -> None:
    link = linked(shop)
    link.create_voucher(VoucherTerms("LB-1", WINTER, amount=Decimal(5), currency="EUR"))
    shop.do(shop.shop.requests.clear)
    link.create_voucher(VoucherTerms("LB-2", WINTER, amount=Decimal(5), currency="EUR"))
    assert [method for method, _, _ in shop.shop.requests] == ["POST"]
    assert all(coupon.expires == WINTER for coupon in shop.shop.coupons.values())


def test_making_it_again_makes_one(shop: LoopbackShop) -> None:
    for _ in range(2):
        linked(shop).create_voucher(VoucherTerms("LB-Twice", WINTER, percent=Decimal(10)))
    (coupon,) = shop.shop.coupons.values()
    assert (coupon.code, coupon.expires) == ("lb-twice", WINTER)


def test_open_redeemed_gone(shop: LoopbackShop) -> None:
    link = linked(shop)
    assert link.voucher_state("LB-X") is VoucherState.GONE
    link.delete_voucher("LB-X")
    link.create_voucher(VoucherTerms("LB-X", WINTER, percent=Decimal(10)))
    assert link.voucher_state("LB-X") is VoucherState.OPEN
    next(iter(shop.shop.coupons.values())).used_by.append("anna@example.com")
    assert link.voucher_state("lb-x") is VoucherState.REDEEMED
    link.delete_voucher("LB-X")
    assert link.voucher_state("LB-X") is VoucherState.GONE


def test_a_read_only_key_makes_no_voucher(shop: LoopbackShop) -> None:
    shop.shop.keys[shop.config.woocommerce_key].permissions = "read"
    with pytest.raises(ShopRefused) as caught:
        linked(shop).create_voucher(VoucherTerms("LB-X", WINTER, percent=Decimal(10)))
    assert caught.value.code == "read_only_key"


def test_a_recorded_coupon() -> None:
    terms = VoucherTerms("LB-7F3K9Q", datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), percent=Decimal(10))
    with replay("coupon_create") as recorded:
        vouchers = Vouchers(recorded)
        vouchers.create(terms)
        assert vouchers.state("LB-7F3K9Q") is VoucherState.OPEN


# ── Webhooks ────────────────────────────────────────────────────────────────────────────────────────────────


def test_webhooks_are_made_once(shop: LoopbackShop) -> None:
    link = linked(shop)
    assert codes(link.subscribe(HOOK, SECRET)) == ["webhook_made"] * len(TOPICS)
    assert codes(link.subscribe(HOOK, SECRET)) == ["webhooks"]
    rows = shop.shop.hooks.rows.values()
    assert sorted(row.topic for row in rows) == sorted(TOPICS)
    assert all((row.url, row.secret, row.status) == (HOOK, SECRET, "active") for row in rows)


def test_whatever_is_wrong_with_a_webhook_is_mended_and_said(shop: LoopbackShop) -> None:
    link = linked(shop)
    link.subscribe(HOOK, "frueher")
    rows = sorted(shop.shop.hooks.rows.values(), key=lambda row: row.id)
    rows[0].status, rows[1].url, rows[2].status = "disabled", "https://alt.example/x", "paused"
    twin = {"name": "von Hand", "topic": rows[3].topic, "delivery_url": HOOK, "secret": "egal"}
    client_of(shop).post("webhooks", twin)
    found = link.subscribe(HOOK, SECRET)
    assert codes(found) == ["webhook_disabled", "webhook_moved", "webhook_paused", "webhook_double"]
    assert found[0].remedy and "webhooks-delivery" in found[0].remedy.en
    assert all((row.url, row.secret, row.status) == (HOOK, SECRET, "active") for row in shop.shop.hooks.rows.values())
    assert codes(link.subscribe(HOOK, SECRET)) == ["webhooks"]


def test_other_peoples_webhooks_stay(shop: LoopbackShop) -> None:
    other = {"name": "ERP", "topic": "order.updated", "delivery_url": "https://erp.example/", "secret": "x"}
    client_of(shop).post("webhooks", other)
    linked(shop).subscribe(HOOK, SECRET)
    (erp,) = [row for row in shop.shop.hooks.rows.values() if row.name == "ERP"]
    assert (erp.url, erp.secret) == ("https://erp.example/", "x")


ADDRESSES = [
    ("https://shop.example", HOOK, None),
    ("https://shop.example", "https://bote.example:8443/hooks/x", ("webhook_port", Level.FAULT)),
    ("https://shop.example", "https://192.168.1.5/hooks/x", ("webhook_private", Level.FAULT)),
    ("https://shop.example", "https://localhost/hooks/x", ("webhook_private", Level.FAULT)),
    ("https://shop.example", "https://[2a00:1450:4001::1]/hooks/x", ("webhook_private", Level.FAULT)),
    ("https://shop.example", "http://bote.example:8080/hooks/x", ("webhook_no_https", Level.HINT)),
    ("http://127.0.0.1:8100", "http://127.0.0.1:8080/hooks/x", ("webhook_private", Level.HINT)),
    ("http://127.0.0.1:8100", "http://127.0.0.1:8100/hooks/x", None),
]


@pytest.mark.parametrize(("shop_url", "address", "said"), ADDRESSES)
def test_where_a_shop_silently_delivers_nothing(shop_url: str, address: str, said: object) -> None:
    found = unreachable_from(shop_url, address)
    assert (found and (found.code, found.level)) == said


def test_no_webhook_is_made_that_could_never_arrive() -> None:
    nobody = WooCommerceClient("https://gibt-es-nicht.invalid", "ck", "cs", clock=now, pause=0)
    assert codes(subscribe(nobody, "https://10.0.0.1/hooks/x", SECRET)) == ["webhook_private"]


def client_of(shop: LoopbackShop) -> WooCommerceClient:
    return WooCommerceClient(
        shop.url, shop.config.woocommerce_key, shop.config.woocommerce_key_secret, clock=now, pause=0
    )


# ── The doctor ──────────────────────────────────────────────────────────────────────────────────────────────


def by_code(shop: LoopbackShop) -> dict[str, Finding]:
    found = linked(shop).diagnose(now())
    levels = [finding.level for finding in found]
    assert levels == sorted(levels, key=[Level.FAULT, Level.HINT, Level.OK].index)
    return {finding.code: finding for finding in found}


def test_a_healthy_shop(shop: LoopbackShop) -> None:
    shop.do(shop.shop.place_order, "anna")
    before = dict(shop.shop.hooks.rows)
    linked(shop).subscribe(HOOK, SECRET)
    found = by_code(shop)
    assert not any(finding.level is not Level.OK for finding in found.values())
    assert "10.5.2" in found["version"].text.en and "Europe/Berlin" in found["time_zone"].text.en
    assert "EUR" in found["currency"].text.de and "HPOS" in found["storage"].text.de
    assert "Advanced Shipment Tracking" in found["shipping"].text.de
    assert len(shop.shop.hooks.rows) == len(before) + len(TOPICS)


def test_an_old_shop_with_classic_checkout() -> None:
    with woo_shop("8.9.3") as shop:
        shop.shop.block_checkout, shop.shop.features = False, set()
        found = by_code(shop)
    for code in ("checkout", "checkout_link", "shipping", "webhooks_none"):
        assert found[code].level is Level.HINT
        assert code == "webhooks_none" or found[code].remedy
    assert found["version"].level is Level.OK


def test_wrong_keys_a_read_only_key_a_wrong_clock_a_proxy(shop: LoopbackShop) -> None:
    key = shop.shop.keys[shop.config.woocommerce_key]
    key.permissions = "read"
    assert by_code(shop)["read_only_key"].level is Level.FAULT
    key.permissions = "read_write"
    shop.shop.skew = timedelta(minutes=20)
    assert codes(linked(shop).diagnose(now())) == ["clock"]
    shop.shop.skew = timedelta(minutes=3)
    assert by_code(shop)["clock"].level is Level.HINT
    shop.shop.skew = timedelta(0)
    shop.shop.keys.clear()
    assert codes(linked(shop).diagnose(now())) == ["wrong_key"]


def test_a_shop_without_orders_says_nothing_of_phones(shop: LoopbackShop) -> None:
    found = by_code(shop)["phones"]
    assert found.level is Level.OK and "no orders yet" in found.text.en


def test_no_phones_and_sleeping_webhooks(shop: LoopbackShop) -> None:
    linked(shop).subscribe(HOOK, SECRET)
    next(iter(shop.shop.hooks.rows.values())).status = "disabled"
    for phone in ("", "", "0171 3920011"):
        shop.do(shop.shop.place_order, "anna", phone=phone)
    found = by_code(shop)
    assert "1 of the last 3" in found["phones"].text.en and found["phones"].level is Level.HINT
    assert found["webhooks_off"].level is Level.HINT


def test_the_https_proxy_trap_is_named() -> None:
    no = b'{"code":"woocommerce_rest_cannot_view","message":"Nein.","data":{"status":401}}'
    with bad_shop(says(401, no)) as server:
        (fault,) = doctor.diagnose(WooCommerceClient(server.url, "ck", "cs", clock=now), now())
    assert (fault.code, fault.level) == ("keys_not_seen", Level.FAULT)
    assert "X-Forwarded-Proto" in fault.text.de


def test_what_the_doctor_may_not_see_is_a_hint(shop: LoopbackShop) -> None:
    shop.do(shop.faults.set, "blocked", path="system_status")
    found = by_code(shop)
    assert found["unknown_shop"].level is Level.HINT and "may_write" in found


def test_an_unencrypted_shop_elsewhere_is_a_hint() -> None:
    assert codes(list(doctor._plain_http(client("http://shop.example")))) == ["plain_http"]
    assert codes(list(doctor._plain_http(client(NEW)))) == []
    assert codes(list(doctor._plain_http(client("https://shop.example")))) == []


# ── One-click connect ───────────────────────────────────────────────────────────────────────────────────────


def test_the_owner_is_sent_to_woocommerces_own_page() -> None:
    url = ONE_CLICK.address("https://shop.example/", "laden.abc", "https://b.example/z", "https://b.example/c")
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("shop.example", "/wc-auth/v1/authorize")
    assert parse_qs(parts.query) == {
        "app_name": ["Ladenbote"],
        "scope": ["read_write"],
        "user_id": ["laden.abc"],
        "return_url": ["https://b.example/z"],
        "callback_url": ["https://b.example/c"],
    }


def test_without_https_of_our_own_it_says_so() -> None:
    with pytest.raises(ShopRefused) as caught:
        ONE_CLICK.address("https://shop.example", "x", "http://b.example", "http://b.example/c")
    assert caught.value.code == "callback_needs_https"


GOOD = {
    "key_id": 7,
    "user_id": "laden.abc",
    "consumer_key": "ck_geheim",
    "consumer_secret": "cs_geheim",
    "key_permissions": "read_write",
}


def test_the_keys_arrive() -> None:
    found = ONE_CLICK.granted(orjson.dumps(GOOD))
    assert found.state == "laden.abc"
    assert found.keys == {"consumer_key": "ck_geheim", "consumer_secret": "cs_geheim"}
    assert "geheim" not in repr(found)


@pytest.mark.parametrize(
    "wrong", [{"consumer_key": None}, {"consumer_secret": "x"}, {"user_id": None}, {"user_id": []}]
)
def test_a_callback_without_keys(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        ONE_CLICK.granted(orjson.dumps(GOOD | wrong))
    for body in (b"", b"[]", b"consumer_key=ck_x"):
        with pytest.raises(Malformed):
            ONE_CLICK.granted(body)
