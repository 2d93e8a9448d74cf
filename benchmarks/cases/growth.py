"""Growth: what claiming and settling 100 messages costs beside 1 thousand to 1 million others."""

from collections.abc import Iterator

from benchmarks.figures import Figure, middle
from benchmarks.place import place

NAME = "growth"
SIZES = {"1_thousand": 1_000, "100_thousand": 100_000, "1_million": 1_000_000}
CLAIM = 100


def measure(quick: bool) -> Iterator[Figure]:
    """The databases take turns, so that all see the same neighbours."""
    batches = 10 if quick else 25
    with place() as here:
        homes = [here.home(name) for name in SIZES]
        child = here.child("growth", *[str(home) for home in homes])
        for index, rows in enumerate(SIZES.values()):
            child.ask("build", index=index, rows=rows, batches=batches, wait=300)
        samples: list[list[float]] = [[] for _ in SIZES]
        for _ in range(batches):
            for index, sample in enumerate(samples):
                spent = child.ask("claim", index=index)
                assert spent["claimed"] == CLAIM, spent
                sample.append(spent["cpu"] / CLAIM * 1e6)
    costs = [middle(sample[1:]) for sample in samples]  # the first fills the caches
    for (name, rows), cost in zip(SIZES.items(), costs, strict=True):
        yield Figure(NAME, f"cpu_{name}", f"CPU per message claimed and settled beside {rows:,} others", cost, "µs")
    yield Figure(NAME, "ratio", "a million against a thousand", costs[-1] / costs[0], "x", "≤ 1.5")
