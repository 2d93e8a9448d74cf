"""The one place that makes HTTP connections to WhatsApp, and that knows what their failures mean.

httpx's own pool does work proportional to the square of its connections (reference/performance.md section 1),
aiohttp's costs the same at 8 and at 128 in flight. Requests go to the transport itself: httpx.AsyncClient
around it adds redirects, cookies, authentication flows and hooks that we would switch off, for a third of the
CPU per message.
"""

from typing import Final

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown

TIMEOUT: Final = httpx.Timeout(connect=5, read=30, write=30, pool=10)
#: shorter than any server keeps an idle connection, so a request rarely meets a closed one
KEEP_ALIVE: Final = 15
FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)

_NEVER_LEFT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_NEVER_LEFT_HTTPX: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


def http_transport(limit: int) -> httpx.AsyncBaseTransport:
    """Connections for `limit` requests in flight, without redirects, cookies or proxies.

    Fallback if httpx-aiohttp fails us: `httpx.AsyncHTTPTransport` with at most 32 connections.
    """
    context = httpx.create_ssl_context()

    # The session must be made inside the running loop, so the transport makes it with the first request.
    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_ALIVE, ssl=context)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=context, client=session)


async def exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
    """One request and its whole answer. Raises NotSent or OutcomeUnknown."""
    try:
        response = await transport.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
    except FAILURES as error:
        raise failure(error) from None
    return response


def failure(error: Exception) -> ChannelError:
    """NotSent when not a byte can have left, otherwise OutcomeUnknown.

    httpx-aiohttp reports a dropped connection as httpx.ConnectTimeout (ServerDisconnectedError and
    ClientOSError are ClientConnectionErrors), so only aiohttp's own exception tells the two apart.
    """
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError | OSError) else error
    never_left = _NEVER_LEFT_HTTPX if isinstance(cause, httpx.HTTPError) else _NEVER_LEFT
    name = type(cause).__name__
    if isinstance(cause, never_left):
        return NotSent(f"no connection to WhatsApp ({name})")
    return OutcomeUnknown(f"the connection to WhatsApp broke off ({name})")
