"""Memory: a hundred thousand messages must leave no more behind than ten thousand."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.place import place

NAME = "memory"
MESSAGES, QUICK = 100_000, 5_000
#: so many are queued at once, as a campaign hands them out
PORTION = 2_500
RATE = 5_000.0
#: the caches are full, and statements prepared, after this share
WARM = 10


def measure(quick: bool) -> Iterator[Figure]:
    """Queue and send in portions, and look at the process before and after."""
    total, sizes = QUICK if quick else MESSAGES, []
    portion = min(PORTION, total // WARM)
    with place() as here:
        stub = here.child("stub")
        stub.ask("reset", latency=0.0)
        sender = here.child("sender", str(here.home(NAME, stub.ready["port"])))
        for _ in range(total // portion):
            sender.ask("fill", count=portion, wait=120)
            sender.ask("drain", rate=RATE, wait=120)
            sizes.append(sender.memory())
    begin, end = sizes[len(sizes) // WARM], sizes[-1]
    yield Figure(NAME, "messages", "messages queued and sent", total)
    yield Figure(NAME, "begin", "memory after the first tenth (resident)", begin / 2**20, "MB")
    yield Figure(NAME, "end", "memory at the end", end / 2**20, "MB")
    yield Figure(NAME, "growth", "growth", (end / begin - 1) * 100, "%", "< 10")
