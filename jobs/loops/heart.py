"""The heart: one thread that writes down twice a minute when each loop beat last (`domain.alarms.heartbeats`).

The loops beat in memory, so their turns cost nothing more, and all beats of a process share one commit.
"""

import threading
from collections.abc import Callable

from integration import log
from integration.domain.alarms.heartbeats import HEART
from integration.flow.alarms import heartbeats
from integration.flow.world import World

EVERY = 30.0
logger = log.get("heart")


class Heart:
    """Writes the beats of this process until it is stopped."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=HEART, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and take the rows away."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pulse = self._world.pulses.begin(HEART)
        self._safely(lambda: heartbeats.begin(self._world))
        while not self._stopping.is_set():
            pulse.beat()
            self._safely(lambda: heartbeats.beat(self._world, self._world.clock()))
            self._stopping.wait(EVERY)
        self._world.pulses.end(pulse)
        self._safely(lambda: heartbeats.end(self._world))

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            logger.error("turn_failed", error=log.brief(error))
