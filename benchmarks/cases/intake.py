"""Intake: signed 8 KB orders over HTTP, stored before the answer, against no store and against a commit each."""

from collections.abc import Iterator

from benchmarks.figures import Figure, middle
from benchmarks.place import Child, Place, place

CONNECTIONS = 64
WAYS = ("nothing", "shared", "singly")
NAME = "intake"


def measure(quick: bool) -> Iterator[Figure]:
    """Run the three servers in turn, several times; medians count."""
    rounds, seconds = (3, 1.5) if quick else (5, 3.0)
    with place() as here:
        load = here.child("load")
        load.ask("prepare", first=0, count=500)
        servers = {way: _server(here, way) for way in WAYS}
        for server in servers.values():
            _one(server, load, 0.5)
        samples = [{way: _one(servers[way], load, seconds) for way in WAYS} for _ in range(rounds)]
    yield from _figures(samples)


def _server(here: Place, way: str) -> Child:
    return here.child("server", str(here.home(way)), way)


def _one(server: Child, load: Child, seconds: float) -> dict[str, float]:
    server_before, load_before = server.cpu(), load.cpu()
    run = load.ask("run", port=server.ready["port"], connections=CONNECTIONS, seconds=seconds)
    assert not run["errors"], f"{run['errors']} requests were refused"
    count = run["requests"]
    return {
        "rate": count / run["seconds"],
        "cpu": (server.cpu() - server_before) / count * 1e6,
        "load_cpu": (load.cpu() - load_before) / count * 1e6,
        "p50": run["p50_ms"],
        "p99": run["p99_ms"],
    }


def _figures(samples: list[dict[str, dict[str, float]]]) -> Iterator[Figure]:
    def of(way: str, key: str) -> float:
        return middle([sample[way][key] for sample in samples])

    def ratio(key: str, one: str, other: str) -> float:
        return middle([sample[one][key] / sample[other][key] for sample in samples])

    yield Figure(NAME, "cpu", "CPU per order, stored durably", of("shared", "cpu"), "µs")
    yield Figure(NAME, "cpu_singly", "the same with one commit per order", of("singly", "cpu"), "µs")
    yield Figure(NAME, "cpu_nothing", "the same server storing nothing", of("nothing", "cpu"), "µs")
    yield Figure(NAME, "cpu_ratio", "CPU against one commit per order", ratio("cpu", "shared", "singly"), "x", "≤ 0.5")
    yield Figure(NAME, "rate", "orders stored per second", of("shared", "rate"), "/s")
    yield Figure(NAME, "rate_singly", "with one commit per order", of("singly", "rate"), "/s")
    yield Figure(NAME, "rate_nothing", "storing nothing", of("nothing", "rate"), "/s")
    yield Figure(NAME, "rate_ratio", "rate against storing nothing", ratio("rate", "shared", "nothing"), "x", "≥ 0.333")
    yield Figure(NAME, "p50", f"half of the answers within ({CONNECTIONS} connections)", of("shared", "p50"), "ms")
    yield Figure(
        NAME, "p99", f"99 of 100 answers within ({CONNECTIONS} connections)", of("shared", "p99"), "ms", "< 250"
    )
    yield Figure(NAME, "load_cpu", "CPU of the load generator per order", of("shared", "load_cpu"), "µs")
