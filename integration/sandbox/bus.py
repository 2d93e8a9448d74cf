"""Tells the open pages that something changed; they fetch the state themselves."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

MAX_LISTENERS: Final = 20


class Bus:
    """A version counter with waiters, and the home of background tasks."""

    def __init__(self) -> None:
        self.version = 0
        self._listeners: dict[int, asyncio.Event] = {}
        self._ids = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.closing = False

    def changed(self) -> None:
        """Wake every listener."""
        self.version += 1
        for event in self._listeners.values():
            event.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the background and keep a reference until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def idle(self) -> bool:
        """Whether no background work is left."""
        return not self._tasks

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until `holds()` or the time is over; says which."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not holds():
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.03)
        return True

    async def versions(self, keep_alive: float = 15.0) -> AsyncIterator[int | None]:
        """The version after each change; None when nothing happened for a while."""
        if len(self._listeners) >= MAX_LISTENERS:
            return
        key, event = next(self._ids), asyncio.Event()
        self._listeners[key] = event
        try:
            yield self.version
            while not self.closing:
                yield await self._next(event, keep_alive)
        finally:
            del self._listeners[key]

    async def _next(self, event: asyncio.Event, keep_alive: float) -> int | None:
        try:
            await asyncio.wait_for(event.wait(), keep_alive)
        except TimeoutError:
            return None
        event.clear()
        return self.version

    async def aclose(self) -> None:
        """End listeners and background work."""
        self.closing = True
        self.changed()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
