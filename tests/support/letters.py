"""Speaking to a mailbox as Meta, a shop, and Ladenbote do."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from integration.domain.signing import sign

TOKEN = "a-token-of-more-than-thirty-two-characters"
META = {"x-hub-signature-256": "sha256=" + "0" * 64}
ADDRESSES = {"meta/nummer": hashlib.sha256(b"verify-me").hexdigest(), "hooks/tee": "", "hooks/laden": ""}


def at(mailbox: str, to: str) -> str:
    """An address of a mailbox."""
    return f"{mailbox}{'&' if '?' in mailbox else '?'}to={to}"


def ask(mailbox: str, skew: timedelta = timedelta(0), token: str = TOKEN, **asked: Any) -> httpx.Response:
    """Ladenbote's request."""
    body = orjson.dumps({"done": [], "addresses": ADDRESSES} | asked)
    return httpx.post(mailbox, content=body, headers=sign(token, body, datetime.now(UTC) + skew), timeout=30)


def collect(mailbox: str, **asked: Any) -> list[dict[str, Any]]:
    """The letters that wait."""
    answer = ask(mailbox, **asked)
    assert answer.status_code == 200, answer.text
    letters: list[dict[str, Any]] = answer.json()["letters"]
    return letters


def post(mailbox: str, to: str = "meta/nummer", body: bytes = b"{}", headers: dict[str, str] = META) -> int:
    """A webhook; gives the status."""
    return httpx.post(at(mailbox, to), content=body, headers=headers, timeout=30).status_code
