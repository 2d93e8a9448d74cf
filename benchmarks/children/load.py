"""The load generator: keep-alive connections that each send the next prepared request after an answer."""

import asyncio
import itertools
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from benchmarks.children import talk
from benchmarks.orders import request

END = b"\r\n\r\n"


class Load:
    """Requests prepared beforehand, so that generating them costs nothing while measuring."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    async def prepare(self, first: int, count: int) -> dict[str, Any]:
        """Build and sign the requests for orders `first` and following."""
        self.requests = [request(n) for n in range(first, first + count)]
        return {"bytes": len(self.requests[0])}

    async def run(self, port: int, connections: int, count: int = 0, seconds: float = 0) -> dict[str, Any]:
        """Send `count` requests, or as many as fit in `seconds`, each connection one at a time."""
        feed = itertools.islice(self.requests, count) if count else itertools.cycle(map(_unnumbered, self.requests))
        shift = _Shift(feed, perf_counter() + seconds if seconds else float("inf"))
        loop = asyncio.get_running_loop()
        began = perf_counter()
        made = [await loop.create_connection(lambda: _Connection(shift), "127.0.0.1", port) for _ in range(connections)]
        await asyncio.gather(*(protocol.done for _, protocol in made))
        took = perf_counter() - began
        for transport, _ in made:
            transport.close()
        return _summary(shift, took)


def _unnumbered(request: bytes) -> bytes:
    """The same request under no webhook's id: what a shop repeats under its id is not stored again."""
    return request.replace(b"X-Shopify-Webhook-Id", b"X-Shopify-Webhook-No", 1)


def _summary(shift: "_Shift", took: float) -> dict[str, Any]:
    ordered = sorted(shift.latencies)
    return {
        "requests": len(ordered),
        "errors": shift.errors,
        "seconds": took,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "max_ms": ordered[-1] * 1000,
    }


class _Shift:
    """What the connections of one run share."""

    def __init__(self, feed: Iterator[bytes], until: float) -> None:
        self.feed = feed
        self.until = until
        self.latencies: list[float] = []
        self.errors = 0


class _Connection(asyncio.Protocol):
    def __init__(self, shift: _Shift) -> None:
        self._shift = shift
        self._received = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(END)
        if not found or len(body) < _length(head):
            return
        self._received = b""
        self._shift.latencies.append(perf_counter() - self._began)
        self._shift.errors += head[9:12] != b"200"
        self._next()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(problem or ConnectionError("the server hung up"))

    def _next(self) -> None:
        self._began = perf_counter()
        following = next(self._shift.feed, None) if self._began < self._shift.until else None
        if following is None:
            self.done.set_result(None)
        else:
            self._transport.write(following)


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


async def main() -> None:
    """Serve commands."""
    load = Load()
    await talk.listen({"ready": True}, {"prepare": load.prepare, "run": load.run})


if __name__ == "__main__":
    talk.run(main())
