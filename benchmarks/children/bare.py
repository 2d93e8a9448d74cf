"""What the HTTP client alone can do: the product's own connections and payload, no database, no decisions."""

import asyncio
import sys
from typing import Any

import httpx

from benchmarks.children import talk
from benchmarks.children.sender import measured_over
from connectors.whatsapp.client import HEADERS
from connectors.whatsapp.http import TIMEOUT, exchange, http_transport
from connectors.whatsapp.payloads import message
from integration.domain.channel import Envelope
from jobs.sender import FAST_TICK, Bucket, in_flight

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
        transport = http_transport(in_flight(rate))
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
            await asyncio.sleep(FAST_TICK)

    async def _post(self, transport: httpx.AsyncBaseTransport) -> None:
        extensions = {"timeout": TIMEOUT.as_dict()}
        request = httpx.Request("POST", self._url, headers=self._headers, content=self._body, extensions=extensions)
        answer = await exchange(transport, request)
        assert answer.is_success
        self.done += 1


async def main() -> None:
    """Arguments: the stub's port."""
    bare = Bare(int(sys.argv[1]))
    await talk.listen({"ready": True}, {"hold": bare.hold})


if __name__ == "__main__":
    talk.run(main())
