"""The pretend WooCommerce's order list, compared with what a real one was seen to do (reference section 2)."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import woocommerce

from integration.sandbox.woocommerce.app import application
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.sandbox.woocommerce.model import ApiKey
from integration.sandbox.woocommerce.seed import seed, stir

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIVE = "pending,processing,on-hold,completed,cancelled,refunded,failed"
POLL = {"status": LIVE, "orderby": "modified", "order": "asc", "dates_are_gmt": "true"}


@pytest.fixture(scope="module")
def real() -> Iterator[LoopbackShop]:
    """One shop for all: the tests below add orders and look only at their own."""
    with woo_shop() as shop:
        yield shop


@pytest.fixture
def shop(real: LoopbackShop) -> LoopbackShop:
    for order in list(real.shop.orders):
        real.do(real.shop.delete, order)
    real.asked()
    return real


def api(shop: LoopbackShop, **named: Any) -> woocommerce.API:
    config = shop.config
    return woocommerce.API(shop.url, config.woocommerce_key, config.woocommerce_key_secret, timeout=60, **named)


def get(shop: LoopbackShop, path: str, **params: Any) -> httpx.Response:
    with api(shop).get(path, params=params) as answer:
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def test_modified_after_is_strict_and_knows_only_seconds(shop: LoopbackShop) -> None:
    first, second = shop.do(seed, shop.shop, 2, NOW, NOW + timedelta(seconds=8))
    at = get(shop, "orders", **POLL, modified_after=stamp(first.modified))
    before = get(shop, "orders", **POLL, modified_after=stamp(first.modified - timedelta(seconds=1)))
    assert ids(at) == [second.id]
    assert ids(before) == [first.id, second.id]


def test_the_four_spellings_of_a_cursor(shop: LoopbackShop) -> None:
    rows = shop.do(seed, shop.shop, 3, NOW, NOW + timedelta(hours=3))
    cursor = stamp(NOW + timedelta(minutes=30))
    query = {"status": LIVE, "orderby": "modified", "order": "asc"}
    late = [row.id for row in rows[1:]]
    assert ids(get(shop, "orders", **query, modified_after=cursor, dates_are_gmt="true")) == late
    assert ids(get(shop, "orders", **query, modified_after=f"{cursor}Z")) == late
    assert ids(get(shop, "orders", **query, modified_after=f"{cursor}Z", dates_are_gmt="true")) == []
    # site time is an hour ahead of UTC, so the same digits mean an hour earlier
    assert ids(get(shop, "orders", **query, modified_after=cursor)) == [row.id for row in rows]


def test_default_list_has_drafts_and_no_trash(shop: LoopbackShop) -> None:
    draft = shop.do(shop.shop.open_cart, "anna")
    order = shop.do(shop.shop.place_order, "ben")
    gone = shop.do(shop.shop.place_order, "carla")
    shop.do(shop.shop.trash, gone)
    assert set(ids(get(shop, "orders"))) == {draft.id, order.id}
    assert ids(get(shop, "orders", status="trash")) == [gone.id]
    assert get(shop, f"orders/{gone.id}").json()["status"] == "trash"
    with api(shop).delete(f"orders/{gone.id}", params={"force": True}) as answer:
        assert answer.json()["status"] == "trash"
    missing = get(shop, f"orders/{gone.id}")
    assert (missing.status_code, missing.json()["code"]) == (404, "woocommerce_rest_shop_order_invalid_id")
    assert missing.headers["Allow"] == "GET, POST, PUT, PATCH, DELETE"


def test_bad_requests_in_the_recorded_words(shop: LoopbackShop) -> None:
    allowed = ("any, trash, auto-draft, pending, processing, on-hold, completed, cancelled, refunded, failed, "
               "and checkout-draft.")  # fmt: skip
    status = get(shop, "orders", status="processing,verschickt")
    assert status.status_code == 400
    assert status.json()["data"]["params"]["status"] == f"status[1] is not one of {allowed}"
    assert status.json()["data"]["details"]["status"]["code"] == "rest_not_in_enum"
    size = get(shop, "orders", per_page=101).json()
    assert size["data"]["params"]["per_page"] == "per_page must be between 1 (inclusive) and 100 (inclusive)"
    assert get(shop, "orders", modified_after="gestern").json()["data"]["params"]["modified_after"] == "Invalid date."
    assert get(shop, "carts").json()["code"] == "rest_no_route"


def test_own_statuses_are_listed_and_counted(shop: LoopbackShop) -> None:
    shop.shop.statuses = ("verschickt",)
    try:
        order = shop.do(shop.shop.place_order, "anna")
        shop.do(shop.shop.set_status, order, "verschickt")
        assert ids(get(shop, "orders", status="verschickt")) == [order.id]
        assert "and verschickt." in get(shop, "orders", status="x").json()["data"]["params"]["status"]
        totals = {row["slug"]: row["total"] for row in get(shop, "reports/orders/totals").json()}
        assert totals["verschickt"] == 1
        assert "checkout-draft" in totals
    finally:
        shop.shop.statuses = ()


def test_pages_total_and_the_end(shop: LoopbackShop) -> None:
    shop.do(seed, shop.shop, 7, NOW, NOW + timedelta(minutes=7))
    first = get(shop, "orders", **POLL, per_page=3)
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("7", "3")
    assert 'rel="next"' in first.headers["Link"]
    beyond = get(shop, "orders", **POLL, per_page=3, page=9)
    assert (beyond.json(), beyond.headers["X-WP-Total"]) == ([], "0")


def test_a_page_drifts_and_exclude_does_not(shop: LoopbackShop) -> None:
    rows = shop.do(seed, shop.shop, 6, NOW, NOW + timedelta(minutes=6))
    read = ids(get(shop, "orders", **POLL, per_page=2))
    shop.do(shop.shop.touch, rows[0])
    read += ids(get(shop, "orders", **POLL, per_page=2, page=2))
    assert rows[2].id not in read
    rest = ids(get(shop, "orders", **POLL, per_page=100, exclude=",".join(map(str, read))))
    assert rows[2].id in rest
    assert not set(rest) & set(read)


def test_include_search_customer_and_fields(shop: LoopbackShop) -> None:
    anna, ben = shop.do(shop.shop.place_order, "anna"), shop.do(shop.shop.place_order, "ben")
    assert ids(get(shop, "orders", include=f"{ben.id}")) == [ben.id]
    assert ids(get(shop, "orders", search="anna@example.com")) == [anna.id]
    assert ids(get(shop, "orders", customer=7)) == []
    short = get(shop, "orders", _fields="id,billing.phone", include=f"{anna.id}").json()
    assert short == [{"id": anna.id, "billing": {"phone": "0171 3920011"}}]
    assert list(get(shop, f"orders/{anna.id}", _fields="id,status").json()) == ["id", "status", "_links"]


def test_writing_moves_the_date_and_notes_do_not(shop: LoopbackShop) -> None:
    order = shop.do(seed, shop.shop, 1, NOW, NOW, statuses=["pending"])[0]
    with api(shop).post(f"orders/{order.id}/notes", {"note": "Hallo"}) as answer:
        assert answer.status_code == 201
    assert order.modified == NOW
    with api(shop).put(f"orders/{order.id}", {"status": "wc-processing"}) as answer:
        assert answer.json()["data"]["params"]["status"].startswith("status is not one of auto-draft, pending")
    given = [("_a", True), ("_b", 7), ("_c", None), ("_d", [1, "zwei"]), ("_e", "eins"), ("_e", "zwei")]
    values = [{"key": key, "value": value} for key, value in given]
    with api(shop).put(f"orders/{order.id}", {"status": "processing", "meta_data": values}) as answer:
        body = answer.json()
    meta = {
        row["key"]: row["value"] for row in body["meta_data"] if row["key"].startswith("_") and len(row["key"]) == 2
    }
    assert meta == {"_a": "1", "_b": "7", "_d": [1, "zwei"], "_e": "zwei"}
    assert body["date_paid_gmt"]
    assert order.modified > NOW


def test_refunds_in_part_and_in_whole(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    with api(shop).post(f"orders/{order.id}/refunds", {"amount": "10.00", "reason": "Teil defekt"}) as answer:
        assert answer.status_code == 201
        refund = answer.json()["id"]
    body = get(shop, f"orders/{order.id}").json()
    assert body["refunds"] == [{"id": refund, "reason": "Teil defekt", "total": "-10.00"}]
    assert (body["status"], body["total"]) == ("processing", "29.60")
    shop.do(shop.shop.set_status, order, "refunded")
    body = get(shop, f"orders/{order.id}").json()
    assert (body["status"], body["total"]) == ("refunded", "29.60")
    assert [row["total"] for row in body["refunds"]] == ["-10.00", "-19.60"]


def test_a_draft_keeps_its_id_and_its_opening_date(shop: LoopbackShop) -> None:
    draft = shop.do(shop.shop.open_cart, "anna")
    empty = get(shop, f"orders/{draft.id}").json()
    assert (empty["status"], empty["billing"]["phone"], empty["billing"]["email"]) == ("checkout-draft", "", "")
    shop.do(shop.shop.type_contact, draft, None, consent=True)
    typed = get(shop, "orders", status="checkout-draft").json()[0]
    keys = {row["key"] for row in typed["meta_data"]}
    assert typed["billing"]["phone"] == "0171 3920011"
    assert "_wc_other/ladenbote/whatsapp-optin" in keys
    assert "_ladenbote_consent" not in keys
    draft.created = NOW
    shop.do(shop.shop.place, draft, paid=False)
    placed = get(shop, f"orders/{draft.id}").json()
    assert (placed["status"], placed["date_created_gmt"]) == ("on-hold", stamp(NOW))
    assert "_ladenbote_consent" in {row["key"] for row in placed["meta_data"]}


def test_thousands_of_orders_are_quick_and_reproducible() -> None:
    with woo_shop() as one, woo_shop() as two:
        rows = one.do(seed, one.shop, 1000, NOW, NOW + timedelta(days=1), number=5)
        twins = two.do(seed, two.shop, 1000, NOW, NOW + timedelta(days=1), number=5)
        assert [row.as_json() for row in rows] == [row.as_json() for row in twins]
        one.do(stir, one.shop, rows, NOW + timedelta(days=2), NOW + timedelta(days=3))
        assert all(row.modified >= NOW + timedelta(days=2) for row in rows)
        assert not one.shop.hooks.waiting


# --- keys


def refused(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["code"], body["message"]


def test_keys_over_http(shop: LoopbackShop) -> None:
    stranger = woocommerce.API(shop.url, "ck_nobody", "x", timeout=60)
    thief = woocommerce.API(shop.url, shop.config.woocommerce_key, "wrong", timeout=60)
    error = "woocommerce_rest_authentication_error"
    with stranger.get("orders") as answer:
        assert refused(answer) == (401, error, "Consumer key is invalid.")
    with thief.get("orders") as answer:
        assert refused(answer) == (401, error, "Invalid signature - provided signature does not match.")
    with api(shop).get("orders", params={"status": ["pending", "failed"]}) as answer:
        assert refused(answer)[0] == 401
    basic = httpx.get(
        f"{shop.url}/wp-json/wc/v3/orders", auth=("ck_sandbox", "cs_sandbox"), trust_env=False, timeout=60
    )
    assert refused(basic) == (401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")


def test_a_clock_that_is_off_and_a_nonce_used_twice(shop: LoopbackShop) -> None:
    shop.shop.skew = timedelta(minutes=20)
    try:
        answer = get(shop, "orders")
        assert refused(answer) == (401, "woocommerce_rest_authentication_error", "Invalid timestamp.")
        assert "Date" in answer.headers
    finally:
        shop.shop.skew = timedelta(0)
    with api(shop).get("orders") as first:
        url = first.request.url
        assert first.status_code == 200
    again = httpx.get(url, trust_env=False, timeout=60)
    assert refused(again)[2] == "Invalid nonce - nonce has already been used."


def test_a_read_only_key_writes_nothing(shop: LoopbackShop) -> None:
    shop.shop.keys["ck_read"] = ApiKey("ck_read", "cs_read", "read")
    reader = woocommerce.API(shop.url, "ck_read", "cs_read", timeout=60)
    with reader.get("webhooks") as answer:
        assert answer.status_code == 200
    with reader.post("coupons", {"code": "NIE"}) as answer:
        words = "The API key provided does not have write permissions."
        assert refused(answer) == (401, "woocommerce_rest_authentication_error", words)


def test_basic_over_https_and_behind_a_proxy() -> None:
    with woo_shop() as shop:

        async def ask(auth: tuple[str, str], **params: str) -> httpx.Response:
            transport = httpx.ASGITransport(application(shop.shop))
            async with httpx.AsyncClient(transport=transport, base_url="https://laden.example") as client:
                return await client.get("/wp-json/wc/v3/orders", auth=auth, params=params)

        good = ("ck_sandbox", "cs_sandbox")
        assert asyncio.run(ask(good)).status_code == 200
        assert refused(asyncio.run(ask(("ck_sandbox", "x"))))[2] == "Consumer secret is invalid."
        assert refused(asyncio.run(ask(("ck_nobody", "x"))))[1] == "woocommerce_rest_cannot_view"
        keys = {"consumer_key": good[0], "consumer_secret": good[1], "per_page": "1"}
        shop.shop.place_order("anna")
        shop.shop.place_order("ben")
        assert "cs_sandbox" in asyncio.run(ask(("", ""), **keys)).headers["Link"]
        shop.shop.behind_proxy = True
        assert refused(asyncio.run(ask(good)))[1] == "woocommerce_rest_cannot_view"


# --- the two versions


def test_the_old_version_lacks_what_came_later(shop: LoopbackShop) -> None:
    with woo_shop("8.9.3") as old:
        old.do(old.shop.features.add, "fulfillments")
        order = old.do(old.shop.place_order, "anna", consent=True)
        body = get(old, f"orders/{order.id}").json()
        assert body["version"] == "8.9.3"
        assert "global_unique_id" not in body["line_items"][0]
        assert "email_templates" not in body["_links"]
        assert get(old, f"orders/{order.id}/fulfillments").json()["code"] == "rest_no_route"
        assert httpx.get(f"{old.url}/checkout-link/?products=11:1", trust_env=False, timeout=60).status_code == 404
        draft = old.do(old.shop.open_cart, "ben")
        old.do(old.shop.type_contact, draft, None, consent=True)
        keys = {row["key"] for row in get(old, f"orders/{draft.id}").json()["meta_data"]}
        assert "_wc_other/ladenbote/whatsapp-optin" not in keys
        wanted = "environment.version,environment.wp_version,settings.currency,settings.enabled_features"
        status = get(old, "system_status", _fields=wanted).json()
        assert status == {"environment": {"version": "8.9.3", "wp_version": "6.7.1"}, "settings": {"currency": "EUR"}}


def test_requests_in_parallel_do_not_mix(shop: LoopbackShop) -> None:
    shop.do(seed, shop.shop, 40, NOW, NOW + timedelta(hours=1))
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(json.loads(get(shop, "orders").text)))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [10] * 6
