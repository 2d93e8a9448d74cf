"""The REST client: the package `woocommerce` with its traps wrapped in one place.

See docs/reference/woocommerce.md section 1. It gets a real timeout, retries reads, never follows a redirect, bounds
what it reads, joins lists with commas (a Python list breaks the OAuth signature) and keeps the `Link` header, which
repeats the credentials, to itself.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from woocommerce import API

from connectors.reading import Json, mapping, text
from connectors.woocommerce.troubles import Rejected, busy, moved, refused, unreachable
from integration.domain.errors import ShopError, ShopUnreachable

Param = str | int | bool | None | list[str] | list[int]
Params = Mapping[str, Param]

LARGEST: Final = 32 * 2**20
CHUNK: Final = 2**16
TIMEOUT: Final = 30.0
#: WooCommerce takes 15 minutes; beyond this a 401 over http is the clock's fault (measured: 800 s pass)
SKEW: Final = timedelta(seconds=800)
#: a second try helps against these; after a timeout it would only make a slow shop slower
WORTH_A_RETRY: Final = frozenset({"no_connection", "cut_off"})
MOST_WAIT: Final = 3600.0
BUSY_WAIT: Final = 30.0
#: WordPress says 600 s in every maintenance, which seldom takes one minute
MAINTENANCE_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. `total` and `pages` belong to a list.

    `at` is when the shop began to work on it, by its own clock (by ours where it tells no time).
    """

    body: Any
    total: int | None
    pages: int | None
    at: datetime


class WooCommerceClient:
    """Synchronous, and fit for several threads. Every call raises ShopError."""

    def __init__(
        self, url: str, key: str, secret: str, *,
        clock: Callable[[], datetime], timeout: float = TIMEOUT, pause: float = 0.5,
    ) -> None:  # fmt: skip
        # urllib3 logs each address at debug level, and over http that holds the signature.
        logging.getLogger("urllib3").setLevel(logging.WARNING)
        self.url = url
        self.secure = url.startswith("https:")
        self._api = API(url, key, secret, version="wc/v3", timeout=timeout, user_agent="Ladenbote")
        self._timeout = timeout
        self._pause = pause
        self._clock = clock
        self._may_read = False

    def get(self, path: str, params: Params | None = None) -> Answer:
        """Read, and once more when the connection failed."""
        try:
            answer = self._request("GET", path, None, params)
        except ShopUnreachable as error:
            if error.code not in WORTH_A_RETRY:
                raise
            time.sleep(self._pause)
            answer = self._request("GET", path, None, params)
        self._may_read = True
        return answer

    def find(self, path: str, params: Params | None = None) -> Answer | None:
        """Like `get`, None when the object or the route does not exist."""
        try:
            return self.get(path, params)
        except ShopError as error:
            if error.code == "absent":
                return None
            raise

    def index(self) -> Json:
        """What WordPress says of itself: name, time zone, and which plugins brought routes."""
        fields = {"_fields": "name,timezone_string,gmt_offset,namespaces"}
        # Everybody may read it; a signature for a route that is not WooCommerce's would be refused by some plugins.
        ask = partial(requests.get, f"{self.url}/wp-json/", timeout=self._timeout)
        return mapping(self._sent("GET", ask, fields).body)

    def post(self, path: str, data: Json) -> Answer:
        """Create. Not retried: it may have been done."""
        return self._request("POST", path, data, None)

    def put(self, path: str, data: Json) -> Answer:
        """Change; doing it twice is harmless."""
        return self._request("PUT", path, data, None)

    def delete(self, path: str) -> Answer:
        """Delete for good, without the trash."""
        return self._request("DELETE", path, None, {"force": True})

    def _request(self, method: str, path: str, data: Json | None, params: Params | None) -> Answer:
        given = (path,) if data is None else (path, data)
        return self._sent(method, partial(getattr(self._api, method.lower()), *given), _plain(params))

    def _sent(self, method: str, send: Callable[..., requests.Response], params: dict[str, str]) -> Answer:
        try:
            # the exceptions' texts hold the signed address: nothing of them may get out
            with send(params=params, allow_redirects=False, stream=True) as response:
                body = self._body(response)
        except requests.exceptions.SSLError:
            raise refused("certificate") from None
        except requests.Timeout:
            raise unreachable("timeout") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise unreachable("cut_off") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            timed_out = "timed out" in str(error).lower()
            raise unreachable("timeout" if timed_out else "no_connection") from None
        return self._judged(method, response, body)

    def _body(self, response: requests.Response) -> bytes:
        found, ends = bytearray(), time.monotonic() + 2 * self._timeout
        for chunk in response.iter_content(CHUNK):
            found += chunk
            if len(found) > LARGEST:
                raise unreachable("too_large")
            if time.monotonic() > ends:
                raise unreachable("timeout")
        return bytes(found)

    def _judged(self, method: str, response: requests.Response, body: bytes) -> Answer:
        status, found = response.status_code, _json(body)
        at = _date(response.headers.get("Date")) or self._clock()
        if status < 300 and found is not None:
            total, pages = (_whole(response.headers.get(name)) for name in ("X-WP-Total", "X-WP-TotalPages"))
            return Answer(found, total, pages, at - response.elapsed)
        if status < 400:
            raise unreachable("no_json") if status < 300 else moved(_origin(response, self.url))
        raise self._trouble(method, response, mapping(found), at)

    def _trouble(self, method: str, response: requests.Response, found: Json, at: datetime) -> ShopError:
        status, wait = response.status_code, _wait(response.headers.get("Retry-After"), self._clock())
        if status == 429:
            return busy(wait or BUSY_WAIT)
        if status == 503:
            return unreachable("maintenance", min(wait or MAINTENANCE_WAIT, MAINTENANCE_WAIT))
        if status >= 500:
            return unreachable("shop_error")
        code = text(found.get("code"))
        if not code:
            return refused("no_rest" if status == 404 else "firewall")
        if status == 404:
            return refused("absent")
        if status in (401, 403):
            return self._unauthorised(method, code, text(found.get("message")), at)
        return Rejected(code, _detail(found))

    def _unauthorised(self, method: str, code: str, message: str, at: datetime) -> ShopError:
        if code == "woocommerce_rest_authentication_error":
            if not self.secure and (abs(at - self._clock()) > SKEW or "timestamp" in message):
                return refused("clock")
            # The message is in the shop's language; a key that has read and may not write is a read-only one.
            writes = method != "GET" and (self._may_read or "write permission" in message)
            return refused("read_only_key" if writes else "wrong_key")
        return refused("keys_not_seen" if code.startswith("woocommerce_rest_") else "forbidden")


def _plain(params: Params | None) -> dict[str, str]:
    """A dict of our own (the package writes the keys into the caller's), of nothing but text."""
    return {name: _value(value) for name, value in (params or {}).items() if value is not None}


def _value(value: Param) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _json(body: bytes) -> Any:
    """The document, None when it is none. Themes with a byte order mark put it before the answer."""
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf").strip())
    except ValueError:
        return None


def _detail(found: Json) -> str:
    """The message of a refused parameter: WordPress names the allowed values in it."""
    params = mapping(mapping(found.get("data")).get("params"))
    return " ".join(text(value, 4_000) for value in params.values()) or text(found.get("message"), 4_000)


def _origin(response: requests.Response, url: str) -> str:
    """Where a redirect leads, without path and query: those may repeat the signature."""
    try:
        parts = urlsplit(response.headers.get("Location", ""))
        here = urlsplit(url)
        return f"{parts.scheme or here.scheme}://{parts.netloc.rpartition('@')[2] or here.netloc}"
    except ValueError:
        return "?"


def _date(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _wait(value: str | None, now: datetime) -> float:
    """Seconds of a Retry-After, which is a number or a date; 0 when it is neither."""
    seconds = _whole(value)
    until = _date(value) if seconds is None and value else None
    if until:
        seconds = int((until - now).total_seconds())
    return min(max(float(seconds or 0), 0.0), MOST_WAIT)


def _whole(value: str | None) -> int | None:
    found = (value or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else None
