"""The webhook addresses: nothing unsigned is stored, nothing is acknowledged before it is."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from integration.web.webhooks import hooks

BODY = b'{"id": 1}'


def signed(body: bytes, key: str = "secret") -> dict[str, str]:
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {"x-signature": digest, "x-topic": "order.created", "x-delivery": "d-1", "x-other": "no"}


def meta_signed(body: bytes, key: str = "app-secret") -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def test_verified_body_is_stored_as_it_came(client: Any, intake: Any, world: Any) -> None:
    body = b'{"id": 1,  "name":"\xc3\xbc"}\n'
    answer = client.post("/hooks/kaffeeladen", content=body, headers=signed(body))
    assert answer.status_code == 200
    (item,) = intake.items
    assert (item.channel, item.endpoint, item.topic) == ("shop", "kaffeeladen", "order.created")
    assert (item.body, item.headers, item.received_at) == (body, {"x-delivery": "d-1"}, world.NOW)
    assert item.has_messages is False


def test_a_repeated_delivery_is_stored_once(client: Any, intake: Any) -> None:
    for repeated in ("a", "a", "b", "a", ""):
        headers = signed(BODY) | {"x-repeated": repeated}
        assert client.post("/hooks/kaffeeladen", content=BODY, headers=headers).status_code == 200
    assert len(intake.items) == 3


def test_of_many_deliveries_the_newest_are_remembered(
    client: Any, intake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "REMEMBERED", 2)
    for delivery in ("a", "b", "c", "c", "b"):
        client.post("/hooks/kaffeeladen", content=BODY, headers=signed(BODY) | {"x-repeated": delivery})
    assert len(intake.items) == 3, "c and b are remembered, a is not any more"


def test_what_could_not_be_stored_is_taken_when_it_comes_again(client: Any, intake: Any) -> None:
    headers = signed(BODY) | {"x-repeated": "a"}
    intake.failure = OSError()
    assert client.post("/hooks/kaffeeladen", content=BODY, headers=headers).status_code == 503
    intake.failure = None
    assert client.post("/hooks/kaffeeladen", content=BODY, headers=headers).status_code == 200
    assert len(intake.items) == 1


@pytest.mark.parametrize("secret", ["old", "secret"])
def test_every_valid_secret_counts(client: Any, intake: Any, secret: str) -> None:
    assert client.post("/hooks/kaffeeladen", content=BODY, headers=signed(BODY, secret)).status_code == 200


@pytest.mark.parametrize("headers", [{}, signed(b"other"), signed(BODY, "wrong")])
def test_unsigned_is_refused_and_not_stored(client: Any, intake: Any, headers: dict[str, str]) -> None:
    assert client.post("/hooks/kaffeeladen", content=BODY, headers=headers).status_code == 401
    assert intake.items == []


def test_shop_without_a_secret_takes_nothing(client: Any, intake: Any) -> None:
    assert client.post("/hooks/teehaus", content=BODY, headers=signed(BODY, "")).status_code == 401
    assert intake.items == []


def test_ping_is_answered_and_not_stored(client: Any, intake: Any) -> None:
    assert client.post("/hooks/kaffeeladen", content=b"ping").status_code == 200
    assert intake.items == []


@pytest.mark.parametrize("path", ["/hooks/none", "/meta/none"])
def test_unknown_address(client: Any, path: str) -> None:
    assert client.post(path, content=BODY).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post(client: Any, method: str) -> None:
    assert client.request(method, "/hooks/kaffeeladen").status_code == 405


@pytest.mark.parametrize(("path", "limit"), [("/hooks/kaffeeladen", 1_000_000), ("/meta/laden", 4_000_000)])
def test_declared_too_large_is_refused_unread(client: Any, intake: Any, path: str, limit: int) -> None:
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"x"

    answer = client.post(path, content=body(), headers={"content-length": str(limit + 1)})
    assert answer.status_code == 413
    assert read == [] and intake.items == []


@pytest.mark.parametrize(("path", "limit"), [("/hooks/kaffeeladen", 1_000_000), ("/meta/laden", 4_000_000)])
def test_chunked_too_large_stops_while_reading(client: Any, intake: Any, path: str, limit: int) -> None:
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(1000):
            read.append(1)
            yield b"x" * 50_000

    assert client.post(path, content=body()).status_code == 413
    assert len(read) <= limit // 50_000 + 2
    assert intake.items == []


@pytest.mark.parametrize("declared", ["-5", "many", "1e3"])
def test_nonsense_length_is_refused(client: Any, intake: Any, declared: str) -> None:
    answer = client.post("/hooks/kaffeeladen", content=BODY, headers=signed(BODY) | {"content-length": declared})
    assert answer.status_code == 413
    assert intake.items == []


def test_body_at_the_limit_passes(client: Any, intake: Any) -> None:
    body = b"x" * 1_000_000
    assert client.post("/hooks/kaffeeladen", content=body, headers=signed(body)).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"), [("/hooks/kaffeeladen", signed(BODY)), ("/meta/laden", meta_signed(BODY))]
)
def test_failed_commit_asks_to_come_again(
    client: Any, intake: Any, path: str, headers: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    intake.failure = RuntimeError("row of +491713920001 not stored")
    answer = client.post(path, content=BODY, headers=headers)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "1713920001" not in answer.text + "".join(capfd.readouterr())


def test_answer_waits_for_the_commit(client_for: Callable[..., Any], intake: Any, world: Any, database: Any) -> None:
    from integration.web.app import create_app

    committed: list[str] = []

    class Slow:
        async def put(self, item: Any) -> None:
            await asyncio.sleep(0.05)
            committed.append("now")

    app = create_app(world.deps(database, Slow(), world.Clock()))
    assert world.Browser(app).post("/hooks/kaffeeladen", content=BODY, headers=signed(BODY)).status_code == 200
    assert committed == ["now"]


@pytest.mark.parametrize(
    ("body", "has"),
    [
        (b'{"entry":[{"changes":[{"value":{"messages":[{"from":"49"}]}}]}]}', True),
        (b'{"value":{"messages" : [\n{}]}}', True),
        (b'{"value":{"statuses":[{"id":"messages"}]}}', False),
        (b'{"field":"messages","value":{"statuses":[]}}', False),
    ],
)
def test_meta_body_is_stored_with_whether_it_holds_messages(client: Any, intake: Any, body: bytes, has: bool) -> None:
    assert client.post("/meta/laden", content=body, headers=meta_signed(body)).status_code == 200
    (item,) = intake.items
    assert (item.channel, item.endpoint, item.body, item.has_messages) == ("meta", "laden", body, has)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        meta_signed(b"other"),
        meta_signed(BODY, "wrong"),
        meta_signed(BODY, ""),
        meta_signed(BODY.replace(b":", b": ")),
        {"x-hub-signature": "sha1=" + hmac.new(b"app-secret", BODY, hashlib.sha1).hexdigest()},
        {"x-hub-signature-256": b"sha256=" + b"\xfc" * 64},
    ],
)
def test_meta_unsigned(client: Any, intake: Any, headers: dict[str, Any]) -> None:
    assert client.post("/meta/laden", content=BODY, headers=headers).status_code == 401
    assert intake.items == []


def test_meta_without_app_secret_takes_nothing(world: Any, database: Any, intake: Any) -> None:
    from dataclasses import replace

    from integration.web.app import create_app

    deps = world.deps(database, intake, world.Clock())
    bare = replace(deps.senders["laden"], app_secret="", verify_token="")
    browser = world.Browser(create_app(replace(deps, senders={"laden": bare})))
    assert browser.post("/meta/laden", content=BODY, headers=meta_signed(BODY, "")).status_code == 401
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert browser.get("/meta/laden", params=query).status_code == 403
    assert intake.items == []


def handshake(client: Any, **changes: str) -> httpx.Response:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}
    answer: httpx.Response = client.get("/meta/laden", params=query | {f"hub.{k}": v for k, v in changes.items()})
    return answer


def test_handshake_repeats_the_challenge_as_plain_text(client: Any) -> None:
    answer = handshake(client)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    hostile = handshake(client, challenge="<b>x</b>")
    assert hostile.headers["content-type"].startswith("text/plain")
    assert hostile.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "changes",
    [{"verify_token": "wrong"}, {"verify_token": ""}, {"verify_token": "ü"}, {"mode": "unsubscribe"}, {"mode": ""},
     {"challenge": ""}],
)  # fmt: skip
def test_handshake_refused(client: Any, changes: dict[str, str]) -> None:
    assert handshake(client, **changes).status_code == 403
    assert client.get("/meta/laden").status_code == 403


def test_hooks_need_no_session_and_carry_no_cookie(client: Any) -> None:
    answer = client.post("/hooks/kaffeeladen", content=BODY, headers=signed(BODY))
    assert "set-cookie" not in answer.headers


def test_health(client: Any, client_for: Callable[..., Any], database: Any) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").json() == {"ready": True, "problems": []}
    worried = client_for(ready=lambda: ["no sender"]).get("/readyz")
    assert (worried.status_code, worried.json()["problems"]) == (503, ["no sender"])
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE message")
    broken = client.get("/readyz")
    assert (broken.status_code, broken.json()["problems"]) == (503, ["database: OperationalError"])


def test_metrics_only_from_here_or_signed_in(client: Any, sign_in: Callable[..., Any], world: Any) -> None:
    assert "ladenbote_received" in client.get("/metrics").text
    assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403
    far = world.Browser(client.app, address="203.0.113.9")
    assert far.get("/metrics").status_code == 403
    assert sign_in(far).get("/metrics").status_code == 200
