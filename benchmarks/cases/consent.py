"""Consent: a decision over 50 ledger rows, the ledger beside many other rows, STOP against a leaving campaign."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.children.sender import queue_orders
from benchmarks.figures import Figure, middle
from benchmarks.place import SENDER, place
from integration.domain.consent.consent import (
    ConsentEvent,
    ConsentType,
    Policy,
    Purpose,
    Situation,
    Source,
    TemplateFacts,
)
from integration.domain.consent.decision import decide
from integration.flow import send
from integration.flow.consent import proof
from integration.flow.consent.optout import Withdrawal, withdraw_by_id
from integration.flow.world import World
from integration.run.wiring import now, opened
from integration.settings.settings import load
from integration.store import tables
from integration.store.consent.ledger import Entry, Wording
from integration.store.ids import new_id
from integration.store.messages import messages
from integration.web.papers.proof import proof_files

NAME = "consent"
SIZES = (1_000, 5_000_000)
QUICK = (1_000, 100_000)
PEOPLE = 100

#: copies of one genuine row under other subjects, three each: the look-up's index grows as it would
_FILL = """
INSERT INTO consent ({columns})
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
SELECT {values} FROM n, (SELECT * FROM consent ORDER BY seq LIMIT 1) AS c
"""
_OWN = {
    "seq": "1000000 + n.i",
    "event_id": "printf('019a0000-0000-7000-8000-%012d', n.i)",
    "subject": "printf('019a0000-0000-7000-9000-%012d', n.i / 3)",
    "payload": "zeroblob(32)",
}
_INDEX = "ix_consent_subject"


def measure(quick: bool) -> Iterator[Figure]:
    """The pure decision first, then two databases in turns, then the race."""
    yield Figure(NAME, "decision", "CPU of a decision over 50 ledger rows", _decision(), "µs", "≤ 200")
    sizes = QUICK if quick else SIZES
    with place() as here:
        costs = _look_ups([here.home(f"ledger{n}") for n in range(len(sizes))], sizes)
        yield Figure(NAME, "look_up", f"a person's rows beside {sizes[-1]:,} others", costs[-1], "µs")
        yield Figure(NAME, "ratio", f"{sizes[-1]:,} rows against {sizes[0]:,}", costs[-1] / costs[0], "x", "≤ 1.5")
        seconds = _proof(here.home("proof"))
        yield Figure(NAME, "proof", "proof sheet (PDF, JSON) of 50 rows and 500 messages", seconds, "s", "< 2")
        waiting = 3_000 if quick else 100_000
        late = _race(here.home("race"), waiting)
        yield Figure(NAME, "late", f"messages that left after a STOP, {waiting:,} waiting", late, "", "< 1")


def _decision() -> float:
    at, ledger = datetime(2026, 11, 24, 10, tzinfo=UTC), []
    for n in range(25):
        then = at - timedelta(days=100 - n)
        ledger.append(_event(f"g{n}", ConsentType.GRANTED, Source.FORM, then))
        ledger.append(_event(f"c{n}", ConsentType.CONFIRMED, Source.CHAT_BUTTON, then + timedelta(hours=1)))
    situation = Situation(at, "c", ("Europe/Berlin",), "DE", TemplateFacts("APPROVED", "MARKETING"), account="a")
    samples = []
    for _ in range(200):
        began = time.process_time()
        for _ in range(10):
            decide(Purpose.NEWSLETTER, ledger, situation, Policy())
        samples.append((time.process_time() - began) / 10 * 1e6)
    return middle(samples)


def _event(id_: str, kind: ConsentType, source: Source, at: datetime) -> ConsentEvent:
    return ConsentEvent(id_, "c", kind, ("marketing_news",), at, source, account="a")


def _look_ups(homes: list[Path], sizes: tuple[int, ...]) -> list[float]:
    """CPU per person of reading a hundred people's rows, the databases in turns."""
    samples: list[list[float]] = [[] for _ in homes]
    for home, rows in zip(homes, sizes, strict=True):
        with opened(load(home / "settings.toml"), home) as world:
            queue_orders(world, 0, PEOPLE)
        _fill(home / "data" / "ladenbote.db", rows)
    for _ in range(15):
        for home, sample in zip(homes, samples, strict=True):
            with opened(load(home / "settings.toml"), home) as world:
                sample.append(_look_up(world))
    return [middle(sample[1:]) for sample in samples]


def _look_up(world: World) -> float:
    with world.database.read() as connection:
        found = connection.execute(select(tables.contact.c.company, tables.contact.c.subject).limit(PEOPLE)).all()
        company, subjects = found[0].company, {row.subject: row.subject for row in found}
        world.ledger.events(connection, company, subjects)  # opens the file and fills its caches
        began = time.process_time()
        for _ in range(5):
            assert len(world.ledger.events(connection, company, subjects)) == len(subjects)
        return (time.process_time() - began) / 5 / len(subjects) * 1e6


def _fill(file: Path, rows: int) -> None:
    """Add rows quickly: without a journal, in the order of the indexes, without evidence, which nothing here reads."""
    names = [column.name for column in tables.consent.columns]
    values = ", ".join(_OWN.get(name, f"c.{name}") for name in names)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for choice in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            connection.execute(f"PRAGMA {choice}")
        [index] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (_INDEX,)).fetchone()
        connection.execute(f"DROP INDEX {_INDEX}")
        connection.execute(_FILL.format(columns=", ".join(names), values=values), (rows,))
        connection.execute(index)
        connection.execute("PRAGMA journal_mode = WAL")


def _proof(home: Path) -> float:
    """Wall-clock seconds from the press of the button to the files, among 1,000 other rows."""
    with opened(load(home / "settings.toml"), home) as world:
        queue_orders(world, 0, 1)
        with world.database.write() as connection:
            person = connection.execute(select(tables.contact)).one()
            at = now()
            texts = [Wording(f"v{n}", "de", f"Ja, per WhatsApp, Fassung {n}.") for n in range(50)]
            world.ledger.append(connection, [_entry(person.company, person.subject, at, text_) for text_ in texts], at)
            world.ledger.append(connection, [_entry(person.company, new_id(), at) for _ in range(1_000)], at)
            first = messages.by_id(connection, list(connection.execute(select(tables.message.c.id)).scalars()))[0]
            told = [
                replace(first, id=new_id(), key=new_id(), kind="newsletter", purpose="newsletter") for _ in range(500)
            ]
            messages.add(connection, told, at)
            messages.start(connection, told, at)
        samples = []
        for _ in range(3):
            began = time.perf_counter()
            file = proof.make(world, person.id, "benchmark")
            assert file and len(file["proof"]["messages"]) == 500
            proof_files(file, "de")
            samples.append(time.perf_counter() - began)
        return middle(samples)


def _entry(company: str, subject: str, at: datetime, wording: Wording | None = None) -> Entry:
    news = ("marketing_news",)
    return Entry(
        company, subject, ConsentType.GRANTED, news, at, Source.FORM, "customer", {"page": "x"}, wording=wording
    )


def _race(home: Path, waiting: int) -> float:
    """How many messages of people who stopped began to leave after the commit of their STOP."""
    with opened(load(home / "settings.toml"), home) as world:
        queue_orders(world, 0, waiting)
        with world.database.read() as connection:
            people = list(connection.execute(select(tables.contact.c.id)).scalars())
        leaving = threading.Thread(target=_leave, args=(world,))
        leaving.start()
        stopped = {id_: _stop(world, id_) for id_ in people[:: max(1, len(people) // 200)]}
        leaving.join()
        with world.database.read() as connection:
            left = connection.execute(select(func.count()).select_from(tables.attempt)).scalar_one()
        assert waiting - len(stopped) <= left <= waiting, left
        return float(sum(_left(world, id_) - count for id_, count in stopped.items()))


def _leave(world: World) -> None:
    while send.claim(world, SENDER, 100):
        pass


def _stop(world: World, contact_id: str) -> int:
    assert withdraw_by_id(world, contact_id, Withdrawal(True, now(), Source.KEYWORD, "customer", {}))
    return _left(world, contact_id)


def _left(world: World, contact_id: str) -> int:
    owned = tables.attempt.join(tables.message, tables.message.c.id == tables.attempt.c.message_id)
    query = select(func.count()).select_from(owned).where(tables.message.c.contact_id == contact_id)
    with world.database.read() as connection:
        return connection.execute(query).scalar_one()
