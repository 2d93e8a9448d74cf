"""The watch: what needs the owner, read off the database and the machine; alarms are raised and cleared accordingly.

Each watch looks at the present state alone, so nothing is missed by a crash, and what is over clears by itself.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from integration import log
from integration.domain.alarms.alarms import Cause
from integration.domain.alarms.heartbeats import stopped
from integration.domain.messages.holds import Scope
from integration.domain.messages.refusals import OF_THE_RECIPIENT
from integration.domain.numbers.numbers import VERSION_ENDS
from integration.domain.numbers.token_diagnostics import ENDS_SOON
from integration.domain.templates.approval import state_of
from integration.domain.templates.selection import Known, newest, own_template
from integration.domain.templates.templates import Template, all_templates
from integration.flow.alarms.raising import clear, raise_alarm
from integration.flow.costs import caps
from integration.flow.costs.caps import Fill
from integration.flow.privacy import requests as subject_requests
from integration.flow.world import World
from integration.store import heartbeats, job_runs, overview
from integration.store.alarms import alarms, deliveries
from integration.store.consent import checkpoints, ledger
from integration.store.messages import holds, sent, stuck
from integration.store.numbers import numbers
from integration.store.numbers import paused as paused_numbers
from integration.store.privacy import requests
from integration.store.shops import mailboxes, reconciliation, streams
from integration.store.templates import templates as template_store
from integration.store.webhooks import inbox

Key = tuple[Cause, str]
Found = dict[Key, dict[str, object]]
See = Callable[[World, Connection, datetime], Found]

#: Meta's codes that say that the token no longer counts
TOKEN_CODES = frozenset({0, 190})
#: a shop or mailbox that is away for a moment needs nobody
SHOP_AWAY = timedelta(minutes=30)
MAILBOX_AWAY = timedelta(minutes=10)
#: Meta reports within seconds; for so long a message may stay unreported before its webhooks are doubted
UNREPORTED = timedelta(hours=2)
#: a status may still settle what is uncertain; messages and bodies may wait for others before them
UNCERTAIN = timedelta(hours=1)
BEHIND = timedelta(minutes=30)
LATELY = timedelta(days=1)
#: long enough to install another version
ENDS_LATER = timedelta(days=60)
UNSEALED = timedelta(hours=3)
FAILED_RUNS = 3
LEAST_FREE = 500 * 1024 * 1024
#: states of a text (domain.templates.approval) that need the owner
CAUSE_OF_STATE = {
    **dict.fromkeys(
        ("REJECTED", "REFUSED", "CHANGED", "DELETED", "PENDING_DELETION", "ARCHIVED", "LIMIT_EXCEEDED"),
        Cause.TEMPLATE_REJECTED,
    ),
    **dict.fromkeys(("PAUSED", "DISABLED"), Cause.TEMPLATE_PAUSED),
    "FLIPPED": Cause.TEMPLATE_FLIPPED,
    "WARNED": Cause.TEMPLATE_FLIPPING,
}
RESTING = {
    Scope.MARKETING: Cause.MARKETING_PAUSED,
    Scope.COUNTRY: Cause.COUNTRY_PAUSED,
    Scope.TEMPLATE: Cause.TEMPLATE_STOPPED,
}
CAUSE_OF_FILL = {Fill.NEAR: Cause.CAP_NEAR, Fill.CAP: Cause.CAP_REACHED, Fill.STOP: Cause.CAP_STOP}
logger = log.get("watch")


@dataclass(frozen=True, slots=True)
class Watch:
    """One look at the present state, and the causes that it alone judges. It changes nothing."""

    see: See
    causes: tuple[Cause, ...]

    @property
    def name(self) -> str:
        """What its alarms call it when it fails."""
        return self.see.__name__.strip("_")


def look(world: World, now: datetime, watches: Sequence[Watch] | None = None) -> tuple[int, int]:
    """Raise what is wrong now and clear what is over; returns how many of each.

    What a watch that fails has raised before stays as it is: nobody knows whether it is over.
    """
    found: Found = {}
    judged: set[Cause] = set()
    failed: set[str] = set()
    chosen = WATCHES if watches is None else watches
    for watch in chosen:
        seen = _seen(world, watch, now)
        if Cause.MONITOR_FAILING in (cause for cause, _ in seen):
            failed.add(watch.name)
        else:
            judged.update(watch.causes)
        found |= seen
    sound = {watch.name for watch in chosen} - failed
    with world.database.write() as connection:
        known = {(a.cause, a.about) for a in alarms.current(connection) if a.watched}
        over = [key for key in known if key not in found and _is_judged(key, judged, sound)]
        gone = [clear(connection, Cause(cause), about, now) for cause, about in over]
        fresh = [raise_alarm(connection, *key, now, facts, watched=True) for key, facts in found.items()]
    return sum(fresh), len(gone)


def _seen(world: World, watch: Watch, now: datetime) -> Found:
    """What one watch finds, in a transaction of its own: one that fails must not silence the others."""
    try:
        with world.database.read() as connection:
            return watch.see(world, connection, now)
    except Exception as error:
        logger.error("watch_failed", watch=watch.name, error=log.brief(error))
        facts: dict[str, object] = {"error": log.brief(error), "unseen": [str(cause) for cause in watch.causes]}
        return {(Cause.MONITOR_FAILING, watch.name): facts}


def _is_judged(key: tuple[str, str], judged: set[Cause], sound: set[str]) -> bool:
    cause, about = key
    return about in sound if cause == Cause.MONITOR_FAILING else cause in judged


def _numbers(world: World, connection: Connection, _now: datetime) -> Found:
    found: Found = {}
    for slug, code in paused_numbers.paused(connection).items():
        cause = Cause.TOKEN_EXPIRED if code in TOKEN_CODES else Cause.SENDER_PAUSED
        found[cause, slug] = {"name": _number(world, slug), "code": code}
    return found


def _resting(world: World, connection: Connection, now: datetime) -> Found:
    """What Meta made rest. An account that is slowed down for minutes needs nobody."""
    found: Found = {}
    for block in holds.in_force(connection, now).parts.values():
        if block.scope in RESTING:
            name = _number(world, block.key) if block.scope is Scope.MARKETING else block.key.replace("/", ", ")
            found[RESTING[block.scope], block.key] = {"name": name, "code": block.code}
    return found


def _number(world: World, slug: str) -> str:
    return world.senders[slug].number or slug if slug in world.senders else slug


def _quality(world: World, connection: Connection, _now: datetime) -> Found:
    """Numbers that Meta rates as poor."""
    return {
        (Cause.NUMBER_QUALITY, slug): {"name": facts.display_number or slug}
        for slug, facts in numbers.facts_of(connection).items()
        if facts.quality == "RED" and slug in world.senders
    }


def _ending(world: World, connection: Connection, now: datetime) -> Found:
    """Tokens and versions of Meta's interface that end soon."""
    found: Found = {}
    for slug, facts in numbers.facts_of(connection).items():
        if slug not in world.senders:
            continue
        name, until, end = facts.display_number or slug, facts.token_expires_at, VERSION_ENDS.get(facts.version)
        if until and now < until <= now + ENDS_SOON:
            found[Cause.TOKEN_ENDING, slug] = {"name": name, "due": until.isoformat()}
        if end and end <= (now + ENDS_LATER).date():
            found[Cause.VERSION_ENDING, slug] = {"name": name, "version": facts.version, "day": end.isoformat()}
    return found


def _messages(world: World, connection: Connection, now: datetime) -> Found:
    """Messages that only the owner can help, or that should have left long ago from a number that may send."""
    found: Found = {}
    if count := stuck.uncertain(connection, now - UNCERTAIN):
        found[Cause.UNCERTAIN_WAITING, "messages"] = {"count": count}
    if count := stuck.failed(connection, now - LATELY, OF_THE_RECIPIENT):
        found[Cause.MESSAGES_FAILED, "messages"] = {"count": count}
    paused = paused_numbers.paused(connection)
    for slug, late in stuck.overdue(connection, now - BEHIND).items():
        if slug in world.senders and slug not in paused:
            facts: dict[str, object] = {"name": _number(world, slug), "count": late.count}
            found[Cause.SENDING_BEHIND, slug] = {**facts, "since": late.since.isoformat()}
    if unread := stuck.unread(connection, now - BEHIND):
        found[Cause.READING_BEHIND, "inbox"] = {"count": unread.count, "since": unread.since.isoformat()}
    return found


def _silence(world: World, connection: Connection, now: datetime) -> Found:
    """Messages that Meta took but reports nothing about, while nothing else came from it either."""
    heard = overview.last_received(connection)
    found: Found = {}
    for slug, since in sent.unreported(connection, now - timedelta(days=2), now - UNREPORTED).items():
        if slug in world.senders and not (slug in heard and heard[slug] > since):
            found[Cause.WEBHOOK_SILENT, slug] = {"name": _number(world, slug), "since": since.isoformat()}
    return found


def _shops(world: World, connection: Connection, now: datetime) -> Found:
    return {
        (Cause.SHOP_UNREACHABLE, slug): {"name": world.shops[slug].name, "since": since.isoformat()}
        for slug, since in streams.failing(connection, now - SHOP_AWAY).items()
        if slug in world.shops
    }


def _mailboxes(_world: World, connection: Connection, now: datetime) -> Found:
    return {
        (Cause.MAILBOX_SILENT, name): {"since": state.since.isoformat()}
        for name, state in mailboxes.states(connection).items()
        if state.problem and now - state.since >= MAILBOX_AWAY
    }


def _templates(world: World, connection: Connection, _now: datetime) -> Found:
    """Ours as Meta lists them: rejected, paused or switched off, or marketing where we submitted a service text.

    Not versions that a newer one replaced, and not those with a picture: the plain text serves in their place.
    """
    own = newest(template_store.texts(connection))
    found: Found = {}
    for account in {sender.account for sender in world.senders.values()}:
        listed = template_store.known(connection, account)
        for template in [*all_templates(), *(own_template(text, own, listed) for text in own)]:
            known = listed.get((template.name, template.language))
            if known and (cause := _template_cause(template, known)):
                key = f"{template.name}/{template.language}"
                found[cause, key] = {"name": f"{template.name} ({template.language})"}
    return found


def _template_cause(template: Template, known: Known) -> Cause | None:
    return CAUSE_OF_STATE.get(state_of(template, known).code)


def _ledgers(world: World, connection: Connection, now: datetime) -> Found:
    found: Found = {}
    for company in ledger.broken(connection):
        found[Cause.LEDGER_BROKEN, company] = {"name": _company(world, company)}
    for company, since in checkpoints.overdue(connection, now - UNSEALED).items():
        found[Cause.CHECKPOINT_OVERDUE, company] = {"name": _company(world, company), "since": since.isoformat()}
    return found


def _company(world: World, slug: str) -> str:
    return world.companies[slug].name if slug in world.companies else slug


def _bodies(_world: World, connection: Connection, _now: datetime) -> Found:
    count = inbox.given_up(connection)
    return {(Cause.POISON, "inbox"): {"count": count}} if count else {}


def _jobs(_world: World, connection: Connection, _now: datetime) -> Found:
    """Sweeps that failed several times in a row. A broken ledger has an alarm of its own."""
    failed = job_runs.failing(connection, FAILED_RUNS)
    return {(Cause.JOB_FAILING, job): {"error": error} for job, error in failed.items() if job != "ledger_check"}


def _loops(world: World, connection: Connection, now: datetime) -> Found:
    """Loops and threads that give no sign of life."""
    still = stopped(heartbeats.known(connection), world.pulses.process, now)
    return {(Cause.LOOP_STOPPED, name): {"loop": name, "since": since.isoformat()} for name, since in still.items()}


def _disk(world: World, _connection: Connection, _now: datetime) -> Found:
    if not world.database.is_sqlite:
        return {}
    free = shutil.disk_usage(Path(str(world.database.engine.url.database)).parent).free
    return {(Cause.DISK_FULL, "disk"): {"free": free // 1024**2}} if free < LEAST_FREE else {}


def _gaps(world: World, connection: Connection, _now: datetime) -> Found:
    return {
        (Cause.GAP_FOUND, slug): {"name": world.shops[slug].name, "count": count}
        for slug, count in reconciliation.count_open(connection).items()
        if slug in world.shops
    }


def _caps(world: World, connection: Connection, now: datetime) -> Found:
    """Limits that are nearly or wholly used up."""
    found: Found = {}
    currency = world.costs.prices.card(now).currency
    for company in world.companies.values():
        for period, limit in caps.filled(world, connection, company, now).items():
            facts = {"name": company.name, "spent": str(limit.spent), "currency": currency}
            about = f"{company.slug}/{period}"
            found[CAUSE_OF_FILL[limit.fill], about] = {**facts, "cap": str(limit.limit), "period": period}
    return found


def _routes(_world: World, connection: Connection, _now: datetime) -> Found:
    """Ways to the owner that fail: told on the dashboard, and by the other ways."""
    return {(Cause.NOTICE_FAILING, route): {"route": route} for route in deliveries.troubles(connection, FAILED_RUNS)}


def _requests(_world: World, connection: Connection, now: datetime) -> Found:
    """What people asked about their data, on days 20 and 27 of the month in which it must be answered."""
    found: Found = {}
    for wish in requests.waiting(connection):
        facts: dict[str, object] = {"due": wish.due_at.isoformat()}
        if now - wish.received_at >= subject_requests.LAST_REMINDER:
            found[Cause.REQUEST_URGENT, wish.id] = facts
        elif now - wish.received_at >= subject_requests.FIRST_REMINDER:
            found[Cause.REQUEST_DUE, wish.id] = facts
    return found


OF_LOOPS = Watch(_loops, (Cause.LOOP_STOPPED,))
WATCHES: tuple[Watch, ...] = (
    Watch(_numbers, (Cause.TOKEN_EXPIRED, Cause.SENDER_PAUSED)),
    Watch(_resting, tuple(RESTING.values())),
    Watch(_quality, (Cause.NUMBER_QUALITY,)),
    Watch(_ending, (Cause.TOKEN_ENDING, Cause.VERSION_ENDING)),
    Watch(_messages, (Cause.UNCERTAIN_WAITING, Cause.MESSAGES_FAILED, Cause.SENDING_BEHIND, Cause.READING_BEHIND)),
    Watch(_silence, (Cause.WEBHOOK_SILENT,)),
    Watch(_shops, (Cause.SHOP_UNREACHABLE,)),
    Watch(_gaps, (Cause.GAP_FOUND,)),
    Watch(_mailboxes, (Cause.MAILBOX_SILENT,)),
    Watch(_templates, tuple(dict.fromkeys(CAUSE_OF_STATE.values()))),
    Watch(_ledgers, (Cause.LEDGER_BROKEN, Cause.CHECKPOINT_OVERDUE)),
    Watch(_bodies, (Cause.POISON,)),
    Watch(_jobs, (Cause.JOB_FAILING,)),
    OF_LOOPS,
    Watch(_disk, (Cause.DISK_FULL,)),
    Watch(_caps, tuple(CAUSE_OF_FILL.values())),
    Watch(_requests, (Cause.REQUEST_DUE, Cause.REQUEST_URGENT)),
    Watch(_routes, (Cause.NOTICE_FAILING,)),
)
