"""When the tests take place: now, or at the moment that LADENBOTE_TEST_AT names (CONTRIBUTING.md).

The clock of this process is moved and goes on from there; Python processes that tests start find `children` on their
path, whose `sitecustomize` moves theirs by as much. Other programs (PostgreSQL, PHP, Chromium) keep the real time.
"""

import os
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: what a person sets: "+40d", or a time with its zone
WISH = "LADENBOTE_TEST_AT"
#: what children inherit, in seconds; they must not see names of ours, which are settings
SHIFT = "CLOCK_OF_THE_TESTS_SHIFTED_BY"
CHILDREN = Path(__file__).parent / "children"


def wished(wish: str, now: datetime) -> timedelta:
    """How far a moment is away. Raises ValueError."""
    if days := re.fullmatch(r"([+-]\d+)d", wish):
        return timedelta(days=int(days[1]))
    moment = datetime.fromisoformat(wish)
    if moment.tzinfo is None:
        raise ValueError(f"{WISH} needs a zone, as in 2028-02-29T12:00:00+01:00")
    return moment - now


def enter() -> None:
    """Move the clock of this process, if a person or the process that started it wishes so."""
    if wish := os.environ.pop(WISH, ""):
        os.environ[SHIFT] = str(wished(wish, datetime.now(UTC)).total_seconds())
    follow()


def hand_on() -> None:
    """Let processes that tests start have this one's time."""
    if SHIFT in os.environ:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(CHILDREN), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)


def follow() -> None:
    """Move the clock of this process as far as its parent's."""
    if shift := os.environ.get(SHIFT):
        import time_machine  # it needs pytest: not for nothing

        time_machine.travel(time.time() + float(shift), tick=True).start()
        time.time()  # it goes on from the first look


def shifted() -> bool:
    """Whether it is not the real time here."""
    return SHIFT in os.environ
