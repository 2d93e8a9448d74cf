"""Idle: `ladenbote run` with nothing to do."""

import time
from collections.abc import Iterator

from benchmarks.cases.pipeline import wait_until_ready
from benchmarks.figures import Figure
from benchmarks.place import place
from integration.settings.settings import load

NAME = "idle"
SETTLE = 4.0


def measure(quick: bool) -> Iterator[Figure]:
    """Start, let the first sweeps run, then watch."""
    seconds = 8.0 if quick else 20.0
    with place() as here:
        stub = here.child("stub")
        home = here.home("idle", stub.ready["port"], rate=80)
        child = here.child("worker", str(home / "settings.toml"))
        wait_until_ready(load(home / "settings.toml").server.port)
        time.sleep(SETTLE)
        before = child.ask("cpu")["process"]
        time.sleep(seconds)
        share = (child.ask("cpu")["process"] - before) / seconds
        memory = child.memory() / 2**20
    yield Figure(NAME, "cores", "of a core while nothing happens", share * 100, "%", "< 1")
    yield Figure(NAME, "memory", "memory (resident)", memory, "MB", "< 160")
