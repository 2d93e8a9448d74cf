"""What an HTTP client alone can do: httpx over aiohttp with the product's payload, no database, no decisions.

The product itself uses aiohttp as it is (connectors/whatsapp/http.py); this is the usual way that the goal names.
"""

import asyncio
import sys
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from benchmarks.children import talk
from benchmarks.children.sender import measured_over
from connectors.whatsapp.client import HEADERS
from connectors.whatsapp.http import KEEP_ALIVE
from connectors.whatsapp.payloads import message
from integration.domain.messages.channel import Envelope
from jobs.loops.sender import TICK, in_flight
from jobs.loops.token_bucket import Bucket

EXTENSIONS = {"timeout": httpx.Timeout(connect=5, read=30, write=30, pool=10).as_dict()}
ENVELOPE = Envelope(
    attempt_id="019ab5b2-0000-7000-8000-000000000000",
    to="+491712000000",
    recipient=None,
    language="de",
    template="lb_order_confirmation_sie_v1",
    variables={"name": "Anna", "shop": "Teeladen", "order": "#1001", "total": "24,90 €"},
)


class Bare:
    """Posts the same bytes again and again."""

    def __init__(self, port: int) -> None:
        self._url = httpx.URL(f"http://127.0.0.1:{port}/v26.0/1001/messages")
        self._headers = httpx.Headers({"Authorization": "Bearer benchmark", **HEADERS})
        self._body = message(ENVELOPE)
        self.done = 0

    async def hold(self, rate: float, seconds: float) -> dict[str, Any]:
        """Post at `rate` and measure after a moment of warming up."""
        transport = _transport(in_flight(rate))
        pacing = asyncio.create_task(self._pace(transport, rate))
        measured = await measured_over(self, seconds)
        pacing.cancel()
        await asyncio.sleep(1)
        await transport.aclose()
        return measured

    async def _pace(self, transport: httpx.AsyncBaseTransport, rate: float) -> None:
        bucket, flying = Bucket(rate), set[asyncio.Task[None]]()
        while True:
            released = min(bucket.available(), in_flight(rate) - len(flying))
            bucket.take(released)
            for _ in range(released):
                task = asyncio.create_task(self._post(transport))
                flying.add(task)
                task.add_done_callback(flying.discard)
            await asyncio.sleep(TICK)

    async def _post(self, transport: httpx.AsyncBaseTransport) -> None:
        request = httpx.Request("POST", self._url, headers=self._headers, content=self._body, extensions=EXTENSIONS)
        answer = await transport.handle_async_request(request)
        await answer.aread()
        await answer.aclose()
        assert answer.is_success
        self.done += 1


def _transport(limit: int) -> httpx.AsyncBaseTransport:
    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_ALIVE)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(client=session)


async def main() -> None:
    """Arguments: the stub's port."""
    bare = Bare(int(sys.argv[1]))
    await talk.listen({"ready": True}, {"hold": bare.hold})


if __name__ == "__main__":
    talk.run(main())
