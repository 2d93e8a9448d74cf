"""Carts: what it costs to find and mark 200 that were left, beside ten thousand and a million others."""

from collections.abc import Iterator

from benchmarks.figures import Figure, middle
from benchmarks.place import place

NAME = "carts"
SIZES = (10_000, 1_000_000)
QUICK = (10_000, 100_000)
DUE = 200


def measure(quick: bool) -> Iterator[Figure]:
    """The databases take turns, so that both see the same neighbours."""
    sizes, turns = (QUICK, 6) if quick else (SIZES, 15)
    with place() as here:
        homes = [here.home(name) for name in map(str, sizes)]
        child = here.child("carts", *[str(home) for home in homes])
        for index, rows in enumerate(sizes):
            child.ask("build", index=index, rows=rows, wait=300)
        samples: list[list[dict[str, float]]] = [[] for _ in sizes]
        for turn in range(turns):
            for index, rows in enumerate(sizes):
                spent = child.ask("sweep", index=index, rows=rows, turn=turn)
                assert spent["abandoned"] == DUE, spent
                samples[index].append(spent)
    costs = [middle([spent["cpu"] for spent in sample[1:]]) for sample in samples]  # the first fills the caches
    for rows, cost in zip(sizes, costs, strict=True):
        yield Figure(NAME, f"cpu_{rows}", f"CPU per cart found due beside {rows:,} others", cost / DUE * 1e6, "µs")
    yield Figure(NAME, "ratio", f"{sizes[-1]:,} against {sizes[0]:,}", costs[-1] / costs[0], "x", "≤ 1.5")
    longest = max(spent["wall"] for spent in samples[-1])
    yield Figure(NAME, "longest", f"the longest of these sweeps beside {sizes[-1]:,}", longest, "s", "< 1")
