"""The mailbox in one PHP file: how it lies there, and its bounds."""

import base64
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from letters import META, TOKEN, ask, collect, post
from php import WORDPRESS, filled_in, needed, serving


def test_is_clean_php() -> None:
    subprocess.run([needed("php"), "-l", str(WORDPRESS / "mailbox.php")], check=True, capture_output=True)


@pytest.mark.parametrize("bad", ["../mailbox", "../mailbox.php", 5, None, {}, "addresses", "x" * 5000])
def test_nothing_else_can_be_thrown_away(file_mailbox: str, web_space: Path, bad: Any) -> None:
    collect(file_mailbox)
    post(file_mailbox)
    assert len(collect(file_mailbox, done=[bad])) == 1
    assert (web_space / "mailbox.php").exists()
    assert post(file_mailbox) == 200


def test_what_lies_there_cannot_be_read_from_outside(file_mailbox: str, web_space: Path) -> None:
    collect(file_mailbox)
    post(file_mailbox, body=b"private")
    files = sorted(file.name for file in (web_space / "ladenbote-letters").iterdir())
    assert any(name.startswith("letter-") for name in files) and ".htaccess" in files
    root = file_mailbox.removesuffix("mailbox.php")
    for name in files:
        answer = httpx.get(f"{root}ladenbote-letters/{name}", timeout=60)
        assert name == ".htaccess" or answer.text == "", name
    assert (web_space / "ladenbote-letters").stat().st_mode & 0o077 == 0


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
        answer = httpx.post(
            f"{address}/mailbox.php", params={"to": "meta/nummer"}, content=b"{}", headers=META, timeout=60
        )
        assert answer.status_code == 503 and "token" in answer.text
        assert httpx.get(f"{address}/mailbox.php", timeout=60).status_code == 503
    assert not (web_space / "ladenbote-letters").exists()


def test_a_folder_that_cannot_be_written_takes_nothing(web_space: Path) -> None:
    (web_space / "a-file").write_text("")
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'", "FOLDER": "__DIR__ . '/a-file/letters'"})
    with serving(web_space) as address:
        mailbox = f"{address}/mailbox.php"
        assert ask(mailbox).status_code == 503
        assert post(mailbox) == 404


def test_other_methods_are_refused(file_mailbox: str) -> None:
    assert httpx.put(file_mailbox, content=b"x", timeout=60).status_code == 405
