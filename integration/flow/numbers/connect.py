"""numbers: what Meta says of a number before and after it is entered, and whether its webhook comes round.

The round trip: Meta asks our address (the handshake), then the owner sends a word from a phone, and that word comes
back as a webhook whose signature fits the app secret. Only then is the way back proved; through a mailbox, too.
"""

import secrets as chance
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from integration.domain.alarms.alarms import Cause
from integration.domain.clock import Clock
from integration.domain.errors import ChannelError
from integration.domain.numbers.diagnostics import findings
from integration.domain.numbers.numbers import NumberChoice, NumberFacts
from integration.domain.numbers.ports import Account
from integration.domain.shops.ports import Finding, Level
from integration.flow.alarms.raising import clear, raise_alarm
from integration.flow.world import World
from integration.store.alarms import alarms
from integration.store.db import Database
from integration.store.numbers import numbers
from integration.store.numbers.numbers import NumberState

#: what can be said of a token before a number is chosen
OF_THE_TOKEN: Final = ("token_", "permission_", "app_secret", "unreachable", "key_wrong", "partner_")
#: with these faults a number would be of no use at all: it is not entered
HOPELESS: Final = (
    "unreachable",
    "token_wrong",
    "key_wrong",
    "permission_",
    "number_foreign",
    "number_forbidden",
    "other_account",
    "app_secret",
)
LOWERED: Final = Cause.LIMIT_LOWERED
NOTED_EVERY: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Look:
    """What a token is good for: what was found, and which numbers it may write from."""

    findings: tuple[Finding, ...]
    choices: tuple[NumberChoice, ...]

    @property
    def usable(self) -> bool:
        """Whether it makes sense to choose a number."""
        return not hopeless(self.findings)


def look(account: Account, clock: Clock) -> Look:
    """Check a token and an app secret before a number is chosen."""
    found = [f for f in findings(account.facts(), clock()) if f.code.startswith(OF_THE_TOKEN)]
    try:
        choices = [] if hopeless(tuple(found)) else account.choices()
    except ChannelError:
        choices = []
    return Look(tuple(found), tuple(choices))


def hopeless(found: tuple[Finding, ...]) -> bool:
    """Whether something is so wrong that the number could not be used."""
    return any(f.level is Level.FAULT and f.code.startswith(HOPELESS) for f in found)


def examine(world: World, slug: str) -> list[Finding]:
    """Ask Meta about a number and keep what it said for the number's page and for the send loop."""
    return read(world.database, slug, world.senders[slug].management, world.clock)


def read(database: Database, slug: str, account: Account, clock: Clock) -> list[Finding]:
    """Ask Meta and keep what it said."""
    asked_at = clock()
    return keep(database, slug, account.facts(), asked_at)


def keep(database: Database, slug: str, facts: NumberFacts, asked_at: datetime) -> list[Finding]:
    """Store facts with what they mean, unless somebody asked later and was faster: a sweep, or the owner."""
    found = findings(facts, asked_at)
    with database.write() as connection:
        known = numbers.state(connection, slug)
        if known.read_at is None or known.read_at <= asked_at:
            before = known.facts
            _compare(connection, slug, before, facts, asked_at)
            numbers.keep(connection, slug, facts.with_limits_of(before) if before else facts, found, asked_at)
    return found


def _compare(connection: Connection, slug: str, before: NumberFacts | None, facts: NumberFacts, now: datetime) -> None:
    """Tell the owner when Meta allows fewer people a day than before, until it allows more again."""
    was, most = before and before.people_per_day, facts.people_per_day
    if was and most and most < was:
        told = {"name": facts.display_number or slug, "before": was, "after": most}
        raise_alarm(connection, LOWERED, slug, now, told)
    elif facts.messaging_limit:
        told_of = [a.facts["after"] for a in alarms.current(connection) if (a.cause, a.about) == (LOWERED, slug)]
        if told_of and (most is None or most > told_of[0]):
            clear(connection, LOWERED, slug, now)


def read_soon(database: Database, slugs: Iterable[str]) -> None:
    """Let the next sweep ask Meta about these numbers again."""
    with database.write() as connection:
        for slug in slugs:
            numbers.read_soon(connection, slug)


def ask(database: Database, slug: str, clock: Clock) -> str:
    """A new word to be sent to the number; only its return proves the way back."""
    word = f"TEST {chance.randbelow(900_000) + 100_000}"
    with database.write() as connection:
        numbers.ask(connection, slug, word, clock())
    return word


def state(database: Database, slug: str, clock: Clock) -> NumberState:
    """What is known of a number, its word looked for once more."""
    with database.read() as connection:
        known = numbers.state(connection, slug)
    if not known.asked or known.proved_at:
        return known
    with database.write() as connection:
        numbers.prove(connection, slug, clock())
        return numbers.state(connection, slug)


class Refusals:
    """Notes bodies whose signature does not fit, for the number's page; anybody may post, so not each of them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    def note(self, slug: str) -> None:
        """One came for this number."""
        now = self._clock()
        if slug in self._noted and now - self._noted[slug] < NOTED_EVERY:
            return
        self._noted[slug] = now
        with self._database.write() as connection:
            numbers.refused(connection, slug, now)
