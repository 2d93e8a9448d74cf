"""The machine itself: how fast it is right now. Neighbours slow it down, and all CPU figures with it."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, middle

NAME = "machine"


def measure(quick: bool) -> Iterator[Figure]:
    """A loop of plain Python, and a small durable write."""
    loops = [loop() for _ in range(5)]
    yield Figure(NAME, "python", "a million rounds of plain Python", middle(loops), "ms")
    yield Figure(NAME, "fsync", "a small write flushed to disk", _flush(), "ms")


def loop() -> float:
    """Milliseconds of CPU for a million rounds of plain Python."""
    began, total = time.process_time(), 0
    for n in range(1_000_000):
        total += n * n % 7
    return (time.process_time() - began) * 1000


def _flush() -> float:
    with tempfile.TemporaryDirectory() as folder:
        descriptor = os.open(Path(folder) / "flushed", os.O_WRONLY | os.O_CREAT)
        try:
            return middle([_one(descriptor) for _ in range(50)])
        finally:
            os.close(descriptor)


def _one(descriptor: int) -> float:
    began = time.perf_counter()
    os.write(descriptor, b"x" * 4096)
    os.fdatasync(descriptor)
    return (time.perf_counter() - began) * 1000
