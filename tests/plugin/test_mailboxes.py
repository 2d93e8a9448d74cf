"""What every mailbox does, the one file and the companion plugin alike: what it keeps, refuses, and hands over."""

import base64
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import orjson
import pytest
from letters import META, TOKEN, ask, at, collect, post

from integration.domain.signing import SIGNATURE, TIMESTAMP, sign


def test_keeps_raw_bytes_with_their_signature_in_order(mailbox: str) -> None:
    collect(mailbox)
    body = b'{"name":"Zo\xc3\xab \xf0\x9f\x98\x80",  "x": "\xff\x00"}\n'
    assert post(mailbox, body=body) == 200
    shopify = {"x-shopify-hmac-sha256": "abc=", "x-shopify-topic": "orders/create", "cookie": "no", "x-other": "no"}
    assert post(mailbox, "hooks/tee", b"2", shopify) == 200
    first, second = collect(mailbox)
    assert base64.b64decode(first["body"]) == body
    assert (first["to"], first["headers"]) == ("meta/nummer", META)
    assert abs(first["received_at"] - time.time()) < 60
    assert (second["to"], second["headers"]) == ("hooks/tee", {k: shopify[k] for k in list(shopify)[:2]})


def test_a_letter_comes_again_until_it_is_acknowledged(mailbox: str) -> None:
    collect(mailbox)
    post(mailbox, body=b"1")
    post(mailbox, body=b"2")
    one, two = collect(mailbox)
    assert collect(mailbox) == [one, two]
    assert collect(mailbox, done=[one["id"]]) == [two]
    assert collect(mailbox, done=[one["id"], two["id"]]) == []


def handshake(mailbox: str, to: str = "meta/nummer", **changes: str) -> httpx.Response:
    asked = {"mode": "subscribe", "verify_token": "verify-me", "challenge": "1158<b>"} | changes
    query = "&".join(f"hub.{name}={quote(value)}" for name, value in asked.items())
    return httpx.get(f"{at(mailbox, to)}&{query}", timeout=30)


def test_the_handshake(mailbox: str) -> None:
    assert handshake(mailbox).status_code == 403
    collect(mailbox)
    answer = handshake(mailbox)
    assert (answer.status_code, answer.text) == (200, "1158<b>")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for change in (
        {"verify_token": "wrong"},
        {"verify_token": ""},
        {"mode": "other"},
        {"to": "hooks/tee"},
        {"to": "x"},
    ):
        assert handshake(mailbox, **change).status_code == 403, change


def test_only_known_addresses_and_only_what_is_signed(mailbox: str) -> None:
    assert post(mailbox) == 404
    collect(mailbox)
    assert post(mailbox) == 200
    assert [post(mailbox, to) for to in ("meta/none", "hooks/", "../x", "addresses", "plugin/laden")] == [404] * 5
    assert post(mailbox, headers={}) == 401
    assert post(mailbox, headers={"x-hub-signature-256": ""}) == 401
    assert post(mailbox, "hooks/laden", b"webhook_id=25", {}) == 200
    assert len(collect(mailbox)) == 1


def test_addresses_that_are_none_are_left_out(mailbox: str) -> None:
    given = {"meta/nummer": "", "plugin/laden": "", "hooks/../x": "", "meta/GROSS": "", "hooks/tee": 5, "x" * 300: ""}
    collect(mailbox, addresses=given)
    assert post(mailbox) == 200
    assert post(mailbox, "hooks/tee") == 404
    assert post(mailbox, "plugin/laden") == 404


@pytest.mark.parametrize("skew", [timedelta(minutes=20), timedelta(minutes=-20)])
def test_a_clock_that_is_off_is_told(mailbox: str, skew: timedelta) -> None:
    answer = ask(mailbox, skew)
    assert answer.status_code == 401
    assert abs(answer.json()["now"] - time.time()) < 60


@pytest.mark.parametrize("token", ["", "another-token-of-more-than-thirty-two"])
def test_nobody_else_gets_letters(mailbox: str, token: str) -> None:
    collect(mailbox)
    post(mailbox, body=b"private")
    answer = ask(mailbox, token=token)
    assert answer.status_code == 401 and b"private" not in answer.content
    body = orjson.dumps({"done": []})
    headers = sign(TOKEN, body, datetime.now(UTC))
    for altered, changed in (
        (body + b" ", headers),
        (body, headers | {TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}),
        (body, {TIMESTAMP: headers[TIMESTAMP]}),
        (body, {SIGNATURE: headers[SIGNATURE]}),
    ):
        assert httpx.post(mailbox, content=altered, headers=changed, timeout=60).status_code == 401


def test_too_large_is_refused(mailbox: str) -> None:
    collect(mailbox)
    assert post(mailbox, body=b"x" * 4_000_001) == 413
    assert post(mailbox, body=b"x" * 4_000_000) == 200
    assert len(base64.b64decode(collect(mailbox)[0]["body"])) == 4_000_000
