"""The poll loop: one thread asks the store which shops are due and hands them to a bounded pool.

A slow shop keeps one thread of the pool busy and delays itself alone. Not a sweep of `schedule`: shops are due every
few seconds, and a recorded run each time would write more than the polls find; how each poll went stands in its
stream's row.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from integration import log
from integration.flow.shops import poll
from integration.flow.world import World
from integration.store.leases import Lease
from integration.store.shops import streams

LOOK = 1.0
#: how often shops that were connected meanwhile are noticed
BEGIN = 30.0
AT_ONCE = 8
#: a stranger may post to a webhook address: what it says hastens a shop's poll this often at most
HASTE = 5.0
logger = log.get("poller")


class Poller:
    """Reads the shops that are due until it is stopped. `changed` is called when messages may have become due."""

    def __init__(self, world: World, changed: Callable[[], None]) -> None:
        self._world = world
        self._changed = changed
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._hastened: dict[str, float] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll")
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something may be due; call from any thread."""
        self._wake.set()

    def hasten(self, shop: str) -> None:
        """A shop had something to say that could not be taken in: read it soon. Call from any thread."""
        now = self._world.clock().timestamp()
        if self._stopping.is_set() or now - self._hastened.get(shop, 0) < HASTE:
            return
        self._hastened[shop] = now
        self._pool.submit(self._hasten, shop)

    def stop(self) -> None:
        """Finish the pages at hand and end."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        begin_at, pulse = 0.0, self._world.pulses.begin("poller")
        while not self._stopping.is_set():
            pulse.beat()
            try:
                if monotonic() >= begin_at:
                    poll.begin(self._world)
                    begin_at = monotonic() + BEGIN
                self._look()
            except Exception as error:
                logger.error("turn_failed", error=log.brief(error))
            self._wake.wait(LOOK)
            self._wake.clear()
        self._world.pulses.end(pulse)

    def _look(self) -> None:
        for slug in poll.due(self._world):
            if slug not in self._busy:
                self._busy.add(slug)
                self._pool.submit(self._poll, slug)

    def _poll(self, slug: str) -> None:
        lease = Lease(self._world.database, f"poll:{slug}")
        try:
            if not self._stopping.is_set() and lease.hold() and poll.shop(self._world, slug, self._stopping.is_set):
                self._changed()
        except Exception as error:
            logger.error("poll_failed", shop=slug, error=log.brief(error))
        finally:
            lease.release()
            self._busy.discard(slug)

    def _hasten(self, slug: str) -> None:
        with self._world.database.write() as connection:
            streams.hasten(connection, slug, self._world.clock())
        self.wake()
