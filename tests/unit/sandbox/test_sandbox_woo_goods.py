"""The pretend WooCommerce's goods, coupons, parcels and pages, and what may be wrong with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import woocommerce
from hook_target import listening

from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop

LINK = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434161094042557"


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def ask(shop: LoopbackShop, verb: str, path: str, *given: Any, status: int = 200, **named: Any) -> Any:
    config = shop.config
    api = woocommerce.API(shop.url, config.woocommerce_key, config.woocommerce_key_secret, timeout=60)
    with getattr(api, verb)(path, *given, **named) as answer:
        assert answer.status_code == status, answer.text
        return answer.json()


def test_products_are_read_incrementally(shop: LoopbackShop) -> None:
    rows = ask(shop, "get", "products", params={"orderby": "id", "order": "asc", "per_page": 100})
    assert [row["id"] for row in rows] == [11, 12, 13, 20]
    assert (rows[2]["stock_quantity"], rows[2]["manage_stock"]) == (40, True)
    since = datetime.now(UTC) - timedelta(minutes=1)
    query = {"modified_after": since.strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true", "orderby": "modified"}
    assert ask(shop, "get", "products", params=query) == []
    shop.do(shop.shop.sell, shop.shop.items[11], price=Decimal("11.90"))
    changed = ask(shop, "get", "products", params=query)
    assert [(row["id"], row["price"], row["regular_price"], row["on_sale"]) for row in changed] == [
        (11, "11.90", "14.90", True)
    ]


def test_variations_have_their_own_stock(shop: LoopbackShop) -> None:
    rows = {row["id"]: row for row in ask(shop, "get", "products/20/variations")}
    assert (rows[21]["stock_status"], rows[22]["stock_status"]) == ("instock", "outofstock")
    assert rows[22]["attributes"][0]["option"] == "groß"
    parent = ask(shop, "get", "products/20")
    assert parent["variations"] == [21, 22]
    shop.do(shop.shop.sell, shop.shop.items[22], stock=3)
    assert ask(shop, "get", "products/20/variations/22")["stock_quantity"] == 3
    assert ask(shop, "get", "products/20")["date_modified_gmt"] == parent["date_modified_gmt"]
    assert ask(shop, "get", "products/99", status=404)["code"] == "woocommerce_rest_product_invalid_id"


def test_a_personal_coupon(shop: LoopbackShop) -> None:
    wanted = {"code": "LB-7F3K9Q", "discount_type": "percent", "amount": "10", "individual_use": True,
              "usage_limit": 1, "date_expires": "2026-12-31T23:59:59"}  # fmt: skip
    made = ask(shop, "post", "coupons", wanted, status=201)
    assert (made["code"], made["amount"], made["date_expires_gmt"]) == ("lb-7f3k9q", "10.00", "2026-12-31T22:59:59")
    again = ask(shop, "post", "coupons", wanted, status=400)
    assert again["code"] == "woocommerce_rest_coupon_code_already_exists"
    found = ask(shop, "get", "coupons", params={"code": "LB-7F3K9Q"})
    assert [(row["id"], row["usage_count"]) for row in found] == [(made["id"], 0)]
    draft = shop.do(shop.shop.open_cart, "anna")
    draft.coupon, draft.discount = shop.shop.coupons[made["id"]], Decimal("2.47")
    shop.do(shop.shop.place, draft)
    assert ask(shop, "get", f"coupons/{made['id']}")["usage_count"] == 1
    order = ask(shop, "get", f"orders/{draft.id}")
    assert (order["coupon_lines"][0]["code"], order["total"]) == ("lb-7f3k9q", "27.13")
    ask(shop, "delete", f"coupons/{made['id']}", params={"force": True})
    assert ask(shop, "get", f"coupons/{made['id']}", status=404)["code"] == "woocommerce_rest_shop_coupon_invalid_id"


def test_an_expiry_in_gmt_is_dropped(shop: LoopbackShop) -> None:
    given = {"code": "LB-EXP-1", "amount": "5", "date_expires_gmt": "2026-12-31T22:59:59"}
    made = ask(shop, "post", "coupons", given, status=201)
    assert (made["date_expires"], made["date_expires_gmt"]) == (None, None)


def test_customers_are_those_with_an_account(shop: LoopbackShop) -> None:
    shop.do(shop.shop.place_order, "anna")
    shop.do(shop.shop.register, "ben")
    order = shop.do(shop.shop.place_order, "ben")
    rows = ask(shop, "get", "customers")
    assert [(row["email"], row["billing"]["phone"]) for row in rows] == [("ben@example.com", "+49 171 39200-22")]
    assert ask(shop, "get", "customers", params={"email": "anna@example.com"}) == []
    assert ask(shop, "get", "orders", params={"customer": rows[0]["id"]})[0]["id"] == order.id


def test_core_fulfilments_are_off_until_switched_on(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    assert ask(shop, "get", f"orders/{order.id}/fulfillments", status=404)["code"] == "rest_no_route"
    shop.shop.features.add("fulfillments")
    shop.shop.tracking = "fulfillments"
    assert ask(shop, "get", f"orders/{order.id}/fulfillments") == []
    shop.do(shop.shop.ship, order, "dhl", "00340434161094042557", LINK)
    row = ask(shop, "get", f"orders/{order.id}/fulfillments")[0]
    meta = {one["key"]: one["value"] for one in row["meta_data"]}
    assert (meta["_tracking_number"], meta["_shipment_provider"]) == ("00340434161094042557", "dhl")
    assert "T" not in row["date_updated"]
    body = ask(shop, "get", f"orders/{order.id}")
    assert body["status"] == "processing"
    assert {"_fulfillment_status"} <= {one["key"] for one in body["meta_data"]}


def test_tracking_meta_and_its_route(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    path = f"orders/{order.id}/shipment-trackings"
    shop.do(shop.shop.ship, order, "DHL", "00340434161094042557", LINK)
    shop.do(shop.shop.ship, order, "Radkurier", "RK-77", "https://kurier.example/%1$s")
    config = shop.config
    api = woocommerce.API(shop.url, config.woocommerce_key, config.woocommerce_key_secret, timeout=60)
    api.version = "wc-shipment-tracking/v3"
    with api.get(path) as answer:
        rows = answer.json()
    assert [(row["tracking_provider"], row["tracking_link"]) for row in rows] == [
        ("", ""),
        ("", "https://kurier.example/%1$s"),
    ]
    meta = {one["key"]: one["value"] for one in ask(shop, "get", f"orders/{order.id}")["meta_data"]}
    kinds = [type(row["date_shipped"]) for row in meta["_wc_shipment_tracking_items"]]
    assert kinds == [str, int]


def test_shiptastic_wraps_its_rows_and_hides_corrections(shop: LoopbackShop) -> None:
    shop.shop.features.add("shiptastic")
    shop.shop.tracking = "shiptastic"
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    shop.do(shop.shop.ship, order, "DHL", "00340434161094042557", LINK)
    body = ask(shop, "get", f"orders/{order.id}")
    assert next(iter(body)) == "shipments"
    assert (body["shipping_status"], body["shipments"][0]["status"]) == ("partially-shipped", "shipped")
    rows = ask(shop, "get", "shipments", params={"order_id": str(order.id)})
    assert set(rows[0]) == {"data", "headers", "status"}
    before = order.modified = order.modified - timedelta(minutes=1)
    ask(shop, "put", f"shipments/{order.shipments[0].id}", {"tracking_id": "00340434161094042558"})
    assert order.modified == before
    ask(shop, "put", f"shipments/{order.shipments[0].id}", {"status": "delivered"})
    assert order.modified > before
    assert ask(shop, "get", f"orders/{order.id}")["shipping_status"] == "partially-delivered"


def test_the_shop_says_what_it_can_do(shop: LoopbackShop) -> None:
    index = httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60).json()
    assert index["timezone_string"] == "Europe/Berlin"
    assert "wc-shipment-tracking/v3" in index["namespaces"]
    status = ask(shop, "get", "system_status")
    assert status["settings"]["HPOS_enabled"] is True
    checkout = next(page for page in status["pages"] if page["page_name"] == "Checkout")
    assert (checkout["block_present"], checkout["shortcode_present"]) == (True, False)
    assert ask(shop, "get", "data/currencies/current")["code"] == "EUR"


# --- pages


def test_a_checkout_link_fills_the_cart_and_keeps_utm(shop: LoopbackShop) -> None:
    ask(shop, "post", "coupons", {"code": "NEU", "amount": "5"}, status=201)
    query = "products=11:2,22:1,999:1&coupon=NEU&utm_source=wa"
    answer = httpx.get(f"{shop.url}/checkout-link/?{query}", trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{shop.url}/checkout/?utm_source=wa")
    assert (answer.headers["X-Sandbox-Cart"], answer.headers["X-Sandbox-Coupon"]) == ("11:2,22:1", "neu%205.00")
    unknown = httpx.get(f"{shop.url}/checkout-link/?products=999", trust_env=False, timeout=60)
    assert unknown.headers["Location"] == f"{shop.url}/cart/"


def test_one_click_hands_the_keys_over(shop: LoopbackShop) -> None:
    with listening() as callback:
        given = {"app_name": "Ladenbote", "user_id": "laden-7", "return_url": "https://bote.example/shops?x=1",
                 "callback_url": callback.url, "scope": "read_write"}  # fmt: skip
        page = httpx.get(f"{shop.url}/wc-auth/v1/authorize", params=given, trust_env=False, timeout=60)
        assert "Ladenbote would like to connect" in page.text
        granted = httpx.get(f"{shop.url}/wc-auth/v1/access_granted", params=given, trust_env=False, timeout=60)
        back = urlsplit(granted.headers["Location"])
        assert parse_qs(back.query) == {"x": ["1"], "success": ["1"], "user_id": ["laden-7"]}
        keys = httpx.Response(200, content=callback.taken[0][1]).json()
        assert keys["key_permissions"] == "read_write"
        api = woocommerce.API(shop.url, keys["consumer_key"], keys["consumer_secret"], timeout=60)
        with api.get("orders") as answer:
            assert answer.status_code == 200
        callback.status = 500
        assert (
            httpx.get(f"{shop.url}/wc-auth/v1/access_granted", params=given, trust_env=False, timeout=60).status_code
            == 401
        )
        assert len(shop.shop.keys) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [({"scope": "all"}, "Invalid scope all"), ({"app_name": ""}, "Missing parameter app_name"),
     ({"return_url": "zurück"}, "The return_url is not a valid URL")],
)  # fmt: skip
def test_one_click_refuses_nonsense(shop: LoopbackShop, change: dict[str, str], words: str) -> None:
    given = {"app_name": "Ladenbote", "user_id": "7", "return_url": "https://bote.example/", "scope": "read",
             "callback_url": "https://bote.example/keys"} | change  # fmt: skip
    answer = httpx.get(f"{shop.url}/wc-auth/v1/authorize", params=given, trust_env=False, timeout=60)
    assert answer.status_code == 401
    assert words in answer.text


# --- what may be wrong


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [("html_500", 500, "text/html"), ("fatal", 500, "application/json"), ("maintenance", 503, "text/html"),
     ("busy", 429, "text/html"), ("blocked", 403, "text/html"), ("html_200", 200, "text/html")],
)  # fmt: skip
def test_faults_answer_and_pass(shop: LoopbackShop, fault: str, status: int, kind: str) -> None:
    shop.do(shop.faults.set, fault, times=1, seconds=7)
    answer = httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, kind)
    if fault in ("busy", "maintenance"):
        assert answer.headers["Retry-After"] == "7"
    assert httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60).json()["name"]


def test_a_warning_before_the_json_and_half_an_answer(shop: LoopbackShop) -> None:
    shop.do(shop.faults.set, "notice", times=1)
    assert httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60).text.startswith("<br />")
    shop.do(shop.faults.set, "cut", times=1)
    assert not httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60).text.endswith("}")


def test_hanging_and_cut_connections(shop: LoopbackShop) -> None:
    shop.do(shop.faults.set, "hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=0.2)
    shop.do(shop.faults.set, "reset", times=1)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60)
    assert shop.faults.hit == ["hang", "reset"]


def test_moved_to_another_host(shop: LoopbackShop) -> None:
    shop.do(shop.faults.set, "moved", target="https://neu.example")
    answer = httpx.get(f"{shop.url}/wp-json/?a=1", trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://neu.example/wp-json/?a=1")
    shop.do(shop.faults.mend)
    assert httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60).status_code == 200


def test_offline_and_back_with_everything(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna")
    shop.go_offline()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{shop.url}/wp-json/", trust_env=False, timeout=60)
    shop.come_online()
    assert ask(shop, "get", f"orders/{order.id}")["id"] == order.id
