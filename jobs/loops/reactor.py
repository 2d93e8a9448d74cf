"""The react loop: one thread that turns received bodies into messages as soon as they are committed.

Woken by the intake (and by LISTEN/NOTIFY from other processes); looks by itself once a second, for what is due.
What Meta posted goes first: it may hold a STOP.
"""

import threading
from collections.abc import Callable

from integration import log
from integration.flow import answer, react
from integration.flow.world import World

IDLE = 1.0
GATHER = 0.05
logger = log.get("reactor")


class Reactor:
    """Runs answer and react until it is stopped. `changed` is called when messages may have become due."""

    def __init__(self, world: World, changed: Callable[[], None]) -> None:
        self._world = world
        self._changed = changed
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reactor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something was received; call from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        pulse = self._world.pulses.begin("reactor")
        while not self._stopping.is_set():
            pulse.beat()
            done = self._turn()
            if not done:
                self._wake.wait(IDLE)
            self._wake.clear()
            if done < react.BATCH:
                # bodies arrive in bursts: a moment's patience makes one batch of many
                self._stopping.wait(GATHER)
        self._world.pulses.end(pulse)

    def _turn(self) -> int:
        try:
            done = answer.run(self._world) + react.run(self._world)
        except Exception as error:
            logger.error("turn_failed", error=log.brief(error))
            return 0
        if done:
            self._changed()
        return done
