"""Growth: what claiming and settling 100 messages costs beside 1 thousand to 1 million others."""

from collections.abc import Iterator

from benchmarks.figures import Figure, middle
from benchmarks.place import place

NAME = "growth"
SIZES = (1_000, 100_000, 1_000_000)
CLAIM = 100


def measure(quick: bool) -> Iterator[Figure]:
    """The databases take turns, so that all see the same neighbours."""
    batches = 10 if quick else 25
    sizes = SIZES[:2] if quick else SIZES
    with place() as here:
        homes = [here.home(name) for name in map(str, sizes)]
        child = here.child("growth", *[str(home) for home in homes])
        for index, rows in enumerate(sizes):
            child.ask("build", index=index, rows=rows, batches=batches, wait=300)
        samples: list[list[float]] = [[] for _ in sizes]
        for _ in range(batches):
            for index, sample in enumerate(samples):
                spent = child.ask("claim", index=index)
                assert spent["claimed"] == CLAIM, spent
                sample.append(spent["cpu"] / CLAIM * 1e6)
    costs = [middle(sample[1:]) for sample in samples]  # the first fills the caches
    for rows, cost in zip(sizes, costs, strict=True):
        yield Figure(NAME, f"cpu_{rows}", f"CPU per message claimed and settled beside {rows:,} others", cost, "µs")
    yield Figure(NAME, "ratio", f"{sizes[-1]:,} against {sizes[0]:,}", costs[-1] / costs[0], "x", "≤ 1.5")
