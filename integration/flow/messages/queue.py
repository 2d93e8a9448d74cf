"""Queueing: the one way by which a message gets into the table, decided on for the first time.

Whoever finds that something is to be said (react from an event, a sweep from a row whose time has come) makes a `Draft`
(flow.messages.drafts), and hands it to `queue`. What exists already is not made again: the message's key says so.
Reminders, answers, requests and tests come as a `Candidate` to `put`, where drafts end, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import metrics
from integration.domain.consent.decision import Defer, Deny
from integration.domain.contacts.contacts import Contact
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND
from integration.flow.messages.decide import WAITABLE, Answer, Question, decide_all
from integration.flow.messages.drafts import Draft
from integration.flow.messages.merging import merge
from integration.flow.world import World
from integration.store.conversations import order_replies
from integration.store.db import announce
from integration.store.messages import messages
from integration.store.messages.messages import Message

#: between two messages about one order that become due together: their order matters
APART = timedelta(seconds=6)
#: what may not leave by itself for these reasons is news all the same, for a message that waits
TRUE_ALL_THE_SAME = ("", "overtaken")
_PLACES = {kind: place for place, kind in enumerate(BY_KIND)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message to be queued, and whom the first decision on it asks about; without a contact only send decides.

    `reason` is set when it must not be sent whatever anybody agreed to, `held_out` when it must not be although they
    did.
    """

    message: Message
    contact: Contact | None = None
    reason: str = ""
    held_out: str = ""


def queue(world: World, connection: Connection, drafts: Mapping[str, Draft], now: datetime) -> set[str]:
    """Decide on drafts, by message key, and store them; returns the keys that another message tells instead."""
    fresh = dict(drafts)
    for key in messages.known_keys(connection, fresh):
        del fresh[key]
    merged = merge(connection, {key: item for key, item in fresh.items() if item.reason in TRUE_ALL_THE_SAME})
    told = sorted((item for key, item in fresh.items() if key not in merged), key=_turn)
    _mute(connection, told)
    put(world, connection, [Candidate(d.message, d.contact, d.reason) for d in told], now)
    return merged


def put(world: World, connection: Connection, items: Sequence[Candidate], now: datetime) -> list[Message]:
    """Store messages whose keys are new, each in the state that the first decision gives it; returns them so."""
    questions = [Question(c.message, c.contact) for c in items if c.contact and not c.reason]
    answers = {answer.question.message.id: answer for answer in decide_all(world, connection, questions, "queue")}
    placed = _apart([_placed(item, answers.get(item.message.id), now) for item in items])
    messages.add(connection, placed, now)
    messages.record(connection, [answer.verdict for answer in answers.values()], now)
    if any(item.status == MessageStatus.QUEUED for item in placed):
        announce(connection, "due")
    _count(placed)
    return placed


def _turn(item: Draft) -> tuple[datetime, int]:
    """Facts of the same moment are told in the table's order: first the order, then its parcels."""
    return item.message.occurred_at, _PLACES[item.message.kind]


def _mute(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Hold back what is about an order whose customer wants to hear no more about it."""
    orders = {d.message.order_key for d in drafts if d.message.order_key}
    muted = order_replies.muted(connection, orders) if orders else set()
    for item in drafts:
        if item.message.order_key in muted:
            item.reason = item.reason or "order_muted"


def _placed(item: Candidate, answer: Answer | None, now: datetime) -> Message:
    if item.reason:
        return _suppressed(item.message, item.reason)
    decision = answer.decision if answer else None
    waits = WAITABLE.get(decision.reason) if isinstance(decision, Deny) else None
    if isinstance(decision, Deny) and waits is None:
        return _suppressed(item.message, decision.reason)
    if item.held_out:
        return _suppressed(item.message, item.held_out)
    if decision and waits is not None:
        return replace(item.message, reason=decision.reason, send_after=now + waits)
    if isinstance(decision, Defer):
        return replace(item.message, reason=decision.reason, send_after=decision.until or now)
    return replace(item.message, send_after=max(now, item.message.send_after))


def _apart(made: Sequence[Message]) -> list[Message]:
    """What one person is told about one order at the same moment goes out in order of the facts, one by one."""
    last: dict[tuple[str | None, str | None, datetime], int] = {}
    found = []
    for item in made:
        about = item.contact_id, item.order_key, item.send_after
        place = last.get(about, -1) + 1 if item.status == MessageStatus.QUEUED else 0
        if item.status == MessageStatus.QUEUED:
            last[about] = place
        found.append(replace(item, send_after=item.send_after + place * APART) if place else item)
    return found


def _suppressed(message: Message, reason: str) -> Message:
    return replace(message, status=MessageStatus.SUPPRESSED, reason=reason)


def _count(made: Sequence[Message]) -> None:
    metrics.count(metrics.MESSAGES, (message.status for message in made))
    metrics.count(metrics.DENIED, (m.reason or "" for m in made if m.status == MessageStatus.SUPPRESSED))
