"""The mailbox in one PHP file: what it keeps, refuses, and hands over."""

import base64
import hashlib
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from php import WORDPRESS, filled_in, needed, serving

from integration.domain.signing import SIGNATURE, TIMESTAMP, sign

TOKEN = "a-token-of-more-than-thirty-two-characters"
META = {"x-hub-signature-256": "sha256=" + "0" * 64}
ADDRESSES = {"meta/nummer": hashlib.sha256(b"verify-me").hexdigest(), "hooks/tee": "", "hooks/laden": ""}


def ask(mailbox: str, skew: timedelta = timedelta(0), token: str = TOKEN, **asked: Any) -> httpx.Response:
    body = orjson.dumps({"done": [], "addresses": ADDRESSES} | asked)
    return httpx.post(mailbox, content=body, headers=sign(token, body, datetime.now(UTC) + skew))


def collect(mailbox: str, **asked: Any) -> list[dict[str, Any]]:
    answer = ask(mailbox, **asked)
    assert answer.status_code == 200, answer.text
    letters: list[dict[str, Any]] = answer.json()["letters"]
    return letters


def post(mailbox: str, to: str = "meta/nummer", body: bytes = b"{}", headers: dict[str, str] = META) -> int:
    return httpx.post(mailbox, params={"to": to}, content=body, headers=headers).status_code


def test_is_clean_php() -> None:
    subprocess.run([needed("php"), "-l", str(WORDPRESS / "mailbox.php")], check=True, capture_output=True)


def test_keeps_raw_bytes_with_their_signature_in_order(file_mailbox: str) -> None:
    collect(file_mailbox)
    body = b'{"name":"Zo\xc3\xab \xf0\x9f\x98\x80",  "x": "\xff\x00"}\n'
    assert post(file_mailbox, body=body) == 200
    shopify = {"x-shopify-hmac-sha256": "abc=", "x-shopify-topic": "orders/create", "cookie": "no", "x-other": "no"}
    assert post(file_mailbox, "hooks/tee", b"2", shopify) == 200
    first, second = collect(file_mailbox)
    assert base64.b64decode(first["body"]) == body
    assert (first["to"], first["headers"]) == ("meta/nummer", META)
    assert abs(first["received_at"] - time.time()) < 60
    assert (second["to"], second["headers"]) == ("hooks/tee", {k: shopify[k] for k in list(shopify)[:2]})


def test_a_letter_comes_again_until_it_is_acknowledged(file_mailbox: str) -> None:
    collect(file_mailbox)
    post(file_mailbox, body=b"1")
    post(file_mailbox, body=b"2")
    one, two = collect(file_mailbox)
    assert collect(file_mailbox) == [one, two]
    assert collect(file_mailbox, done=[one["id"]]) == [two]
    assert collect(file_mailbox, done=[one["id"], two["id"]]) == []


@pytest.mark.parametrize("bad", ["../mailbox", "../mailbox.php", 5, None, {}, "addresses", "x" * 5000])
def test_nothing_else_can_be_thrown_away(file_mailbox: str, web_space: Path, bad: Any) -> None:
    collect(file_mailbox)
    post(file_mailbox)
    assert len(collect(file_mailbox, done=[bad])) == 1
    assert (web_space / "mailbox.php").exists()
    assert post(file_mailbox) == 200


def test_the_handshake(file_mailbox: str) -> None:
    query = {"to": "meta/nummer", "hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158<b>"}
    assert httpx.get(file_mailbox, params=query).status_code == 403
    collect(file_mailbox)
    answer = httpx.get(file_mailbox, params=query)
    assert (answer.status_code, answer.text) == (200, "1158<b>")
    assert answer.headers["content-type"].startswith("text/plain")
    for change in (
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"to": "hooks/tee"},
        {"to": "meta/none"},
        {"hub.mode": "other"},
        {"hub.verify_token[]": "x", "hub.verify_token": ""},
    ):
        assert httpx.get(file_mailbox, params=query | change).status_code == 403, change


def test_only_known_addresses_and_only_what_is_signed(file_mailbox: str) -> None:
    assert post(file_mailbox) == 404
    collect(file_mailbox)
    assert post(file_mailbox) == 200
    assert [post(file_mailbox, to) for to in ("meta/none", "hooks/", "../x", "addresses", "plugin/laden")] == [404] * 5
    assert post(file_mailbox, headers={}) == 401
    assert post(file_mailbox, headers={"x-hub-signature-256": ""}) == 401
    assert post(file_mailbox, "hooks/laden", b"webhook_id=25", {}) == 200
    assert len(collect(file_mailbox)) == 1


def test_addresses_that_are_none_are_left_out(file_mailbox: str) -> None:
    given = {"meta/nummer": "", "plugin/laden": "", "hooks/../x": "", "meta/GROSS": "", "hooks/tee": 5, "x" * 300: ""}
    collect(file_mailbox, addresses=given)
    assert post(file_mailbox) == 200
    assert post(file_mailbox, "hooks/tee") == 404
    assert post(file_mailbox, "plugin/laden") == 404


@pytest.mark.parametrize("skew", [timedelta(minutes=20), timedelta(minutes=-20)])
def test_a_clock_that_is_off_is_told(file_mailbox: str, skew: timedelta) -> None:
    answer = ask(file_mailbox, skew)
    assert answer.status_code == 401
    assert abs(answer.json()["now"] - time.time()) < 60


@pytest.mark.parametrize("token", ["", "another-token-of-more-than-thirty-two"])
def test_nobody_else_gets_letters(file_mailbox: str, token: str) -> None:
    collect(file_mailbox)
    post(file_mailbox, body=b"private")
    answer = ask(file_mailbox, token=token)
    assert answer.status_code == 401 and b"private" not in answer.content
    body = orjson.dumps({"done": []})
    headers = sign(TOKEN, body, datetime.now(UTC))
    for altered, changed in (
        (body + b" ", headers),
        (body, headers | {TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}),
        (body, {TIMESTAMP: headers[TIMESTAMP]}),
        (body, {SIGNATURE: headers[SIGNATURE]}),
    ):
        assert httpx.post(file_mailbox, content=altered, headers=changed).status_code == 401


def test_what_lies_there_cannot_be_read_from_outside(file_mailbox: str, web_space: Path) -> None:
    collect(file_mailbox)
    post(file_mailbox, body=b"private")
    files = sorted(file.name for file in (web_space / "ladenbote-letters").iterdir())
    assert any(name.startswith("letter-") for name in files) and ".htaccess" in files
    root = file_mailbox.removesuffix("mailbox.php")
    for name in files:
        answer = httpx.get(f"{root}ladenbote-letters/{name}")
        assert name == ".htaccess" or answer.text == "", name
    assert (web_space / "ladenbote-letters").stat().st_mode & 0o077 == 0


def test_too_large_is_refused(file_mailbox: str) -> None:
    collect(file_mailbox)
    assert post(file_mailbox, body=b"x" * 4_000_001) == 413
    assert post(file_mailbox, body=b"x" * 4_000_000) == 200
    assert len(base64.b64decode(collect(file_mailbox)[0]["body"])) == 4_000_000


def test_a_flood_at_one_address_is_bounded_and_leaves_the_others_open(web_space: Path) -> None:
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'", "MOST_LETTERS": "20"})
    with serving(web_space) as address, ThreadPoolExecutor(8) as pool:
        mailbox = f"{address}/mailbox.php"
        collect(mailbox)
        results = list(
            pool.map(lambda _: post(mailbox, "hooks/tee", b"x", {"x-shopify-hmac-sha256": "junk"}), range(60))
        )
        assert (results.count(200), results.count(503)) == (20, 40)
        assert post(mailbox) == 200
        letters = collect(mailbox)
        assert len(letters) == 21
        assert collect(mailbox, done=[letter["id"] for letter in letters]) == []
        assert post(mailbox, "hooks/tee", b"x", {"x-shopify-hmac-sha256": "junk"}) == 200


def test_bytes_are_bounded_in_all_and_an_answer_has_its_limit(web_space: Path) -> None:
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'", "MOST_BYTES": "5000", "BYTES_AT_A_TIME": "2500"})
    with serving(web_space) as address:
        mailbox = f"{address}/mailbox.php"
        collect(mailbox)
        assert [post(mailbox, body=b"x" * 1000) for _ in range(7)] == [200] * 5 + [503] * 2
        answer = ask(mailbox).json()
        assert (len(answer["letters"]), answer["waiting"]) == (2, 3)


def test_letters_expire(file_mailbox: str, web_space: Path) -> None:
    collect(file_mailbox)
    post(file_mailbox, body=b"old")
    post(file_mailbox, body=b"young")
    folder = web_space / "ladenbote-letters"
    old = min(folder.glob("letter-*"))
    micros = int((time.time() - 7 * 86_400 - 60) * 1e6)
    old.rename(folder / re.sub(r"^letter-\d{16}", f"letter-{micros:016d}", old.name))
    assert [base64.b64decode(letter["body"]) for letter in collect(file_mailbox)] == [b"young"]
    assert len(list(folder.glob("letter-*"))) == 1


def test_without_a_token_it_does_nothing(web_space: Path) -> None:
    filled_in(web_space, {})
    with serving(web_space) as address:
        answer = httpx.post(f"{address}/mailbox.php", params={"to": "meta/nummer"}, content=b"{}", headers=META)
        assert answer.status_code == 503 and "token" in answer.text
        assert httpx.get(f"{address}/mailbox.php").status_code == 503
    assert not (web_space / "ladenbote-letters").exists()


def test_a_folder_that_cannot_be_written_takes_nothing(web_space: Path) -> None:
    (web_space / "a-file").write_text("")
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'", "FOLDER": "__DIR__ . '/a-file/letters'"})
    with serving(web_space) as address:
        mailbox = f"{address}/mailbox.php"
        assert ask(mailbox).status_code == 503
        assert post(mailbox) == 404


def test_other_methods_are_refused(file_mailbox: str) -> None:
    assert httpx.put(file_mailbox, content=b"x").status_code == 405
