"""receive: commit the raw body, then answer. Many bodies share one commit.

A request waits for its own commit, so a 2xx always means stored (docs/reference/design.md, Never 3). Bodies gather for
0 to 4 ms, by load: alone nothing waits, at 200 requests a second and more one commit carries many
(docs/reference/performance.md section 2). Once enough are there nothing waits either: more would not make a commit
cheaper per body, and while one commit runs the next bodies are read.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic

from integration import log, metrics
from integration.domain.alarms.heartbeats import Pulse
from integration.store.db import Database, announce
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

LONGEST_GATHER = 0.004
BUSY = 200  # requests per second from which the whole gather window is used
ENOUGH = 32  # bodies worth a commit; measured with 64 connections: half as many again per second as without this bound
BATCH = 256
logger = log.get("receive")


class Intake:
    """The writer that commits many bodies in one transaction. Belongs to one event loop."""

    def __init__(self, database: Database, committed: Callable[[str], None], pulse: Pulse | None = None) -> None:
        self._database = database
        self._committed = committed
        self._waiting: list[tuple[InboxItem, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._enough = asyncio.Event()
        self._rate = 0.0
        self._last = monotonic()
        self._pulse = pulse or Pulse("intake")
        self._pulse.rest()

    async def put(self, item: InboxItem) -> None:
        """Return after the commit. Raises what the database raised: then nothing is stored."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if len(self._waiting) >= ENOUGH:
            self._enough.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await done

    async def close(self) -> None:
        """Finish what waits."""
        if self._writer:
            await self._writer
        self._thread.shutdown()

    async def _write(self) -> None:
        try:
            while self._waiting:
                self._pulse.beat()
                await self._gather()
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._commit(batch)
        finally:
            self._writer = None
            self._pulse.rest()

    async def _commit(self, batch: list[tuple[InboxItem, asyncio.Future[None]]]) -> None:
        items = [item for item, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._store, items)
        except Exception as error:
            _resolve(batch, error)
            return
        _resolve(batch, None)
        for channel in {item.channel for item in items}:
            self._tell(channel)

    def _tell(self, channel: str) -> None:
        """Wake whoever works on it; they look by themselves, too, so a failure here loses nothing."""
        try:
            self._committed(channel)
        except Exception as error:
            logger.error("listener_failed", error=log.brief(error))

    def _store(self, items: list[InboxItem]) -> None:
        with self._database.write() as connection:
            inbox.add(connection, items)
            announce(connection, "inbox")
        metrics.count(metrics.RECEIVED, (item.channel for item in items))

    async def _gather(self) -> None:
        window = self._window()
        if len(self._waiting) < ENOUGH:
            self._enough.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), window)

    def _window(self) -> float:
        """Seconds to wait for more, by how many came lately."""
        now = monotonic()
        elapsed, self._last = now - self._last, now
        arrived = len(self._waiting) / max(elapsed, 1e-4)
        weight = min(1.0, elapsed * 10)
        self._rate += weight * (arrived - self._rate)
        return LONGEST_GATHER * min(1.0, self._rate / BUSY) if self._rate > BUSY / 10 else 0


def _resolve(batch: list[tuple[InboxItem, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in batch:
        if done.done():  # the client hung up meanwhile
            continue
        if error:
            done.set_exception(error)
        else:
            done.set_result(None)
