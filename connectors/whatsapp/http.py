"""The connections that messages leave by, and what their failures mean; all else goes by `calls`.

httpx's own pool does work proportional to the square of its connections (docs/reference/performance.md section 1);
aiohttp's costs the same at 8 and at 128 in flight. aiohttp is used as it is: under httpx's interface
(httpx-aiohttp) each message became a request and an answer of both libraries, for twice the CPU of the exchange
(240 against 120 µs in one run), and every broken connection was a connect timeout.
"""

from collections.abc import Mapping
from functools import cache
from ssl import SSLContext
from typing import Final, NamedTuple

import aiohttp
import httpx
from yarl import URL

from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown

#: seconds: `connect` is the wait for a free connection and for making it, `sock_read` that for a part of the answer;
#: `total` ends an answer that comes drop by drop: a process that is told to end waits for it no longer
TIMEOUT: Final = aiohttp.ClientTimeout(total=45, connect=10, sock_connect=5, sock_read=30)
#: whoever asks for more patience is asked again after so many seconds
LONGEST_WAIT: Final = 900.0
#: far more than any answer to a message
MOST: Final = 1_000_000
#: shorter than any server keeps an idle connection, so a request rarely meets a closed one
KEEP_ALIVE: Final = 15
FAILURES: Final = (aiohttp.ClientError, OSError)

_NEVER_LEFT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@cache
def tls() -> SSLContext:
    """What all connections trust; reading the certificates takes longer than a request."""
    return httpx.create_ssl_context()


class Reply(NamedTuple):
    """A whole answer. `wait` is what its Retry-After asks for, in seconds, 0 where it asks for nothing."""

    status: int
    body: bytes
    wait: float = 0

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300


class Connections:
    """Connections for `limit` requests in flight, without redirects, cookies or proxies. Belongs to one event loop."""

    def __init__(self, limit: int, headers: Mapping[str, str]) -> None:
        self._limit = limit
        self._headers = headers
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def exchange(
        self,
        method: str,
        url: URL,
        body: bytes,
    ) -> Reply:
        """One request and its answer, of which at most one byte more than `MOST` is read.

        Raises NotSent or OutcomeUnknown.
        """
        try:
            async with self._open().request(method, url, data=body, allow_redirects=False) as answer:
                return Reply(answer.status, await _bounded(answer, MOST), patience(answer.headers))
        except FAILURES as error:
            raise failure(error) from None

    async def close(self) -> None:
        """Close them; what is sent afterwards is NotSent."""
        self._closed = True
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("the channel is closed")
        if self._session is None:  # made with the first request, because it must be made inside the running loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._limit, keepalive_timeout=KEEP_ALIVE, ssl=tls()),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=TIMEOUT,
                auto_decompress=False,
            )
        return self._session


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    found = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        found += chunk
        if len(found) > most:
            break
    return bytes(found[: most + 1])


def patience(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds, within bounds; a date is as good as none, and so is what is no number."""
    asked = headers.get("Retry-After", "")
    fits = asked.isascii() and asked.isdigit() and len(asked) < 9
    return min(float(asked), LONGEST_WAIT) if fits else 0


def failure(error: Exception) -> ChannelError:
    """NotSent when not a byte can have left, otherwise OutcomeUnknown."""
    name = type(error).__name__
    if isinstance(error, _NEVER_LEFT):
        return NotSent(f"no connection to WhatsApp ({name})")
    return OutcomeUnknown(f"the connection to WhatsApp broke off ({name})")
