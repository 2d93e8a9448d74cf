"""Pairing with the companion plugin: its code becomes secrets, without anybody copying them.

The plugin's settings page shows the code; we can always reach the shop, so we exchange it there. Then we tell the
plugin where it may report to, and it tries that address (docs/woocommerce-plugin.md, "How pairing works").
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from integration.domain import signing
from integration.domain.errors import ConnectorError

PREFIX: Final = "lb1-"
LONGEST_ANSWER: Final = 100_000


class PairingFailed(ConnectorError):
    """The shop could not be paired; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Code:
    """A pairing code: where to exchange it, and the one-time word."""

    url: str
    word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """What the plugin gave for the code."""

    mailbox: str
    token: str = field(repr=False)
    secret: str = field(repr=False)


def read_code(text: str, shop_url: str) -> Code:
    """What the owner pasted, for the shop at `shop_url`. Raises PairingFailed.

    A code of another host is refused: pairing with the wrong shop would mix up people's consents. So is http for a shop
    that has https: the secrets would travel in clear text.
    """
    url, word = _contents(text)
    code, shop = urlsplit(url), urlsplit(shop_url)
    if _host(code.hostname) != _host(shop.hostname):
        raise PairingFailed(f"This code comes from {code.hostname}, but the shop in settings.toml is {shop.hostname}.")
    if code.scheme != "https" and (code.scheme != "http" or shop.scheme == "https"):
        raise PairingFailed("The shop's address in this code has no https. Set WordPress' address to https first.")
    return Code(url, word)


def _contents(text: str) -> tuple[str, str]:
    given = "".join(text.split())
    try:
        coded = given.removeprefix(PREFIX).encode("ascii")
        found = orjson.loads(base64.b64decode(coded + b"=" * (-len(coded) % 4), altchars=b"-_", validate=True))
        url, word = found["u"], found["c"]
        if given.startswith(PREFIX) and isinstance(url, str) and isinstance(word, str) and urlsplit(url).hostname:
            return url, word
    except (ValueError, binascii.Error, KeyError, TypeError):
        pass
    raise PairingFailed("This is not a pairing code. Copy all of it from the plugin's page; it begins with lb1-.")


def _host(name: str | None) -> str:
    return (name or "").removeprefix("www.")


def exchange(http: httpx.Client, code: Code) -> Granted:
    """The secrets for a code. It works once. Raises PairingFailed."""
    status, found = _post(http, f"{code.url}/pair", orjson.dumps({"code": code.word}), {})
    if status == 403:
        raise PairingFailed("The shop does not accept this code. It works once, for an hour: make a new one there.")
    texts = [found.get(name) for name in ("mailbox", "token", "secret")] if isinstance(found, dict) else []
    if status != 200 or len(texts) != 3 or not all(isinstance(one, str) and one for one in texts):
        raise PairingFailed(f"The shop answered with {status}, but not as the plugin would. Is it active, and current?")
    return Granted(*(str(one) for one in texts))


def connect(
    http: httpx.Client, code: Code, granted: Granted, name: str, facts_to: str, clock: Callable[[], datetime]
) -> bool:
    """Tell the plugin what we call the shop and where it may report to; whether it reaches us. Raises PairingFailed."""
    ahead = timedelta(0)
    for _ in range(2):
        now = clock()
        body = orjson.dumps({"name": name, "facts_to": facts_to, "now": int(now.timestamp())})
        status, found = _post(http, f"{code.url}/connect", body, signing.sign(granted.token, body, now + ahead))
        told = found.get("now") if isinstance(found, dict) else None
        if status == 200 and isinstance(found, dict):
            return found.get("direct") is True
        if status != 401 or not isinstance(told, int):
            break
        ahead = datetime.fromtimestamp(told, UTC) - now
    raise PairingFailed(f"The shop gave its secrets but did not connect (answer {status}). Please pair again.")


def _post(http: httpx.Client, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    try:
        answer = http.post(url, content=body, headers=headers | {"content-type": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PairingFailed(f"The shop cannot be reached ({type(error).__name__}).") from None
    try:
        return answer.status_code, orjson.loads(answer.content[:LONGEST_ANSWER])
    except ValueError:
        return answer.status_code, None
