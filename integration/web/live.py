"""GET /live: server-sent events that say "changed"; one small script refreshes the page."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from integration.domain.alarms.heartbeats import Pulse
from integration.store import overview
from integration.store.db import Database

LISTENERS = 20
EVERY = 1.0
LONGEST = 300.0


class Live:
    """One look at the database a second while somebody listens, shared by all listeners."""

    def __init__(self, database: Database, pulse: Pulse | None = None) -> None:
        self._database = database
        self._listeners = 0
        self._seen: overview.Fingerprint | None = None
        self._looked = 0.0
        self._lock = asyncio.Lock()
        self._closed = asyncio.Event()
        self._pulse = pulse or Pulse("live")
        self._pulse.rest()

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed.set()

    async def endpoint(self, _request: Request) -> Response:
        """The stream; 503 when too many listen already (pages work without)."""
        if self._listeners >= LISTENERS or self._closed.is_set():
            return PlainTextResponse("too many listeners", 503, {"retry-after": "60"})
        headers = {"x-accel-buffering": "no"}
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=headers)

    async def _stream(self) -> AsyncIterator[str]:
        self._listeners += 1
        try:
            yield "retry: 3000\n\n"
            async for line in self._changes():
                yield line
        finally:
            self._listeners -= 1

    async def _changes(self) -> AsyncIterator[str]:
        last, until = await self._look(), monotonic() + LONGEST
        while monotonic() < until and not await self._ended():
            now = await self._look()
            yield "data: changed\n\n" if now != last else ": \n\n"
            last = now

    async def _ended(self) -> bool:
        try:
            await asyncio.wait_for(self._closed.wait(), EVERY)
        except TimeoutError:
            return False
        return True

    async def _look(self) -> overview.Fingerprint | None:
        async with self._lock:
            if monotonic() - self._looked >= EVERY / 2:
                self._pulse.beat()
                try:
                    self._seen = await run_in_threadpool(self._read)
                finally:
                    self._pulse.rest()
                self._looked = monotonic()
            return self._seen

    def _read(self) -> overview.Fingerprint:
        with self._database.read() as connection:
            return overview.fingerprint(connection)
