"""retention: what is no longer needed goes, in small pieces (docs/reference/law.md section 10)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.appointments.appointments import KEPT_FOR as APPOINTMENTS_KEPT
from integration.domain.carts.carts import KEPT_FOR
from integration.flow.notifications import documents
from integration.flow.privacy import erasure
from integration.flow.templates import media
from integration.flow.world import World
from integration.store import heartbeats, job_runs
from integration.store.carts import carts
from integration.store.consent import imports
from integration.store.privacy import retention
from integration.store.privacy.retention_rules import Found, Retention
from integration.store.shops import prices, reconciliation
from integration.store.webhooks import inbox

JOB_RUNS = timedelta(days=14)
#: of processes that vanished: until then their loops are missed
HEARTBEATS = timedelta(days=7)
#: a list of people that nobody has imported
LEFT_ALONE = timedelta(days=7)
#: pictures, voices and files of customers
ATTACHMENTS = timedelta(days=90)
#: what articles cost, for alerts that were asked for long ago
PRICES = timedelta(days=400)
#: that a request was answered in time can be asked for as long as claims are not barred
REQUESTS = timedelta(days=3 * 365)
MOST_ROUNDS = 200
#: whole people who go: what, after how long, how to find them, how to forget them
PEOPLE = (
    ("unconfirmed", erasure.UNCONFIRMED, retention.unconfirmed, erasure.forget_unconfirmed),
    ("declined", erasure.UNCONFIRMED, retention.declined, erasure.forget_declined),
    ("dormant", erasure.DORMANT, retention.dormant, erasure.forget_dormant),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes how long after it came. `found` counts for a dry run, `forget` deletes a piece and says how many."""

    name: str
    keep: timedelta
    found: Callable[[datetime], Found]
    forget: Callable[[Connection, datetime], int]


def rules(world: World) -> tuple[Rule, ...]:
    """Every rule, with the owner's choices inside what law allows."""
    chosen = world.retention
    return (
        Rule("bodies", timedelta(days=chosen.bodies_days), retention.bodies, inbox.forget),
        Rule("carts", KEPT_FOR, carts.kept, carts.forget),
        _told("appointments", APPOINTMENTS_KEPT),
        _told("messages", timedelta(days=chosen.words_days)),
        _told("inbound", timedelta(days=chosen.words_days)),
        _told("attachments", ATTACHMENTS),
        _told("documents", documents.KEPT),
        _told("refusals", timedelta(days=chosen.refusals_days)),
        Rule("reconciliations", JOB_RUNS, retention.reconciliations, reconciliation.forget),
        Rule("imports", LEFT_ALONE, imports.left_alone, imports.forget_left_alone),
        Rule("prices", PRICES, prices.old, prices.forget),
        Rule("runs", JOB_RUNS, retention.runs, job_runs.forget),
        Rule("heartbeats", HEARTBEATS, heartbeats.old, heartbeats.forget),
        _told("visits", timedelta(hours=1)),
        _told("requests", REQUESTS),
        Rule("declined_codes", erasure.DECLINED_CODES, retention.declined_codes, world.ledger.forget_declined),
    )


def _told(name: str, keep: timedelta) -> Rule:
    """A rule that the tables say all about."""
    rule = Retention(name)
    return Rule(name, keep, rule.found, rule.forget)


def sweep(world: World, now: datetime) -> str:
    """Apply every rule, at most a thousand rows per commit; forget sign-ups that nobody confirmed."""
    gone = {rule.name: _piecemeal(world, rule, now) for rule in rules(world)}
    with world.database.write() as connection:
        carts.forget_purchases(connection, now - KEPT_FOR)
    media.tidy(world)  # what lost its key above
    gone |= {name: forget(world, now - keep) for name, keep, _, forget in PEOPLE}
    return " ".join(f"{name}={count}" for name, count in gone.items())


def preview(world: World, now: datetime) -> Iterator[tuple[str, datetime, int]]:
    """What a run would do now: rule, up to when, how many. Changes nothing."""
    found = [(rule.name, now - rule.keep, rule.found) for rule in rules(world)]
    found += [(name, now - keep, query) for name, keep, query, _ in PEOPLE]
    with world.database.read() as connection:
        for name, before, query in found:
            yield name, before, retention.count(connection, query(before))


def _piecemeal(world: World, rule: Rule, now: datetime) -> int:
    total = 0
    for _ in range(MOST_ROUNDS):
        with world.database.write() as connection:
            deleted = rule.forget(connection, now - rule.keep)
        total += deleted
        if not deleted:
            break
    return total
