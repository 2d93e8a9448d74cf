"""The whole way: webhook, store, react, consent, decide, queue, decide, POST, store *accepted*; on both databases."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks.cases import machine
from benchmarks.figures import Figure, middle
from benchmarks.place import Child, Place, place
from integration.domain.messages.status import MessageStatus
from integration.run.wiring import located
from integration.settings.settings import load as load_settings
from integration.store.db import Database
from integration.store.tables import message

NAME = "pipeline"
CONNECTIONS = 64
LONGEST = 60.0
THREADS = {
    "MainThread": ("loop", "web server and HTTP to WhatsApp"),
    "intake_0": ("intake", "storing bodies"),
    "reactor": ("react", "reacting: snapshot to queued message"),
    "send-nummer_0": ("send", "deciding again and storing results"),
}


@dataclass(frozen=True, slots=True)
class Bote:
    """A running Ladenbote with its own database."""

    child: Child
    database: Database
    port: int

    def accepted(self) -> int:
        """How many messages are stored as accepted."""
        query = select(func.count()).where(message.c.status == MessageStatus.ACCEPTED)
        with self.database.read() as connection:
            return int(connection.execute(query).scalar() or 0)


@dataclass(slots=True)
class Tools:
    """What every round needs. `next` is the first order number that nobody used yet."""

    load: Child
    stub: Child
    next: int = 0


def measure(quick: bool) -> Iterator[Figure]:
    """SQLite and PostgreSQL in turn, each round with new orders and new buyers."""
    rounds, count = (2, 800) if quick else (3, 2500)
    with place() as here:
        tools = Tools(here.child("load"), here.child("stub"))
        port = tools.stub.ready["port"]
        server = here.postgres()
        server.version()
        sqlite = _bote(here, here.home("sqlite", port))
        postgres = _bote(here, here.home("postgresql", port, url=server.url))
        for bote in (sqlite, postgres):
            _round(bote, tools, 300)
        samples = []
        for _ in range(rounds):
            one = _round(sqlite, tools, count)
            before = server.cpu()
            other = _round(postgres, tools, count)
            other["server_cpu"] = (server.cpu() - before) / count * 1000
            samples.append((one, other))
        for bote in (sqlite, postgres):
            bote.database.close()
    yield from _figures(samples)


def _bote(here: Place, home: Path) -> Bote:
    settings = load_settings(home / "settings.toml")
    child = here.child("worker", str(home / "settings.toml"))
    wait_until_ready(settings.server.port)
    return Bote(child, Database(located(settings.database.url, home)), settings.server.port)


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + LONGEST
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            try:
                if client.get(f"http://127.0.0.1:{port}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise TimeoutError("`ladenbote run` did not start")


def _round(bote: Bote, tools: Tools, count: int) -> dict[str, float]:
    tools.load.ask("prepare", first=tools.next, count=count)
    tools.next += count
    tools.stub.ask("reset", latency=0)
    already, python = bote.accepted(), machine.loop()
    load_before, stub_before, before = tools.load.cpu(), tools.stub.cpu(), bote.child.ask("cpu")
    began = time.monotonic()
    run = tools.load.ask("run", port=bote.port, connections=CONNECTIONS, count=count)
    assert not run["errors"], f"{run['errors']} webhooks were refused"
    _finished(bote, tools.stub, already + count, count)
    took = time.monotonic() - began
    after = bote.child.ask("cpu")
    stats = tools.stub.ask("stats")
    assert stats == {"accepted": count, "distinct": count, "refused": 0}, f"{count} orders became {stats}"
    shares = {t: after["threads"].get(t, 0.0) - before["threads"].get(t, 0.0) for t in THREADS}
    return {
        "python": (python + machine.loop()) / 2,
        "rate": count / took,
        "cpu": (after["process"] - before["process"]) / count * 1000,
        "p50": run["p50_ms"],
        "p99": run["p99_ms"],
        "load_cpu": (tools.load.cpu() - load_before) / count * 1000,
        "stub_cpu": (tools.stub.cpu() - stub_before) / count * 1000,
    } | {thread: share / count * 1000 for thread, share in shares.items()}


def _finished(bote: Bote, stub: Child, wanted: int, count: int) -> None:
    """Wait until every message is stored as accepted; the database is asked only when WhatsApp has them all."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if stub.ask("stats")["accepted"] >= count and bote.accepted() >= wanted:
            return
        time.sleep(0.05)
    raise TimeoutError(f"after {LONGEST} s only {bote.accepted()} of {wanted} messages are accepted")


def _figures(samples: list[tuple[dict[str, float], dict[str, float]]]) -> Iterator[Figure]:
    def of(database: int, key: str) -> float:
        return middle([sample[database][key] for sample in samples])

    python = middle([run["python"] for sample in samples for run in sample])
    yield Figure(NAME, "python", "a million rounds of plain Python, before and after each run", python, "ms")
    yield Figure(NAME, "cpu", "CPU per message on SQLite", of(0, "cpu"), "ms", "≤ 0.9")
    for thread, (key, says) in THREADS.items():
        yield Figure(NAME, f"cpu_{key}", f"of that: {says}", of(0, thread), "ms")
    yield Figure(NAME, "rate", "messages per second on SQLite", of(0, "rate"), "/s")
    yield Figure(NAME, "p99", "99 of 100 webhooks answered within", of(0, "p99"), "ms")
    ratio = middle([postgres["cpu"] / sqlite["cpu"] for sqlite, postgres in samples])
    yield Figure(NAME, "postgresql_cpu", "CPU per message on PostgreSQL, our process", of(1, "cpu"), "ms")
    for thread, (key, says) in THREADS.items():
        yield Figure(NAME, f"postgresql_cpu_{key}", f"of that: {says}", of(1, thread), "ms")
    yield Figure(NAME, "postgresql_ratio", "PostgreSQL against SQLite, our process", ratio, "x", "≤ 1.2")
    yield Figure(NAME, "postgresql_rate", "messages per second on PostgreSQL", of(1, "rate"), "/s")
    yield Figure(NAME, "postgresql_server", "CPU of the PostgreSQL server per message", of(1, "server_cpu"), "ms")
    yield Figure(NAME, "load_cpu", "CPU of the load generator per message", of(0, "load_cpu"), "ms")
    yield Figure(NAME, "stub_cpu", "CPU of the pretend WhatsApp per message", of(0, "stub_cpu"), "ms")
