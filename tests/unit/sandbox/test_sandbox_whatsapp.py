"""The sandbox's Cloud API against Meta's documented behaviour, over its HTTP interface."""

import hashlib
import hmac
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from sandbox_play import (
    ANNA,
    AUTH,
    CONFIG,
    MESSAGES,
    SHIPPED,
    TEMPLATES,
    Play,
    body_parameters,
    check_error,
    run,
    template,
)
from starlette.applications import Starlette

from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig


def test_accepted_message_reaches_the_phone_and_reports_sent_delivered_read() -> None:
    async def scene(play: Play) -> None:
        response = await play.send(biz_opaque_callback_data="attempt-7")
        answer = response.json()
        wamid = answer["messages"][0]["id"]
        assert response.status_code == 200
        assert answer["messaging_product"] == "whatsapp"
        assert answer["contacts"][0]["input"] == ANNA
        assert answer["contacts"][0]["wa_id"] == ANNA[1:]
        assert wamid.startswith("wamid.")
        form = rb"\x1c\x18" + bytes([len(ANNA) - 1]) + ANNA[1:].encode() + rb"\x15\x02\x00\x11\x18\x12[0-9A-F]{18}\x00"
        assert re.fullmatch(form, b64decode(wamid[6:])), "as Meta's own"
        assert answer["messages"][0]["message_status"] == "accepted"
        await play.until(lambda: len(play.worker.statuses()) == 3)
        statuses = play.worker.statuses()
        assert [s["status"] for s in statuses] == ["sent", "delivered", "read"]
        assert {s["id"] for s in statuses} == {wamid}
        assert {s["biz_opaque_callback_data"] for s in statuses} == {"attempt-7"}
        assert {s["recipient_id"] for s in statuses} == {ANNA[1:]}
        assert ["pricing" in s for s in statuses] == [True, True, False]
        assert statuses[0]["pricing"]["category"] == "utility"
        state = (await play.client.get("/stage/state")).json()
        bubble = state["phones"][0]["messages"][0]
        assert bubble["body"] == "Guten Tag Anna, Ihr Paket 4711 ist heute auf dem Weg zu Ihnen."
        assert bubble["status"] == "read"
        assert bubble["buttons"][0]["url"] == "https://versand.example/4711"
        accepted = state["accepted"][0]
        assert accepted["to"] == ANNA
        assert accepted["template"] == "shipped"
        assert accepted["parameters"] == {"name": "Anna", "number": "4711"}
        assert accepted["biz_opaque_callback_data"] == "attempt-7"
        assert accepted["wamid"] == wamid

    run(scene)


def test_webhooks_are_signed_over_the_raw_bytes_and_carry_the_user_id() -> None:
    async def scene(play: Play) -> None:
        await play.send()
        await play.until(lambda: len(play.worker.statuses()) == 3)
        for path, headers, raw in play.worker.hooks:
            expected = hmac.new(CONFIG.app_secret.encode(), raw, hashlib.sha256).hexdigest()
            assert headers["x-hub-signature-256"] == f"sha256={expected}"
            assert path == "/meta/nummer"
        value = play.worker.values()[0]
        assert value["metadata"]["phone_number_id"] == CONFIG.phone_number_id
        user_id = value["contacts"][0]["user_id"]
        assert user_id.startswith("DE.")
        assert user_id[3:].isdigit()
        assert value["statuses"][0]["recipient_user_id"] == user_id

    run(scene)


@pytest.mark.parametrize(
    ("changes", "http", "code"),
    [
        ({"messaging_product": ...}, 400, 100),
        ({"to": ...}, 400, 100),
        ({"to": "01713920011"}, 400, 131009),
        ({"to": "+49 171 3920011"}, 400, 131009),
        ({"to": 491713920011}, 400, 131009),
        ({"type": "carousel"}, 400, 131051),
        ({"template": ...}, 400, 100),
        ({"template": {"name": "shipped"}}, 400, 131008),
        ({"template": template(name="unheard_of")}, 404, 132001),
        ({"template": template(language={"code": "de_DE"})}, 404, 132001),
        ({"template": body_parameters({"type": "text", "parameter_name": "name", "text": "A"})}, 400, 132000),
        (
            {"template": body_parameters(
                {"type": "text", "parameter_name": "name", "text": "A"},
                {"type": "text", "parameter_name": "nummer", "text": "1"},
            )},
            400, 132000,
        ),
        (
            {"template": body_parameters({"type": "text", "text": "A"}, {"type": "text", "text": "1"})},
            400, 132000,
        ),
        (
            {"template": body_parameters(
                {"type": "text", "parameter_name": "name", "text": "A\nB"},
                {"type": "text", "parameter_name": "number", "text": "1"},
            )},
            400, 132018,
        ),
        (
            {"template": body_parameters(
                {"type": "text", "parameter_name": "name", "text": "A" * 1020},
                {"type": "text", "parameter_name": "number", "text": "1"},
            )},
            400, 132005,
        ),
        (
            {"template": body_parameters(
                {"type": "text", "parameter_name": "name", "text": "A"},
                {"type": "text", "parameter_name": "number", "text": "1"},
            )},
            400, 131008,
        ),
        ({"type": "text", "template": ..., "text": {"body": "Hallo"}}, 400, 131047),
        ({"biz_opaque_callback_data": "x" * 513}, 400, 100),
    ],
)  # fmt: skip
def test_wrong_messages_are_refused_in_metas_envelope(changes: dict[str, Any], http: int, code: int) -> None:
    async def scene(play: Play) -> None:
        check_error(await play.send(**changes), http, code)
        assert not play.stage.graph.accepted
        assert not play.worker.statuses()

    run(scene)


def test_paused_and_disabled_templates_are_refused() -> None:
    async def scene(play: Play) -> None:
        play.stage.graph.templates.set_status("shipped", "de", "PAUSED")
        check_error(await play.send(), 400, 132015)
        play.stage.graph.templates.set_status("shipped", "de", "PENDING")
        check_error(await play.send(), 404, 132001)

    run(scene)


def test_wrong_token_wrong_number_and_broken_json() -> None:
    async def scene(play: Play) -> None:
        bad = await play.client.post(MESSAGES, json={}, headers={"Authorization": "Bearer nope"})
        check_error(bad, 401, 190)
        other = await play.client.post("/graph/v26.0/999/messages", json={})
        assert (other.status_code, other.json()["error"]["code"]) == (400, 100)
        assert other.json()["error"]["error_subcode"] == 33
        check_error(await play.client.post(MESSAGES, content=b"{"), 400, 100)

    run(scene)


def test_own_templates_are_accepted_unseen_only_when_allowed() -> None:
    async def scene(play: Play) -> None:
        content = template(name="lb_order_confirmation_sie_v1")
        assert (await play.send(content)).status_code == 200
        assert "number: 4711" in play.stage.phones.at(ANNA).messages[0].body

    run(scene)

    async def strict(play: Play) -> None:
        check_error(await play.send(template(name="lb_order_confirmation_sie_v1")), 404, 132001)

    run(strict, SandboxConfig(status_delay=0, latency=0, auto_templates=False))


def test_free_text_needs_the_service_window_of_24_hours() -> None:
    async def scene(play: Play) -> None:
        phone = play.stage.phones.at(ANNA)
        text = {"type": "text", "template": ..., "text": {"body": "Gern"}}
        phone.last_inbound = datetime.now(UTC) - timedelta(hours=24, seconds=1)
        check_error(await play.send(**text), 400, 131047)
        phone.last_inbound = datetime.now(UTC) - timedelta(hours=23)
        assert (await play.send(**text)).status_code == 200

    run(scene)


def test_an_hour_has_room_for_a_hundred_new_templates() -> None:
    async def scene(play: Play) -> None:
        created = [
            (await play.client.post(TEMPLATES, json=SHIPPED | {"name": f"shipped_{n}"})).status_code for n in range(110)
        ]
        room = created.count(200)
        assert created == [200] * room + [400] * (110 - room), "once it is full, it stays full"
        assert room in (99, 100), "the play may have created one itself"
        refused = await play.client.post(TEMPLATES, json=SHIPPED | {"name": "one_more"})
        check_error(refused, 400, 80007)

    run(scene)


def test_templates_are_created_listed_in_pages_and_approved_by_webhook() -> None:
    async def scene(play: Play) -> None:
        for n in range(4):
            created = await play.client.post(TEMPLATES, json=SHIPPED | {"name": f"shipped_{n}"})
            assert set(created.json()) == {"id", "status", "category"}
            assert created.json()["status"] == "APPROVED"
        names: list[str] = []
        url: str | None = f"{TEMPLATES}?fields=name,status&limit=2"
        while url:
            page = (await play.client.get(url)).json()
            names += [row["name"] for row in page["data"]]
            assert set(page["data"][0]) == {"id", "name", "status"}
            url = page["paging"].get("next")
        assert names == ["shipped", *(f"shipped_{n}" for n in range(4))]
        await play.until(lambda: len(play.worker.values("message_template_status_update")) == 5)
        update = play.worker.values("message_template_status_update")[-1]
        assert update["event"] == "APPROVED"

    run(scene)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Mit Großbuchstaben"},
        {"language": "deutsch"},
        {"category": "NEWS"},
        {"name": "shipped"},
        {"components": []},
        {"components": [{"type": "BODY", "text": "{{name}} ist da", "example": {}}]},
        {"components": [{"type": "BODY", "text": "Hallo {{1}} wie geht es Ihnen denn heute so", "example": {}}]},
        {"components": [{"type": "BODY", "text": "x" * 1025}]},
        {"message_send_ttl_seconds": 29},
        {"message_send_ttl_seconds": 43_201},
        {"message_send_ttl_seconds": "60"},
        {"message_send_ttl_seconds": 60, "category": "MARKETING"},
    ],
)
def test_bad_templates_are_refused(changes: dict[str, Any]) -> None:
    async def scene(play: Play) -> None:
        check_error(await play.client.post(TEMPLATES, json=SHIPPED | {"name": "neu"} | changes), 400, 100)

    run(scene)


def test_number_node_and_subscription() -> None:
    async def scene(play: Play) -> None:
        fields = (
            "display_phone_number,verified_name,quality_rating,status,throughput,"
            "whatsapp_business_manager_messaging_limit"
        )
        node = (await play.client.get(f"/graph/v26.0/{CONFIG.phone_number_id}?fields={fields}")).json()
        assert set(node) == {"id", *fields.split(",")}
        assert node["throughput"]["level"] == "STANDARD"
        apps = f"/graph/v26.0/{CONFIG.business_account_id}/subscribed_apps"
        assert (await play.client.get(apps)).json() == {"data": []}
        assert (await play.client.post(apps)).json() == {"success": True}
        assert len((await play.client.get(apps)).json()["data"]) == 1

    run(scene)


def test_undeliverable_fails_by_webhook_without_contacts() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/fate", json={"customer": "anna", "fate": "undeliverable"})
        assert (await play.send()).status_code == 200
        await play.until(lambda: bool(play.worker.statuses()))
        value = play.worker.values()[0]
        assert "contacts" not in value
        assert value["statuses"][0]["status"] == "failed"
        assert value["statuses"][0]["errors"][0]["code"] == 131026
        assert play.stage.phones.at(ANNA).messages[0].status == "failed"

    run(scene)


@pytest.mark.parametrize(
    ("choice", "http", "code"),
    [
        ({"customer": "anna", "fate": "blocked_sync"}, 400, 131050),
        ({"account": True, "fate": "190"}, 401, 190),
        ({"account": True, "fate": "131042"}, 400, 131042),
    ],
)
def test_fates_that_refuse_at_once(choice: dict[str, Any], http: int, code: int) -> None:
    async def scene(play: Play) -> None:
        assert (await play.client.post("/stage/fate", json=choice)).status_code == 200
        check_error(await play.send(), http, code)

    run(scene)


def test_html_500_is_not_accepted_and_has_no_envelope() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/fate", json={"phone": ANNA, "fate": "html_500"})
        response = await play.send()
        assert response.status_code == 500
        assert response.headers["content-type"].startswith("text/html")
        assert not play.stage.graph.accepted

    run(scene)


def test_untidy_statuses_shuffled_doubled_and_collected() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/settings", json={"duplicate": True, "batch": True, "shuffle": True})
        orders = set()
        for n in range(1, 9):
            await play.send()
            await play.until(lambda n=n: len(play.worker.statuses()) == 6 * n)
            batch = play.worker.values()[-1]["statuses"]
            orders.add(tuple(s["status"] for s in batch))
            assert batch == play.worker.values()[-2]["statuses"]
        assert len(orders) > 1
        assert {m.status for m in play.stage.phones.at(ANNA).messages} == {"read"}

    run(scene)


def test_read_waits_until_the_phone_is_opened() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/settings", json={"auto_read": False})
        await play.send()
        await play.until(lambda: len(play.worker.statuses()) == 2)
        assert play.stage.phones.at(ANNA).messages[0].status == "delivered"
        await play.client.post("/stage/open", json={"customer": "anna"})
        await play.until(lambda: len(play.worker.statuses()) == 3)
        assert play.worker.statuses()[-1]["status"] == "read"

    run(scene)


def test_webhooks_are_repeated_with_the_same_bytes_until_200() -> None:
    async def scene(play: Play) -> None:
        await play.until(lambda: len(play.worker.hooks) == 1)  # the template's approval
        play.worker.hooks.clear()
        play.worker.answers = [503, 500]
        await play.client.post("/stage/reply", json={"customer": "anna", "text": "Hallo"})
        await play.until(lambda: len(play.worker.hooks) == 3)
        assert len({raw for *_, raw in play.worker.hooks}) == 1
        await play.until(lambda: play.stage.courier.log[-1].delivered)

    run(scene)


def test_customers_write_and_press_buttons() -> None:
    async def scene(play: Play) -> None:
        wamid = (await play.send()).json()["messages"][0]["id"]
        await play.client.post("/stage/reply", json={"customer": "anna", "text": "STOP"})
        button = {"payload": "Frage stellen", "text": "Frage stellen"}
        await play.client.post("/stage/reply", json={"customer": "anna", "button": button})

        def inbound() -> list[dict[str, Any]]:
            return [m for value in play.worker.values() for m in value.get("messages", [])]

        await play.until(lambda: len(inbound()) == 2)
        text, press = sorted(inbound(), key=lambda m: m["type"], reverse=True)
        assert text["text"] == {"body": "STOP"}
        assert text["from"] == ANNA[1:]
        assert press["button"] == button
        assert press["context"]["id"] == wamid
        read = {"messaging_product": "whatsapp", "status": "read", "message_id": text["id"]}
        assert (await play.client.post(MESSAGES, json=read)).json() == {"success": True}
        await _interactive_reply(play, inbound)

    run(scene)


async def _interactive_reply(play: Play, inbound: Callable[[], list[dict[str, Any]]]) -> None:
    content = {
        "type": "button", "body": {"text": "Wirklich?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Ja"}}]},
    }  # fmt: skip
    sent = await play.send(type="interactive", template=..., interactive=content)
    assert sent.status_code == 200
    await play.client.post("/stage/reply", json={"customer": "anna", "button": {"payload": "yes", "text": "Ja"}})
    await play.until(lambda: len(inbound()) == 3)
    reply = next(m for m in inbound() if m["type"] == "interactive")
    assert reply["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "Ja"}}


def test_handshake() -> None:
    async def scene(play: Play) -> None:
        assert (await play.client.post("/stage/connect")).json()["handshake"] is True

    run(scene)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("fate", "error", "accepted"),
    [
        ("accept_then_hang", httpx.ReadTimeout, 1),
        ("accept_then_reset", httpx.TransportError, 1),
        ("accept_then_cut", httpx.TransportError, 1),
        ("hang", httpx.ReadTimeout, 0),
        ("reset", httpx.TransportError, 0),
    ],
)
def test_faults_on_a_real_connection(fate: str, error: type[Exception], accepted: int) -> None:
    config = SandboxConfig(status_delay=0, latency=0, retry_backoff=0, worker_url="http://127.0.0.1:9")
    app = create_app(config)
    with served(app) as url, httpx.Client(base_url=url, headers=AUTH, timeout=60) as client:
        client.post("/stage/fate", json={"phone": ANNA, "fate": fate})
        body = {
            "messaging_product": "whatsapp", "to": ANNA, "type": "template",
            "template": {"name": "lb_x", "language": {"code": "de"}},
        }  # fmt: skip
        with pytest.raises(error):
            client.post(MESSAGES, json=body, timeout=1)
        assert len(client.get("/stage/state").json()["accepted"]) == accepted
