"""The pretend WooCommerce beside recordings of real ones: the same keys, types, headers and errors."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import woocommerce
import yaml

from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop

SHELF = Path(os.environ.get("LADENBOTE_SHELF") or Path(__file__).parents[3] / "shared/data") / "woocommerce"
pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason="no data shelf here")
DHL = ("DHL", "00340434161094042557", "https://www.dhl.de/?n=00340434161094042557")
#: what a hosting machine adds, what TLS and the server's own stack are about, and what only lists have
ELSEWHERE = {"connection", "host", "content-length", "server", "vary", "transfer-encoding"}


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[LoopbackShop]:
    with woo_shop(getattr(request, "param", "10.5.2")) as found:
        yield found


def recorded(cassette: str, n: int) -> httpx.Response:
    """The n-th answer of a recording."""
    rows = yaml.safe_load((SHELF / "cassettes" / f"{cassette}.yaml").read_text())["interactions"]
    answer = rows[n]["response"]
    headers = [(name, value) for name, values in answer["headers"].items() for value in values]
    return httpx.Response(answer["status"]["code"], headers=headers, content=answer["body"]["string"].encode())


def ask(shop: LoopbackShop, verb: str, path: str, *given: Any, version: str = "wc/v3", **named: Any) -> httpx.Response:
    config = shop.config
    api = woocommerce.API(shop.url, config.woocommerce_key, config.woocommerce_key_secret, version=version, timeout=20)
    with getattr(api, verb)(path, *given, **named) as answer:
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


def shape(value: Any) -> Any:
    """Keys in their order and types; lists by their first row. Whether a date is there yet does not matter."""
    if isinstance(value, dict):
        return [(key, "date" if key.startswith("date_") else shape(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def same(ours: httpx.Response, real: httpx.Response, *, but: tuple[str, ...] = ()) -> None:
    """Status, header names, and the body's shape apart from some keys."""
    assert ours.status_code == real.status_code
    names = {name.lower() for name in ours.headers} ^ {name.lower() for name in real.headers}
    assert names <= ELSEWHERE, names
    assert ours.headers.get("Allow") == real.headers.get("Allow")
    one, other = _first(ours), _first(real)
    assert list(one) == list(other)
    for key in one.keys() - set(but):
        assert shape(one[key]) == shape(other[key]), key


def _first(answer: httpx.Response) -> dict[str, Any]:
    body = orjson.loads(answer.content)
    found: dict[str, Any] = body[0] if isinstance(body, list) else body
    return found


@pytest.mark.parametrize(
    ("status", "cassette"),
    [("pending", "order_status_pending"), ("on-hold", "order_status_on_hold"),
     ("processing", "order_status_processing"), ("completed", "order_status_completed"),
     ("cancelled", "order_status_cancelled"), ("failed", "order_status_failed"),
     ("refunded", "order_status_refunded")],
)  # fmt: skip
def test_an_order_in_each_status(shop: LoopbackShop, status: str, cassette: str) -> None:
    order = shop.do(shop.shop.place_order, "anna")
    shop.do(shop.shop.set_status, order, status)
    ours, real = ask(shop, "get", f"orders/{order.id}"), recorded(cassette, 0)
    same(ours, real, but=("meta_data", "shipping_lines"))
    for key in ("is_editable", "needs_payment", "needs_processing"):
        assert _first(ours)[key] == _first(real)[key], key
    dates = ("date_paid_gmt", "date_completed_gmt")
    assert [_first(ours)[key] is None for key in dates][1:] == [_first(real)[key] is None for key in dates][1:]


@pytest.mark.parametrize(
    ("shop", "cassette", "first", "then"),
    [("10.5.2", "checkout_draft_becomes_order", 0, 1), ("8.9.3", "wc893_checkout_draft_becomes_order", 0, 1)],
    indirect=["shop"],
)
def test_a_draft_and_the_order_it_becomes(shop: LoopbackShop, cassette: str, first: int, then: int) -> None:
    draft = shop.do(shop.shop.leave_cart, "anna", consent=True)
    before = _first(ask(shop, "get", f"orders/{draft.id}"))
    shop.do(shop.shop.place, draft, paid=False)
    after = _first(ask(shop, "get", f"orders/{draft.id}"))
    for ours, real in ((before, _first(recorded(cassette, first))), (after, _first(recorded(cassette, then)))):
        assert list(ours) == list(real)
        for key in ours.keys() - {"meta_data"}:
            assert shape(ours[key]) == shape(real[key]), key
        assert (ours["status"], ours["needs_payment"], ours["payment_method"]) == (
            real["status"], real["needs_payment"], real["payment_method"],
        )  # fmt: skip
        keys = [row["key"] for row in real["meta_data"] if row["key"] != "_debug_log_source_pending_deletion"]
        assert [row["key"] for row in ours["meta_data"]] == keys


def test_coupons_customers_products(shop: LoopbackShop) -> None:
    given = {"code": "LB-7F3K9Q", "discount_type": "percent", "amount": "10", "individual_use": True,
             "usage_limit": 1, "date_expires": "2026-12-31T23:59:59", "meta_data": [{"key": "a", "value": "b"}],
             }  # fmt: skip
    same(ask(shop, "post", "coupons", given), recorded("coupon_create", 0))
    same(ask(shop, "get", "coupons", params={"code": "LB-7F3K9Q"}), recorded("coupon_create", 1))
    same(ask(shop, "post", "coupons", given), recorded("coupon_create", 2))
    same(ask(shop, "post", "coupons", {"code": "LB-EXP-1", "amount": "5", "date_expires_gmt": "2026-12-31T22:59:59"}),
         recorded("coupon_expiry_gmt_ignored", 0), but=("usage_limit", "meta_data"))  # fmt: skip
    shop.do(shop.shop.register, "ben")
    same(ask(shop, "get", "customers"), recorded("customers", 1), but=("meta_data",))
    same(ask(shop, "get", "products"), recorded("products", 1),
         but=("attributes", "variations", "images", "stock_quantity", "categories", "related_ids"))  # fmt: skip


def test_refunds_and_notes(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    given = {"amount": "10.00", "reason": "Teil defekt"}
    made = ask(shop, "post", f"orders/{order.id}/refunds", given)
    same(made, recorded("order_refund_partial", 0))
    assert "(?P<order_id>" in made.headers["Location"]
    same(ask(shop, "get", f"orders/{order.id}/refunds"), recorded("order_refund_partial", 2))
    same(ask(shop, "post", f"orders/{order.id}/notes", {"note": "Hallo"}), recorded("order_notes", 1))
    same(ask(shop, "get", f"orders/{order.id}/notes"), recorded("order_notes", 2))


def test_parcels_in_three_places(shop: LoopbackShop) -> None:
    shop.shop.features |= {"fulfillments", "shiptastic"}
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    for place in ("ast", "fulfillments", "shiptastic"):
        shop.do(setattr, shop.shop, "tracking", place)
        shop.do(shop.shop.ship, order, *DHL)
    path = f"orders/{order.id}"
    same(ask(shop, "get", f"{path}/shipment-trackings", version="wc-shipment-tracking/v3"),
         recorded("order_ast_tracking", 2))  # fmt: skip
    same(ask(shop, "get", f"{path}/fulfillments"), recorded("order_fulfillments", 2))
    same(ask(shop, "get", "shipments", params={"order_id": str(order.id)}), recorded("order_shiptastic", 4))
    delivered = ask(shop, "put", f"shipments/{order.shipments[0].id}", {"status": "delivered"})
    addresses = ("address", "billing_address", "sender_address")
    same(delivered, recorded("order_shiptastic", 5), but=addresses)
    ours, real = (
        _first(answer)["shipments"][0] for answer in (ask(shop, "get", path), recorded("order_shiptastic", 3))
    )
    assert shape(ours) == shape(real)


def test_webhooks(shop: LoopbackShop) -> None:
    given = {"name": "Ladenbote order.updated", "topic": "order.updated", "delivery_url": "http://127.0.0.1:9/ok",
             "secret": "x"}  # fmt: skip
    made = ask(shop, "post", "webhooks", given)
    same(made, recorded("webhook_lifecycle", 0))
    number = _first(made)["id"]
    same(ask(shop, "get", "webhooks", params={"search": "Ladenbote"}), recorded("webhook_lifecycle", 1))
    same(ask(shop, "put", f"webhooks/{number}", {"status": "paused"}), recorded("webhook_lifecycle", 2))
    same(ask(shop, "delete", f"webhooks/{number}", params={"force": True}), recorded("webhook_lifecycle", 4))
    same(ask(shop, "get", f"webhooks/{number}"), recorded("webhook_lifecycle", 5))


@pytest.mark.parametrize(
    ("cassette", "n", "path", "params"),
    [
        ("orders_poll_bad_requests", 0, "orders", {"status": "processing,verschickt"}),
        ("orders_poll_bad_requests", 1, "orders", {"per_page": 101}),
        ("orders_poll_bad_requests", 2, "orders", {"modified_after": "gestern"}),
        ("auth_404_no_route", 0, "carts", {}),
        ("auth_401_list_param", 0, "orders", {"status": ["pending", "failed"]}),
        ("order_trash_then_404", 3, "orders/31", {}),
    ],
)
def test_errors_word_for_word(shop: LoopbackShop, cassette: str, n: int, path: str, params: dict[str, Any]) -> None:
    ours, real = ask(shop, "get", path, params=params), recorded(cassette, n)
    same(ours, real)
    assert orjson.loads(ours.content) == orjson.loads(real.content)


def test_strangers_and_clocks_word_for_word(shop: LoopbackShop) -> None:
    shop.do(shop.shop.keys.clear)
    ours = ask(shop, "get", "orders")
    same(ours, recorded("auth_401_unknown_key", 0))
    assert orjson.loads(ours.content) == orjson.loads(recorded("auth_401_unknown_key", 0).content)


def test_system_status(shop: LoopbackShop) -> None:
    wanted = ("environment.version,environment.wp_version,environment.php_version,settings.currency,"
              "settings.HPOS_enabled,settings.enabled_features,active_plugins")  # fmt: skip
    shop.shop.features.clear()
    shop.shop.features.add("fulfillments")
    ours, real = ask(shop, "get", "system_status", params={"_fields": wanted}), recorded("system_status", 0)
    assert orjson.loads(ours.content) == orjson.loads(real.content)


def test_full_refund_and_money(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna", paid=True)
    amount = str(order.total.quantize(Decimal("0.01")))
    same(ask(shop, "post", f"orders/{order.id}/refunds", {"amount": amount}), recorded("order_refund_full", 0))
    body = _first(ask(shop, "get", f"orders/{order.id}"))
    assert (body["status"], body["refunds"][0]["total"]) == ("refunded", f"-{amount}")
    assert datetime.fromisoformat(body["date_modified_gmt"]).replace(tzinfo=UTC) <= datetime.now(UTC)
