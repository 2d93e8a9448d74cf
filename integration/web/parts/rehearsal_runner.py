"""One rehearsal at a time, in a thread of its own; its progress and its result stay until the next one or a restart."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration import log
from integration.flow.notifications.rehearsal import Rehearsal, rehearse
from integration.flow.world import World

logger = log.get("rehearsal")


@dataclass(slots=True)
class Run:
    """How far a rehearsal is. `result` is there when it is done, `failed` when a fault of ours ended it."""

    days: int
    at: datetime
    done: int = 0
    total: int = 0
    result: Rehearsal | None = None
    failed: bool = False

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.result is None and not self.failed


class Rehearsals:
    """Starts rehearsals."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.last: Run | None = None

    def start(self, world: World, days: int) -> None:
        """Begin one, unless one is running."""
        with self._lock:
            if self.last and self.last.running:
                return
            self.last = run = Run(days, world.clock())
        threading.Thread(target=self._run, args=(world, run), name="rehearsal", daemon=True).start()

    def _run(self, world: World, run: Run) -> None:
        def told(done: int, total: int) -> None:
            run.done, run.total = done, total

        try:
            run.result = rehearse(world, run.at - timedelta(days=run.days), run.at, told)
        except Exception as error:
            logger.error("rehearsal_failed", error=log.brief(error))
            run.failed = True
