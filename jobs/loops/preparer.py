"""The preparation loop: one thread asks the store for which shops messages wait, and hands them to a bounded pool.

A slow shop keeps one thread of the pool busy and delays its own messages alone. Each message is taken under a lease in
its row, so several processes may do this at once.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from integration import log
from integration.flow.messages import prepare
from integration.flow.preparers import PREPARERS
from integration.flow.world import World

LOOK = 1.0
AT_ONCE = 8
logger = log.get("preparer")


class Preparer:
    """Prepares messages until it is stopped. `prepared` is called when some may leave."""

    def __init__(self, world: World, prepared: Callable[[], None]) -> None:
        self._world = world
        self._prepared = prepared
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="prepare")
        self._thread = threading.Thread(target=self._run, name="preparer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the messages at hand and end."""
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        pulse = self._world.pulses.begin("preparer")
        while not self._stopping.wait(LOOK):
            pulse.beat()
            try:
                self._look()
            except Exception as error:
                logger.error("turn_failed", error=log.brief(error))
        self._world.pulses.end(pulse)

    def _look(self) -> None:
        for slug in prepare.due(self._world):
            if slug not in self._busy:
                self._busy.add(slug)
                self._pool.submit(self._prepare, slug)

    def _prepare(self, slug: str) -> None:
        try:
            prepare.shop(self._world, slug, PREPARERS, self._stopping.is_set, self._prepared)
        except Exception as error:
            logger.error("preparation_failed", shop=slug, error=log.brief(error))
        finally:
            self._busy.discard(slug)
