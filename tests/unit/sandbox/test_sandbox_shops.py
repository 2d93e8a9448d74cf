"""The sandbox's shops: webhook bodies, headers, signatures, repeats, REST, and the stage's own protection."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import woocommerce
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig
from integration.sandbox.stage import Stage

CONFIG = SandboxConfig(status_delay=0, latency=0, retry_backoff=0)
RECORDINGS = Path(__file__).parents[1].parent / "data" / "woocommerce"
WORDING = (
    "Bestell-Updates per WhatsApp: Laden Beispiel darf mir zu meinen Bestellungen Bestätigung, "
    "Zahlungs- und Versandinfos per WhatsApp an {phone} schicken. "
    "Freiwillig, mit STOP jederzeit beendbar. Datenschutz: {link}"
)


class Worker:
    """Collects webhooks; answers what `answers` says, then 200."""

    def __init__(self) -> None:
        self.hooks: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.hooks.append((request.url.path, dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    def topics(self, header: str) -> list[str]:
        return [headers[header] for _, headers, _ in self.hooks if header in headers]


class Play:
    """A sandbox, its worker, and a client of the stage."""

    def __init__(self) -> None:
        app = create_app(CONFIG)
        self.worker = Worker()
        self.stage: Stage = app.state.stage
        self.stage.courier.transport = httpx.ASGITransport(self.worker.app)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8700")

    async def do(self, action: str, **body: Any) -> dict[str, Any]:
        response = await self.client.post(f"/stage/{action}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def hooks(self, count: int) -> list[tuple[str, dict[str, str], bytes]]:
        assert await self.stage.bus.until(lambda: len(self.worker.hooks) >= count, 3), self.worker.hooks
        return self.worker.hooks


@asynccontextmanager
async def playing() -> AsyncIterator[Play]:
    play = Play()
    try:
        yield play
    finally:
        await play.client.aclose()
        await play.stage.aclose()


def run(scene: Callable[[Play], Awaitable[None]]) -> None:
    async def main() -> None:
        async with playing() as play:
            await scene(play)

    asyncio.run(main())


def sign(secret: str, raw: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


def shape(value: Any) -> Any:
    """Types and keys in order; lists by their first element; meta by key."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def recording(name: str) -> tuple[dict[str, Any], dict[str, str]]:
    headers = json.loads((RECORDINGS / f"{name}.headers.json").read_text())["headers"]
    return json.loads((RECORDINGS / f"{name}.body").read_bytes()), headers


def meta(body: dict[str, Any]) -> dict[str, Any]:
    return {row["key"]: row["value"] for row in body["meta_data"]}


def test_woocommerce_order_has_the_recorded_shape_signature_and_headers() -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="woocommerce", customer="anna", consent=True)
        hooks = await play.hooks(4)
        pings, (path, headers, raw), twin = hooks[:2], hooks[2], hooks[3]
        assert [raw for _, _, raw in pings] == [b"webhook_id=6", b"webhook_id=7"]
        assert not any(name.startswith("x-wc") for name in pings[0][1])
        assert path == "/hooks/kaffeeladen"
        assert headers["x-wc-webhook-signature"] == sign(CONFIG.woocommerce_secret, raw)
        assert twin[2] == raw
        assert play.worker.topics("x-wc-webhook-topic") == ["order.created", "order.updated"]
        body, (expected, recorded) = json.loads(raw), recording("13_order.created_placed")
        sent, seen = ({h.lower() for h in rows if h.lower().startswith("x-wc")} for rows in (headers, recorded))
        assert sent == seen
        assert headers["user-agent"] == recorded["User-Agent"]
        compare(body, expected)
        assert b"http:\\/\\/" in raw
        assert b"K\\u00f6ln" in raw

    run(scene)


def compare(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(body) == list(expected)
    for key in expected.keys() - {"meta_data"}:
        assert shape(body[key]) == shape(expected[key]), key
    optional = {"_debug_log_source_pending_deletion"}
    assert set(meta(body)) == set(meta(expected)) - optional
    assert shape(meta(body)["_ladenbote_consent"]) == shape(meta(expected)["_ladenbote_consent"])


@pytest.mark.parametrize(("consent", "value"), [(True, "1"), (False, "0"), (None, None)])
def test_woocommerce_consent_evidence(consent: bool | None, value: str | None) -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="woocommerce", customer="anna", consent=consent)
        found = meta(json.loads((await play.hooks(3))[2][2]))
        assert found.get("_wc_other/ladenbote/whatsapp-optin") == value
        if consent is None:
            assert "_ladenbote_consent" not in found
            return
        evidence = found["_ladenbote_consent"]
        link = "https://kaffeeladen.example/datenschutz"
        assert evidence["granted"] is consent
        assert evidence["version"] == "2026-11-de-1"
        assert evidence["phone"] == "0171 3920011"
        assert evidence["wording"] == WORDING.format(phone="0171 3920011", link=link)

    run(scene)


def test_woocommerce_phone_override_is_passed_on_as_typed() -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="woocommerce", customer="deniz", consent=True, phone="kein anruf bitte")
        body = json.loads((await play.hooks(3))[2][2])
        assert body["billing"]["phone"] == "kein anruf bitte"
        assert meta(body)["_ladenbote_consent"]["phone"] == "kein anruf bitte"

    run(scene)


def test_woocommerce_pays_and_ships_with_the_recorded_tracking_meta() -> None:
    async def scene(play: Play) -> None:
        order = (await play.do("order", shop="woocommerce", customer="anna", consent=True))["order"]
        await play.do("pay", shop="woocommerce", order=order["id"])
        await play.do("ship", shop="woocommerce", order=order["id"], number="00340434161094042557")
        bodies = [json.loads(raw) for *_, raw in (await play.hooks(6))[2:]]
        assert [b["status"] for b in bodies] == ["on-hold", "on-hold", "processing", "completed"]
        assert [b["date_paid_gmt"] is None for b in bodies] == [True, True, False, False]
        assert bodies[-1]["date_completed_gmt"]
        assert len({b["id"] for b in bodies}) == 1
        expected = meta(recording("20_order.updated_ast")[0])["_wc_shipment_tracking_items"][0]
        row = meta(bodies[-1])["_wc_shipment_tracking_items"][0]
        assert shape(row) == shape(expected)
        assert row["tracking_provider"] == expected["tracking_provider"]
        assert row["tracking_number"] == "00340434161094042557"

    run(scene)


@pytest.mark.parametrize("shop", ["woocommerce", "shopify"])
def test_a_cart_is_left_and_bought_later(shop: str) -> None:
    async def scene(play: Play) -> None:
        await play.do("leave", shop=shop, customer="anna", consent=True)
        state = (await play.client.get("/stage/state")).json()
        assert next(row["left"] for row in state["shops"] if row["key"] == shop) == ["anna"]
        order = (await play.do("return", shop=shop, customer="anna"))["order"]
        assert order["state"] == "paid"
        assert (await play.client.post("/stage/return", json={"shop": shop, "customer": "anna"})).status_code == 400

    run(scene)


def test_a_shopify_parcel_comes_and_is_there_and_money_goes_back() -> None:
    async def scene(play: Play) -> None:
        order = (await play.do("order", shop="shopify", customer="ben", consent=True, paid=True))["order"]
        about = {"shop": "shopify", "order": order["id"]}
        assert (await play.client.post("/stage/deliver", json=about)).status_code == 400
        shipped = (await play.do("ship", **about))["order"]
        assert (shipped["state"], shipped["on_the_way"]) == ("shipped", "out_for_delivery")
        assert (await play.client.post("/stage/ship", json=about)).status_code == 400, "nothing is left to ship"
        assert (await play.do("deliver", **about))["order"]["on_the_way"] == "delivered_now"
        assert (await play.do("deliver", **about))["order"]["on_the_way"] == ""
        assert (await play.client.post("/stage/deliver", json=about)).status_code == 400
        assert (await play.do("refund", **about))["order"]["refunded"] == "5.00"
        hooks = await play.hooks(13)
        statuses = [json.loads(raw).get("shipment_status") for _, headers, raw in hooks
                    if headers["x-shopify-topic"] == "fulfillments/update"]  # fmt: skip
        assert statuses == ["out_for_delivery", "delivered"]

    run(scene)


def test_money_back_and_a_second_parcel() -> None:
    async def scene(play: Play) -> None:
        order = (await play.do("order", shop="woocommerce", customer="anna", consent=True, paid=True))["order"]
        refunded = (await play.do("refund", shop="woocommerce", order=order["id"]))["order"]
        assert (refunded["state"], refunded["refunded"]) == ("paid", "5.00")
        await play.do("ship", shop="woocommerce", order=order["id"])
        shipped = (await play.do("ship", shop="woocommerce", order=order["id"]))["order"]
        assert len({parcel["number"] for parcel in shipped["parcels"]}) == 2
        await play.do("cancel", shop="woocommerce", order=order["id"])
        body = {"shop": "woocommerce", "order": order["id"]}
        assert (await play.client.post("/stage/refund", json=body)).status_code == 400

    run(scene)


def test_duplicates_are_the_same_bytes_and_headers() -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="woocommerce", customer="anna", consent=True, duplicates=5)
        created = (await play.hooks(8))[2:7]
        assert len({raw for *_, raw in created}) == 1
        assert play.worker.topics("x-wc-webhook-topic").count("order.created") == 5
        await play.do("order", shop="shopify", customer="ben", consent=True, duplicates=3)
        await play.hooks(11)
        assert len(set(play.worker.topics("x-shopify-webhook-id"))) == 1

    run(scene)


def test_shopify_order_body_signature_and_headers() -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="shopify", customer="ben", consent=True)
        path, headers, raw = (await play.hooks(1))[0]
        body = json.loads(raw)
        assert path == "/hooks/teeladen"
        assert headers["x-shopify-hmac-sha256"] == sign(CONFIG.shopify_secret, raw)
        assert headers["x-shopify-topic"] == "orders/create"
        assert headers["x-shopify-shop-domain"] == CONFIG.shopify_domain
        assert headers["x-shopify-api-version"] == "2026-10"
        names = ("webhook-id", "event-id", "triggered-at", "name")
        assert all(headers[f"x-shopify-{name}"] for name in names)
        assert 7_000 < len(raw) < 12_000
        assert len(body["line_items"]) > 1
        assert not {"checkout_id"} & set(body)
        assert not {"tags", "email_marketing_consent", "orders_count", "total_spent"} & set(body["customer"])
        assert body["total_price"] == "29.20"

    run(scene)


def test_shopify_ids_are_exact_beyond_what_a_float_holds() -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="shopify", customer="ben", consent=True)
        body = json.loads((await play.hooks(1))[0][2])
        for row, kind in (
            (body, "Order"),
            (body["customer"], "Customer"),
            (body["line_items"][0], "LineItem"),
        ):
            assert 2**53 < row["id"] < 2**63
            assert row["admin_graphql_api_id"] == f"gid://shopify/{kind}/{row['id']}"
        assert int(float(body["id"])) != body["id"]

    run(scene)


@pytest.mark.parametrize(("consent", "value"), [(True, "yes"), (False, "no"), (None, None)])
def test_shopify_consent_attributes(consent: bool | None, value: str | None) -> None:
    async def scene(play: Play) -> None:
        await play.do("order", shop="shopify", customer="ben", consent=consent)
        body = json.loads((await play.hooks(1))[0][2])
        attributes = {row["name"]: row["value"] for row in body["note_attributes"]}
        assert attributes.get("whatsapp_optin") == value
        if consent:
            link = "https://teeladen.example/datenschutz"
            assert attributes["whatsapp_optin_version"] == "2026-11-de-1"
            assert attributes["whatsapp_optin_wording"] == WORDING.format(phone="+49 171 39200-22", link=link)

    run(scene)


def test_shopify_topics_of_paying_shipping_and_cancelling() -> None:
    async def scene(play: Play) -> None:
        order = (await play.do("order", shop="shopify", customer="ben", consent=True, paid=True))["order"]
        await play.do("ship", shop="shopify", order=order["id"])
        await play.do("cancel", shop="shopify", order=order["id"])
        hooks = await play.hooks(7)
        assert play.worker.topics("x-shopify-topic") == [
            "orders/create", "orders/paid", "fulfillments/create", "orders/fulfilled", "orders/updated",
            "orders/cancelled", "orders/updated",
        ]  # fmt: skip
        events = play.worker.topics("x-shopify-event-id")
        assert [len(set(events[a:b])) for a, b in ((0, 2), (2, 5), (5, 7))] == [1, 1, 1]
        assert len(set(events)) == 3
        parcel, fulfilled, cancelled = (json.loads(hooks[n][2]) for n in (2, 3, 5))
        assert parcel["order_id"] == fulfilled["id"] == int(order["id"])
        assert parcel["tracking_company"] == "DHL"
        assert parcel["tracking_number"] in parcel["tracking_url"]
        assert fulfilled["fulfillment_status"] == "fulfilled"
        assert fulfilled["fulfillments"][0]["id"] == parcel["id"]
        assert cancelled["cancelled_at"]

    run(scene)


def test_shopify_repeats_eight_times_and_woocommerce_never() -> None:
    async def scene(play: Play) -> None:
        play.worker.answers = [500] * 20
        await play.do("order", shop="shopify", customer="ben", consent=True)
        assert await play.stage.bus.until(lambda: play.stage.courier.log[-1].finished, 3)
        assert len(play.worker.hooks) == 9
        play.worker.hooks.clear()
        await play.do("order", shop="woocommerce", customer="anna", consent=True)
        assert await play.stage.bus.until(lambda: all(d.finished for d in play.stage.courier.log), 3)
        assert len(play.worker.hooks) == 4
        log = (await play.client.get("/stage/state")).json()["deliveries"]
        assert [row["status"] for row in log] == [500] * 5
        assert not any(row["delivered"] for row in log)

    run(scene)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("order", {"shop": "magento", "customer": "anna"}),
        ("order", {"shop": "shopify", "customer": "zoe"}),
        ("order", {"shop": "shopify", "customer": "anna", "consent": "ja"}),
        ("order", {"shop": "shopify", "customer": "anna", "duplicates": 1000}),
        ("pay", {"shop": "shopify", "order": "1"}),
        ("ship", {"shop": "woocommerce", "order": "²"}),
        ("reply", {"customer": "anna", "text": "  "}),
        ("reply", {"customer": "zoe", "text": "Hallo"}),
        ("fate", {"customer": "anna", "fate": "verschwinden"}),
        ("fate", {"account": True, "fate": "42"}),
        ("settings", {"__class__": True}),
        ("settings", {"shuffle": "ja"}),
        ("templates", {"templates": [{"name": "x"}]}),
        ("story", {"pause": "bald"}),
    ],
)
def test_control_refuses_nonsense(action: str, body: dict[str, Any]) -> None:
    async def scene(play: Play) -> None:
        response = await play.client.post(f"/stage/{action}", json=body)
        assert response.status_code == 400, response.text
        assert response.json()["error"]
        assert not play.worker.hooks

    run(scene)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8700", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8701"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 400),
    ],
)
def test_only_the_stage_itself_may_change_the_stage(headers: dict[str, str], status: int) -> None:
    async def scene(play: Play) -> None:
        response = await play.client.post("/stage/open", json={"customer": "anna"}, headers=headers)
        assert response.status_code == status

    run(scene)


def test_page_escapes_and_forbids_foreign_content() -> None:
    async def scene(play: Play) -> None:
        response = await play.client.get("/?lang=en")
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert f"frame-src {CONFIG.worker_url}" in policy
        assert "Play the story" in response.text
        assert "Geschichte abspielen" in (await play.client.get("/?lang=<script>")).text
        assert (await play.client.get("/assets/../config.py")).status_code == 404

    run(scene)


def test_shopify_token_for_client_credentials() -> None:
    async def scene(play: Play) -> None:
        url = "/shopify/admin/oauth/access_token"
        form = {"grant_type": "client_credentials", "client_id": CONFIG.shopify_client_id}
        good = await play.client.post(url, data=form | {"client_secret": CONFIG.shopify_secret})
        assert good.json()["expires_in"] == 86399
        assert good.json()["access_token"].startswith("shpat_")
        assert (await play.client.post(url, data=form | {"client_secret": "x"})).status_code == 401

    run(scene)


def test_story_says_which_steps_failed_when_nobody_answers() -> None:
    async def scene(play: Play) -> None:
        steps = (await play.do("story", pause=0))["steps"]
        assert [step["key"] for step in steps if not step["ok"]] == [
            "anna_orders", "ben_orders", "both_ship", "ben_leaves", "ben_returns", "anna_stops",
        ]  # fmt: skip
        assert all(step["de"] and step["en"] for step in steps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integration.sandbox.story.PATIENCE", 0.05)
        patch.setattr("integration.sandbox.story.QUIET", 0.05)
        run(scene)


def test_memory_is_bounded() -> None:
    async def scene(play: Play) -> None:
        for _ in range(310):
            play.stage.woocommerce.place_order("anna")
        for n in range(300):
            play.stage.phones.at(f"+4917139{n:05d}")
        assert len(play.stage.woocommerce.as_json()["orders"]) == 60
        assert len(list(play.stage.phones)) == 200
        assert play.stage.phones.by_key("anna") is not None
        assert len(play.stage.courier.log) == 400

    run(scene)


def test_the_woocommerce_package_can_poll_orders() -> None:
    app = create_app(SandboxConfig(port=0, worker_url="http://127.0.0.1:9", retry_backoff=0))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        poll_with_the_package(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


def poll_with_the_package(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    for customer in ("anna", "ben", "carla"):
        order = {"shop": "woocommerce", "customer": customer, "paid": customer == "ben"}
        assert httpx.post(f"{url}/stage/order", json=order, timeout=60).status_code == 200
    api = woocommerce.API(f"{url}/woocommerce", CONFIG.woocommerce_key, CONFIG.woocommerce_key_secret)
    query = {
        "status": "processing,on-hold", "orderby": "modified", "order": "asc", "per_page": 2,
        "modified_after": "2026-01-01T00:00:00", "dates_are_gmt": "true",
    }  # fmt: skip
    with api.get("orders", params=query) as answer:
        assert (answer.status_code, answer.headers["X-WP-Total"]) == (200, "3")
        assert [row["id"] for row in answer.json()] == [1601, 1602]
    with api.get("orders", params={"status": "processing"}) as answer:
        assert [row["billing"]["first_name"] for row in answer.json()] == ["Ben"]
    with api.get("orders", params=query | {"modified_after": "2026-01-01T00:00:00Z"}) as answer:
        assert answer.json() == []
    with api.get("orders", params={"status": "wc-processing"}) as answer:
        assert answer.status_code == 400
    with api.get("orders/1602") as answer:
        assert answer.json()["status"] == "processing"
    with api.get("orders/9") as answer:
        assert answer.json()["code"] == "woocommerce_rest_shop_order_invalid_id"
    thief = woocommerce.API(f"{url}/woocommerce", CONFIG.woocommerce_key, "wrong")
    with thief.get("orders") as answer:
        assert answer.status_code == 401
        assert answer.json()["code"] == "woocommerce_rest_authentication_error"
