"""The pretend WooCommerce's webhooks: pings, the queue, failures, targets that are refused (reference section 4)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import woocommerce
from hook_target import Target, listening

from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop

SECRET = "geheim4711"


@pytest.fixture
def target() -> Iterator[Target]:
    with listening() as found:
        yield found


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def api(shop: LoopbackShop) -> woocommerce.API:
    return woocommerce.API(shop.url, shop.config.woocommerce_key, shop.config.woocommerce_key_secret, timeout=60)


def ask(shop: LoopbackShop, verb: str, path: str, *given: Any, status: int = 200, **named: Any) -> Any:
    with getattr(api(shop), verb)(path, *given, **named) as answer:
        assert answer.status_code == status, answer.text
        return answer.json()


def hook(shop: LoopbackShop, target: Target, topic: str, pings: int = 1) -> int:
    row = {"name": f"Ladenbote {topic}", "topic": topic, "delivery_url": target.url, "secret": SECRET}
    pings += target.topics.count("ping")
    number: int = ask(shop, "post", "webhooks", row, status=201)["id"]
    assert shop.until(lambda: target.topics.count("ping") == pings)
    return number


def run_cron(shop: LoopbackShop, target: Target, expected: int) -> None:
    shop.do(shop.shop.hooks.run)
    assert shop.until(lambda: len(target.taken) >= expected), target.topics


def test_a_ping_is_unsigned_and_deliveries_are_signed(shop: LoopbackShop, target: Target) -> None:
    hook(shop, target, "order.created")
    shop.do(shop.shop.place_order, "anna")
    run_cron(shop, target, 2)
    (ping, form), (headers, raw) = target.taken
    assert form.startswith(b"webhook_id=")
    assert not any(name.startswith("x-wc") for name in ping)
    expected = base64.b64encode(hmac.digest(SECRET.encode(), raw, hashlib.sha256)).decode()
    assert headers["x-wc-webhook-signature"] == expected
    assert headers["x-wc-webhook-source"] == f"{shop.url}/"


def test_bodies_are_built_at_delivery_and_coalesced(shop: LoopbackShop, target: Target) -> None:
    for topic in ("order.created", "order.updated"):
        hook(shop, target, topic)
    order = shop.do(shop.shop.place_order, "anna")
    for status in ("pending", "processing", "completed"):
        shop.do(shop.shop.set_status, order, status)
    assert target.topics == ["ping", "ping"]
    run_cron(shop, target, 4)
    assert target.topics[2:] == ["order.created", "order.updated"]
    assert {body["status"] for body in target.bodies("order.created") + target.bodies("order.updated")} == {"completed"}


def test_backwards_and_doubled(shop: LoopbackShop, target: Target) -> None:
    for topic in ("order.created", "order.updated"):
        hook(shop, target, topic)
    shop.do(setattr, shop.shop.hooks, "backwards", True)
    shop.do(setattr, shop.shop.hooks, "double", True)
    shop.do(shop.shop.place_order, "anna")
    run_cron(shop, target, 6)
    assert target.topics[2:] == ["order.updated", "order.updated", "order.created", "order.created"]
    shared = {headers["x-wc-webhook-delivery-id"] for headers, _ in target.taken[2:4]}
    assert len(shared) == 1


def test_drafts_trash_and_gone(shop: LoopbackShop, target: Target) -> None:
    for topic in ("order.created", "order.updated", "order.deleted"):
        hook(shop, target, topic)
    draft = shop.do(shop.shop.open_cart, "anna")
    run_cron(shop, target, 4)
    shop.do(shop.shop.place, draft)
    shop.do(shop.shop.delete, draft)
    run_cron(shop, target, 6)
    other = shop.do(shop.shop.open_cart, "ben")
    shop.do(shop.shop.trash, other)
    run_cron(shop, target, 8)
    assert target.bodies("order.updated")[0]["status"] == "checkout-draft"
    gone = target.bodies("order.created")[0]
    assert gone == {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    assert target.bodies("order.deleted") == [{"id": other.id}]


def test_the_seventh_failure_in_a_row_switches_it_off(shop: LoopbackShop, target: Target) -> None:
    number = hook(shop, target, "order.updated")
    target.status = 500
    order = shop.do(shop.shop.open_cart, "anna")
    for n in range(7):
        assert ask(shop, "get", f"webhooks/{number}")["status"] == "active"
        shop.do(shop.shop.touch, order)
        run_cron(shop, target, n + 2)
        assert shop.until(lambda n=n: shop.courier.log[-1].finished)
    assert shop.until(lambda: shop.shop.hooks.rows[number].status == "disabled")
    assert [row["id"] for row in ask(shop, "get", "webhooks", params={"status": "disabled"})] == [number]
    ask(shop, "put", f"webhooks/{number}", {"status": "active"})
    assert shop.until(lambda: target.topics[-1] == "ping")
    shop.do(shop.shop.touch, order)
    run_cron(shop, target, 10)
    assert shop.until(lambda: shop.shop.hooks.rows[number].status == "disabled")


def test_one_success_forgives_and_a_redirect_counts_as_one(shop: LoopbackShop, target: Target) -> None:
    number = hook(shop, target, "order.updated")
    shop.do(setattr, shop.shop.hooks.rows[number], "failures", 6)
    target.status = 302
    shop.do(shop.shop.open_cart, "anna")
    run_cron(shop, target, 2)
    assert shop.until(lambda: shop.shop.hooks.rows[number].failures == 0)


def test_private_targets_fail_without_a_word(shop: LoopbackShop, target: Target) -> None:
    shop.do(setattr, shop.shop.hooks, "safe_only", True)
    number = hook(shop, target, "order.updated", pings=0)
    assert ask(shop, "get", f"webhooks/{number}")["status"] == "active"
    shop.do(shop.shop.open_cart, "anna")
    shop.do(shop.shop.hooks.run)
    assert shop.shop.hooks.rows[number].failures == 1
    assert target.taken == []
    reachable = shop.shop.hooks.reachable
    good = ("https://bote.example/hooks", "http://bote.example:8080/x", f"{shop.url}/own")
    bad = ("http://localhost/x", "http://10.0.0.7/x", "http://[2001:db8::1]/x", "https://u:p@bote.example/x",
           "https://bote.example:8443/x")  # fmt: skip
    assert [reachable(url) for url in (*good, *bad)] == [True] * 3 + [False] * 5


def test_cron_runs_only_when_somebody_visits(shop: LoopbackShop, target: Target) -> None:
    hook(shop, target, "order.updated")
    shop.do(shop.shop.open_cart, "anna")
    shop.do(setattr, shop.shop.hooks, "every", 0.0)
    assert target.topics == ["ping"]
    httpx.get(f"{shop.url}/", trust_env=False, timeout=60)
    assert shop.until(lambda: target.topics == ["ping", "order.updated"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"topic": "cart.updated"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": "shipment.updated"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"delivery_url": "ftp://shop.invalid/"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
    ],
)
def test_bad_webhooks_are_refused(shop: LoopbackShop, change: dict[str, str], code: str) -> None:
    row = {"topic": "order.updated", "delivery_url": "http://127.0.0.1:9/ok", "secret": SECRET} | change
    assert ask(shop, "post", "webhooks", row, status=400)["code"] == code


def test_a_webhook_s_life(shop: LoopbackShop, target: Target) -> None:
    number = hook(shop, target, "order.updated")
    found = ask(shop, "get", "webhooks", params={"search": "Ladenbote order.updated"})
    assert [row["id"] for row in found] == [number]
    assert "secret" not in found[0]
    assert ask(shop, "put", f"webhooks/{number}", {"status": "paused"})["status"] == "paused"
    ask(shop, "delete", f"webhooks/{number}", params={"force": True})
    assert ask(shop, "get", f"webhooks/{number}", status=404)["message"] == "ID is invalid."


def test_action_topics_carry_an_id(shop: LoopbackShop, target: Target) -> None:
    hook(shop, target, "action.woocommerce_order_status_completed")
    shop.do(shop.shop.hooks.fire, "action.woocommerce_order_status_completed", 31)
    run_cron(shop, target, 2)
    assert json.loads(target.taken[1][1]) == {"action": "woocommerce_order_status_completed", "arg": 31}
