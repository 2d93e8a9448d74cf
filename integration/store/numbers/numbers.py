"""What we know of each WhatsApp number: what Meta said last, and whether its webhooks came round."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from integration.domain.numbers.numbers import NumberFacts, Obstacle
from integration.domain.shops import findings
from integration.domain.shops.ports import Finding, Level
from integration.store.bulk_write import insert_or_ignore
from integration.store.fast_select import Query
from integration.store.tables import inbound_message, number_state

_FACTS = Query(select(number_state.c.sender, number_state.c.facts).where(number_state.c.facts.is_not(None)))


@dataclass(frozen=True, slots=True)
class NumberState:
    """One number: when Meta was asked, what it said, and how far the webhook was checked.

    `asked` is the word that the owner sends to the number; `proved_at` when it came back, correctly signed.
    """

    read_at: datetime | None = None
    facts: NumberFacts | None = None
    findings: tuple[Finding, ...] = ()
    asked: str = ""
    asked_at: datetime | None = None
    proved_at: datetime | None = None
    shaken_at: datetime | None = None
    refused_at: datetime | None = None
    goods_at: datetime | None = None


def keep(connection: Connection, sender: str, facts: NumberFacts, found: Sequence[Finding], now: datetime) -> None:
    """Store what Meta said of a number in place of what it said before."""
    _note(connection, sender, read_at=now, facts=_stored(facts), findings=[findings.stored(one) for one in found])


def facts_of(connection: Connection) -> dict[str, NumberFacts]:
    """What Meta said last, by number; one that was never read is missing."""
    return {sender: _read(facts) for sender, facts in _FACTS.rows(connection)}


def state(connection: Connection, sender: str) -> NumberState:
    """Everything known of one number; nothing for one that is new."""
    row = connection.execute(select(number_state).where(number_state.c.sender == sender)).one_or_none()
    if row is None:
        return NumberState()
    return NumberState(
        read_at=row.read_at,
        facts=None if row.facts is None else _read(row.facts),
        findings=tuple(findings.read(one) for one in row.findings or ()),
        asked=row.asked or "",
        asked_at=row.asked_at,
        proved_at=row.proved_at,
        shaken_at=row.shaken_at,
        refused_at=row.refused_at,
        goods_at=row.goods_at,
    )


def troubles(connection: Connection) -> dict[str, list[Finding]]:
    """What is not well with the numbers, the worst first, by number; one with which all is well is missing."""
    rows = connection.execute(select(number_state.c.sender, number_state.c.findings)).all()
    found = {row.sender: [findings.read(one) for one in row.findings or ()] for row in rows}
    return {sender: bad for sender, all_ in found.items() if (bad := [f for f in all_ if f.level is not Level.OK])}


def read_at(connection: Connection) -> dict[str, datetime | None]:
    """When Meta was asked about each number last."""
    rows = connection.execute(select(number_state.c.sender, number_state.c.read_at))
    return {row.sender: row.read_at for row in rows}


def read_soon(connection: Connection, sender: str) -> None:
    """Let the next sweep ask Meta about a number again."""
    _note(connection, sender, read_at=None)


def ask(connection: Connection, sender: str, word: str, now: datetime) -> None:
    """Wait for this word from the owner's phone; an earlier proof no longer counts."""
    _note(connection, sender, asked=word, asked_at=now, proved_at=None, refused_at=None)


def prove(connection: Connection, sender: str, now: datetime) -> bool:
    """Whether the word came back since it was asked for; remembered, because words are emptied after a while."""
    known = state(connection, sender)
    if known.proved_at or not known.asked:
        return known.proved_at is not None
    came = select(inbound_message.c.id).where(
        inbound_message.c.sender == sender,
        inbound_message.c.text.icontains(known.asked, autoescape=True),
        inbound_message.c.received_at >= known.asked_at,
    )
    if connection.execute(came.limit(1)).first() is None:
        return False
    _note(connection, sender, proved_at=now)
    return True


def shaken(connection: Connection, sender: str, now: datetime) -> None:
    """Meta asked with the right token whether the address is ours."""
    _note(connection, sender, shaken_at=now)


def refused(connection: Connection, sender: str, now: datetime) -> None:
    """A body came whose signature does not fit the app secret."""
    _note(connection, sender, refused_at=now)


def sells_nothing_forbidden(connection: Connection, sender: str, now: datetime) -> None:
    """The owner said so."""
    _note(connection, sender, goods_at=now)


def _note(connection: Connection, sender: str, **values: Any) -> None:
    connection.execute(insert_or_ignore(connection, number_state), [{"sender": sender}])
    connection.execute(update(number_state).where(number_state.c.sender == sender).values(**values))


def _stored(facts: NumberFacts) -> dict[str, Any]:
    until = facts.token_expires_at
    return asdict(facts) | {"token_expires_at": until.isoformat() if until else None}


def _read(row: dict[str, Any]) -> NumberFacts:
    until = row.get("token_expires_at")
    known = {name: value for name, value in row.items() if name in NumberFacts.__slots__}
    lists = ("permissions", "fields", "websites")
    tuples: dict[str, Any] = {name: tuple(row[name]) for name in lists if row.get(name) is not None}
    tuples["obstacles"] = tuple(Obstacle(**one) for one in row.get("obstacles") or ())
    return NumberFacts(**known | tuples | {"token_expires_at": datetime.fromisoformat(until) if until else None})
