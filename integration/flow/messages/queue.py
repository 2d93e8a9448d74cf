"""Queueing: the one way by which a message gets into the table, decided on for the first time.

Whoever finds that something is to be said (react from an event, a sweep from a row whose time has come) makes a `Draft`
(flow.messages.drafts), and hands it to `queue`. What exists already is not made again: the message's key says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import metrics
from integration.domain.consent.decision import Decision, Defer, Deny
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND
from integration.flow.messages.decide import WAITABLE, Question, decide_all
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


def queue(world: World, connection: Connection, drafts: Mapping[str, Draft], now: datetime) -> set[str]:
    """Decide on drafts, by message key, and store them; returns the keys that another message tells instead."""
    fresh = dict(drafts)
    for key in messages.known_keys(connection, fresh):
        del fresh[key]
    merged = merge(connection, {key: item for key, item in fresh.items() if item.reason in TRUE_ALL_THE_SAME})
    told = sorted((item for key, item in fresh.items() if key not in merged), key=_turn)
    _mute(connection, told)
    refused = [_suppressed(item.message, item.reason) for item in told if item.reason]
    questions = [Question(d.message, d.contact) for d in told if d.contact and not d.reason]
    decided = decide_all(world, connection, questions, "queue")
    queued = _apart([_placed(answer.question.message, answer.decision, now) for answer in decided])
    messages.add(connection, refused + queued, now)
    messages.record(connection, [answer.verdict for answer in decided], now)
    if queued:
        announce(connection, "due")
    _count(refused + queued)
    return merged


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


def _placed(message: Message, decision: Decision, now: datetime) -> Message:
    if isinstance(decision, Deny) and decision.reason in WAITABLE:
        return messages.queued_as(message, MessageStatus.QUEUED, decision.reason, now + WAITABLE[decision.reason])
    if isinstance(decision, Deny):
        return _suppressed(message, decision.reason)
    if isinstance(decision, Defer):
        return messages.queued_as(message, MessageStatus.QUEUED, decision.reason, decision.until or now)
    return messages.queued_as(message, MessageStatus.QUEUED, None, max(now, message.send_after))


def _apart(made: Sequence[Message]) -> list[Message]:
    """What one person is told about one order at the same moment goes out in order of the facts, one by one."""
    last: dict[tuple[str | None, str | None, datetime], int] = {}
    found = []
    for item in made:
        about = item.contact_id, item.order_key, item.send_after
        place = last.get(about, -1) + 1
        if item.status == MessageStatus.QUEUED:
            last[about] = place
        found.append(replace(item, send_after=item.send_after + place * APART) if place else item)
    return found


def _suppressed(message: Message, reason: str) -> Message:
    return messages.queued_as(message, MessageStatus.SUPPRESSED, reason, message.send_after)


def _count(made: Iterable[Message]) -> None:
    made = list(made)
    metrics.count(metrics.MESSAGES, (message.status for message in made))
    metrics.count(metrics.DENIED, (m.reason or "" for m in made if m.status == MessageStatus.SUPPRESSED))
