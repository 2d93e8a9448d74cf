"""Memory: once the caches are full, a hundred thousand messages must leave nothing behind."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.place import place

NAME = "memory"
#: so many fill the caches first (the database's pages above all: resident memory rose by 17 MB up to about 100,000
#: messages and by 1 MB from there to 200,000), and as many count
MESSAGES, QUICK = 100_000, 5_000
#: so many are queued at once, as a campaign hands them out
PORTION = 2_500
RATE = 5_000.0


def measure(quick: bool) -> Iterator[Figure]:
    """Queue and send in portions, and look at the process before and after."""
    count, sizes = QUICK if quick else MESSAGES, []
    portion = min(PORTION, count // 10)
    with place() as here:
        stub = here.child("stub")
        stub.ask("reset", latency=0.0)
        sender = here.child("sender", str(here.home(NAME, stub.ready["port"])))
        for _ in range(2 * count // portion):
            sender.ask("fill", count=portion, wait=120)
            sender.ask("drain", rate=RATE, wait=120)
            sizes.append(sender.memory())
    begin, end = sizes[len(sizes) // 2 - 1], sizes[-1]
    yield Figure(NAME, "messages", "messages queued and sent after as many that fill the caches", count)
    yield Figure(NAME, "begin", "memory before them (resident)", begin / 2**20, "MB")
    yield Figure(NAME, "end", "memory after them", end / 2**20, "MB")
    yield Figure(NAME, "growth", "growth", (end / begin - 1) * 100, "%", "< 10")
