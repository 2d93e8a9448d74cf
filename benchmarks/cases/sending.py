"""Sending against a WhatsApp that takes 200 ms to answer and keeps its limit: what 80/s costs, how late a message is,
and the highest rate that holds."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figures import Figure, percentile
from benchmarks.place import Child, place

NAME = "sending"
LATENCY = 0.2
RATES = (1000, 950, 900, 850, 800, 750, 700, 650, 600, 550, 500, 400, 300, 200, 100)
#: a queue that got `rate` messages a second would grow by the rest
HELD = 0.97
Hold = Callable[[float, float], dict[str, Any]]


def measure(quick: bool) -> Iterator[Figure]:
    """80/s first, then the rates from above: a short trial each, and the long run for the first that holds."""
    trial, long, calm = (3.0, 6.0, 6.0) if quick else (5.0, 30.0, 12.0)
    with place() as here:
        stub = here.child("stub")
        port = stub.ready["port"]
        stub.ask("reset", latency=LATENCY)
        bare = here.child("bare", str(port))
        sender = here.child("sender", str(here.home("sending", port)))
        ours = _filled(sender)
        bare_at_80 = _plain(bare)(80, calm)
        limit, limit_cores = _highest(_plain(bare), trial, long)
        stub.ask("reset", latency=LATENCY, limit=80)
        at_80, late = ours(80, calm), _late(sender, calm)
        refused = stub.ask("stats")["refused"]
        stub.ask("reset", latency=LATENCY, limit=RATES[0])
        rate, cores = _highest(ours, trial, long)
        refused += stub.ask("stats")["refused"]
    yield Figure(NAME, "cores_80", "of a core at 80 messages per second", at_80["cores"] * 100, "%", "< 20")
    yield Figure(NAME, "rate_80", "messages per second then", at_80["rate"], "/s")
    yield Figure(NAME, "late_p99", "99 of 100 begin so long after they are due", percentile(late, 0.99), "ms", "< 2000")
    yield Figure(NAME, "refused", "refused as too fast (130429)", refused, "", "≤ 0")
    yield Figure(NAME, "bare_cores_80", "the HTTP client alone at 80/s", bare_at_80["cores"] * 100, "%")
    yield Figure(NAME, "held", f"messages per second held for {long:g} s", rate, "/s")
    yield Figure(NAME, "held_cores", "of a core at that rate", cores * 100, "%")
    yield Figure(NAME, "bare_held", "the HTTP client alone held", limit, "/s")
    yield Figure(NAME, "bare_held_cores", "of a core at that rate", limit_cores * 100, "%")
    yield Figure(NAME, "held_ratio", "held against the HTTP client alone", rate / limit if limit else 0.0, "x", "≥ 0.6")


def _plain(bare: Child) -> Hold:
    def hold(rate: float, seconds: float) -> dict[str, Any]:
        return bare.ask("hold", rate=rate, seconds=seconds, wait=seconds + 60)

    return hold


def _filled(sender: Child) -> Hold:
    def hold(rate: float, seconds: float) -> dict[str, Any]:
        # enough for warm-up and measurement
        sender.ask("fill", count=int(rate * (seconds + 2)), wait=240)
        return sender.ask("hold", rate=rate, seconds=seconds, wait=seconds + 60)

    return hold


def _late(sender: Child, seconds: float) -> list[float]:
    """How many ms after it was due each request began, at 80 a second."""
    sender.ask("fill", count=int(80 * seconds), wait=120)
    found: list[float] = sender.ask("punctual", rate=80, seconds=seconds, wait=seconds + 90)["late_ms"]
    return found


def _highest(hold: Hold, trial: float, long: float) -> tuple[float, float]:
    """The highest rate held over the long run, and the share of a core that it took."""
    reached = hold(RATES[0], trial)["rate"] / HELD
    while fitting := [rate for rate in RATES if rate <= reached]:
        run = hold(fitting[0], long)
        if run["rate"] >= HELD * fitting[0]:
            return float(fitting[0]), float(run["cores"])
        reached = min(run["rate"], fitting[0] - 1)
    return 0.0, 0.0
