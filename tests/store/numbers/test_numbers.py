"""What Meta said of a number comes back as it was stored, and the round trip is remembered."""

from datetime import UTC, datetime, timedelta

from integration.domain.messages.channel import Inbound
from integration.domain.numbers.numbers import NumberFacts, Obstacle
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.conversations import inbound
from integration.store.db import Database
from integration.store.numbers import numbers

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FACTS = NumberFacts(
    token_valid=True,
    token_expires_at=NOW + timedelta(days=60),
    permissions=("a", "b"),
    throughput="STANDARD",
    messaging_limit="TIER_10K",
    fields=("messages",),
    websites=("https://laden.example/impressum",),
    obstacles=(Obstacle(141006, "unpaid", "pay"), Obstacle(0, "limited", blocks=False)),
    errors={"apps": 200},
)


def test_facts_and_findings_come_back(database: Database) -> None:
    found = [Finding("quality", Level.HINT, Text("mittel", "medium"), Text("weniger", "less"))]
    with database.write() as connection:
        numbers.keep(connection, "nummer", FACTS, found, NOW)
        numbers.keep(connection, "nummer", FACTS, found, NOW)
    with database.read() as connection:
        assert numbers.facts_of(connection) == {"nummer": FACTS}
        state = numbers.state(connection, "nummer")
    assert state.findings == tuple(found)
    assert (state.read_at, state.facts) == (NOW, FACTS)


def test_facts_of_a_newer_version_are_read_without_what_is_unknown(database: Database) -> None:
    with database.write() as connection:
        numbers.keep(connection, "nummer", FACTS, [], NOW)
        row = numbers._stored(FACTS) | {"invented": 1}
        assert numbers._read(row) == FACTS


def test_reading_soon_keeps_what_is_known(database: Database) -> None:
    with database.write() as connection:
        numbers.keep(connection, "nummer", FACTS, [], NOW)
        numbers.read_soon(connection, "nummer")
        assert numbers.read_at(connection) == {"nummer": None}
        assert numbers.facts_of(connection)["nummer"].people_per_day == 10_000


def _hear(database: Database, sender: str, text: str, at: datetime) -> None:
    with database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", "+491713920011", None)], at)
        item = Inbound(f"wamid.{text}{at}", "+491713920011", None, "Anna", at, "text", text)
        inbound.add(connection, "firma", sender, [(item, person.id, "none")], at)


def test_only_the_word_of_this_round_proves(database: Database) -> None:
    _hear(database, "nummer", "TEST 4711", NOW - timedelta(minutes=5))
    with database.write() as connection:
        numbers.ask(connection, "nummer", "TEST 4711", NOW)
        assert not numbers.prove(connection, "nummer", NOW)
    _hear(database, "andere", "TEST 4711", NOW + timedelta(seconds=2))
    _hear(database, "nummer", "TEST 4712", NOW + timedelta(seconds=3))
    with database.write() as connection:
        assert not numbers.prove(connection, "nummer", NOW)
    _hear(database, "nummer", "test 4711 ", NOW + timedelta(seconds=4))
    with database.write() as connection:
        assert numbers.prove(connection, "nummer", NOW + timedelta(seconds=5))
        assert numbers.state(connection, "nummer").proved_at == NOW + timedelta(seconds=5)
        numbers.ask(connection, "nummer", "TEST 9999", NOW + timedelta(seconds=9))
        assert not numbers.prove(connection, "nummer", NOW + timedelta(seconds=9))


def test_notes_of_the_webhook(database: Database) -> None:
    with database.write() as connection:
        numbers.shaken(connection, "nummer", NOW)
        numbers.refused(connection, "nummer", NOW)
        numbers.sells_nothing_forbidden(connection, "nummer", NOW)
        state = numbers.state(connection, "nummer")
    assert (state.shaken_at, state.refused_at, state.goods_at) == (NOW, NOW, NOW)
