"""All requests to WhatsApp that send no message: rare ones, by httpx, each with a bounded answer."""

import asyncio
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from yarl import URL

from connectors.whatsapp.http import KEEP_ALIVE, Reply, patience, tls
from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown

#: seconds for making a connection, for a free one, and for each part of an answer; `LONGEST` ends one that comes drop
#: by drop
TIMEOUT: Final = httpx.Timeout(30, connect=5, pool=10)
LONGEST: Final = 45.0
#: far more than a page of templates
MOST: Final = 32_000_000

_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
)


class Calls:
    """One connection at a time, without redirects, cookies or proxies. Belongs to one event loop."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._client: httpx.AsyncClient | None = None
        self._closed = False

    async def exchange(
        self,
        method: str,
        url: URL,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MOST,
    ) -> Reply:
        """One request and its answer, of which at most one byte more than `most` is kept.

        Raises NotSent or OutcomeUnknown.
        """
        try:
            async with (
                asyncio.timeout(LONGEST),
                self._open().stream(method, str(url), content=body, headers=headers) as answer,
            ):
                return Reply(answer.status_code, await _bounded(answer, most), patience(answer.headers))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _failure(error) from None

    async def close(self) -> None:
        """Close the connection; what is asked afterwards is NotSent."""
        self._closed = True
        if self._client:
            await self._client.aclose()

    def _open(self) -> httpx.AsyncClient:
        if self._closed:
            raise NotSent("the channel is closed")
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=tls(),
                headers=self._headers,
                timeout=TIMEOUT,
                limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEP_ALIVE),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


async def _bounded(answer: httpx.Response, most: int) -> bytes:
    found = bytearray()
    async for chunk in answer.aiter_raw():
        found += chunk
        if len(found) > most:
            break
    return bytes(found[: most + 1])


def _failure(error: Exception) -> ChannelError:
    """NotSent when not a byte can have left, otherwise OutcomeUnknown."""
    name = type(error).__name__
    if isinstance(error, _NEVER_LEFT):
        return NotSent(f"no connection to WhatsApp ({name})")
    return OutcomeUnknown(f"the connection to WhatsApp broke off ({name})")
