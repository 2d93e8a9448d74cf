"""send: claim due messages, decide once more, mark *sending*, and store how each attempt ended.

`claim` is the only way to a message's POST, and `dispatch` the only place that begins one; inbox replies, tests and
STOP confirmations take it too (docs/reference/design.md, Never 1). Everything before the POST happens in one short
transaction that covers only as many messages as the limiter releases now.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain import notifications
from integration.domain.consent.decision import Allow, Defer, Deny
from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown, Refused, Unfit
from integration.domain.hot_dataclass import lean
from integration.domain.messages.channel import Accepted, Envelope
from integration.domain.messages.components import restored
from integration.domain.messages.holds import Scope
from integration.domain.messages.refusals import Refusal, backoff
from integration.domain.messages.status import COUNTED, MessageStatus, Outcome
from integration.domain.numbers.ports import Channel
from integration.domain.shops.facts import Facts
from integration.flow.carts import reminder_sync
from integration.flow.messages import on_refused, prepare, throttle
from integration.flow.messages.decide import WAITABLE, Answer, Question, decide_all
from integration.flow.messages.throttle import Limits
from integration.flow.preparers import PREPARERS
from integration.flow.world import World
from integration.store.contacts import contacts
from integration.store.messages import holds as hold_store
from integration.store.messages import message_ids, messages, sent
from integration.store.messages.holds import InForce
from integration.store.messages.messages import Attempt, Message, Move, Result
from integration.store.shops import snapshots

#: a POST that has not begun this long after the commit asks again (docs/reference/law.md section 3)
STALE = 5.0
ASK_AGAIN = timedelta(minutes=1)
logger = log.get("send")


@lean
class Dispatch:
    """A message whose POST may begin now. `asked` and `committed` are the monotonic times of its permission."""

    message: Message
    attempt: Attempt
    envelope: Envelope
    asked: float
    committed: float


def claim(
    world: World, sender: str, most: int, results: Sequence[Result] = (), allowed: Limits | None = None
) -> list[Dispatch]:
    """Store finished attempts and mark the next messages of a sender as *sending*, in one commit.

    `most` and `allowed` are the limiter's: how many may leave now, and to whom.
    """
    now = world.clock()
    if allowed:
        allowed.more = False
    with world.database.write() as connection:
        asked = monotonic()
        behind = store(world, connection, sender, results, now)
        if allowed:
            allowed.pairs.wait(behind)
        if most <= 0:
            return []
        resting = hold_store.in_force(connection, now)
        if sender in resting.paused or resting.of(Scope.ACCOUNT, world.senders[sender].account):
            return []
        due = messages.due(connection, sender, now, most)
        found = questions = _locked(world, connection, due)
        if allowed:
            questions = throttle.in_turn(connection, allowed, questions, now)
        going = _decide(world, connection, questions, resting, allowed, now)
        if allowed:
            allowed.more = len(due) == most > len(going) and bool(found)
        leaving, prices = [a.question.message for a in going], [a.price for a in going]
        attempts = messages.start(connection, leaving, now, prices)
        # before the commit: what fails here has not left, and nobody has to wonder
        pairs = zip(going, attempts, strict=True)
        envelopes = [_envelope(world, answer.question, attempt) for answer, attempt in pairs]
    committed = monotonic()
    if allowed:
        allowed.pairs.begin([answer.question.contact.id for answer in going], now)
    ready = zip(leaving, attempts, envelopes, strict=True)
    return [Dispatch(message, attempt, envelope, asked, committed) for message, attempt, envelope in ready]


def store(
    world: World, connection: Connection, sender: str, results: Sequence[Result], now: datetime
) -> dict[str, datetime]:
    """Write down how attempts ended and what follows for the number and the person, before anything else is claimed.

    Returns until when people wait because an earlier message to them is tried again, by contact id.
    """
    refused = on_refused.judge(connection, results)
    settled = [on_refused.settled(result, refused.get(id(result))) for result in results]
    unsent = reminder_sync.among(connection, [r.attempt.message_id for r in settled if r.status not in COUNTED])
    if refused:
        on_refused.for_people(world, connection, refused.values(), now)
    _settle(world, connection, settled)
    on_refused.follow(world, connection, refused.values(), now)
    reminder_sync.follow(connection, unsent)
    metrics.count(metrics.MESSAGES, (result.status for result in settled))
    return on_refused.keep_order(connection, [*_unsent(connection, settled), *on_refused.tried_again(refused.values())])


def _settle(world: World, connection: Connection, results: Sequence[Result]) -> None:
    messages.settle(connection, results)
    message_ids.hide_late(connection, world.vault, [r.attempt.id for r in results if r.wa_message_id])


def _unsent(connection: Connection, settled: Sequence[Result]) -> list[tuple[Message, datetime]]:
    """The messages of which nothing left, and when they are tried again."""
    again = {r.attempt.message_id: r.send_after for r in settled if r.outcome is Outcome.NOT_SENT and r.send_after}
    return [(message, again[message.id]) for message in messages.by_id(connection, list(again))]


def store_singly(world: World, sender: str, results: Sequence[Result]) -> None:
    """Store results that could not be stored together, so that one of them does not stop its number for good.

    What follows from one that fails alone, too, is left out: that Meta took or refused it is kept.
    """
    for result in results:
        try:
            with world.database.write() as connection:
                store(world, connection, sender, [result], world.clock())
        except Exception as error:
            logger.error("result_failed", attempt=result.attempt.id, error=log.brief(error))
            with world.database.write() as connection:
                _settle(world, connection, [replace(result, reason=result.reason or _reason(result))])


def _reason(result: Result) -> str | None:
    return "refused_by_meta" if result.status is MessageStatus.FAILED else None


async def dispatch(world: World, channel: Channel, item: Dispatch) -> Result:
    """Begin the POST unless the permission has grown stale or ended meanwhile, and say how it ended. Never raises."""
    began = monotonic()
    if began - item.committed > STALE or world.stops.since(item.message.contact_id, item.asked):
        return _again(item, world.clock(), "stale_permission")
    outcome = await _post(channel, item)
    took = monotonic() - began
    metrics.SEND_SECONDS.observe(took)
    return _result(item, outcome, world.clock(), round(took * 1000))


async def _post(channel: Channel, item: Dispatch) -> Accepted | ChannelError:
    try:
        return await channel.send(item.envelope)
    except ChannelError as error:
        return error
    except Exception as error:
        logger.error("send_failed", attempt=item.attempt.id, error=log.brief(error))
        return OutcomeUnknown("a fault of ours")


def _locked(world: World, connection: Connection, due: Sequence[tuple[str, str]]) -> list[Question]:
    """Due messages of people whom no other transaction holds: contact first, then message, as STOP locks."""
    people = contacts.by_id(connection, {contact_id for _, contact_id in due}, lock=True)
    mine = messages.claim(connection, [id_ for id_, contact_id in due if contact_id in people])
    holds = _preconditions(world, connection, mine)
    # a contact that was merged meanwhile: its messages have moved, the next round finds them
    return [Question(m, people[m.contact_id], holds[m.id]) for m in mine if m.contact_id in people]


def _preconditions(world: World, connection: Connection, items: Sequence[Message]) -> dict[str, bool]:
    """Whether the facts that a message tells still hold: the order is not cancelled meanwhile."""
    orders = snapshots.by_key(connection, {item.order_key for item in items if item.order_key})
    holds = {}
    for item in items:
        order = orders.get(item.order_key or "")
        notification = notifications.BY_KIND.get(item.kind)
        article = item.item.partition("/")[2] if item.item else ""
        facts: dict[str, Facts] = {order.object_type: order.facts} if order else {}
        subject = notifications.subject_of("", item.language, facts, detail=article) if order else None
        reason = notification.unless(subject) if notification and subject else ""
        holds[item.id] = not reason or reason in notifications.NOT_YET
    return holds


def _decide(
    world: World,
    connection: Connection,
    questions: Sequence[Question],
    resting: InForce,
    allowed: Limits | None,
    now: datetime,
) -> list[Answer]:
    """Ask once more; what is not allowed is moved on, what must be prepared set aside. Returns what may leave."""
    timely = [q for q in questions if q.message.expires_at > now]
    late = [
        Move(q.message, MessageStatus.EXPIRED, q.message.reason or "expired")
        for q in questions
        if q.message.expires_at <= now
    ]
    for company in {q.contact.company for q in timely if world.companies[q.contact.company].caps}:
        world.costs.share(connection, company, now)
    answers = decide_all(world, connection, timely, "send", resting)
    moves = [move for answer in answers if (move := _move(answer, now))]
    shadowed = [answer for answer in answers if _is_shadowed(answer, resting)]
    unsent = [Move(answer.question.message, MessageStatus.SUPPRESSED, "shadow") for answer in shadowed]
    messages.move(connection, late + moves + unsent, now)
    may = [a for a in answers if isinstance(a.decision, Allow) and not _is_shadowed(a, resting)]
    going = prepare.ready(connection, may, PREPARERS, now)
    if allowed:
        going = throttle.within_the_day(world, connection, allowed, going, now)
    denied = [answer for answer in answers if not isinstance(answer.decision, Allow) and not _repeats(answer)]
    messages.record(connection, [answer.verdict for answer in denied + shadowed + going], now)
    return going


def _is_shadowed(answer: Answer, resting: InForce) -> bool:
    """Whether its shop is in shadow mode: it may leave, and does not. Who wrote to us gets an answer all the same."""
    message = answer.question.message
    answers_somebody = message.purpose in sent.ANSWERS
    return isinstance(answer.decision, Allow) and message.shop in resting.shadow and not answers_somebody


def _repeats(answer: Answer) -> bool:
    """Whether a deferred message is deferred for the same reason again: nothing new to record."""
    return isinstance(answer.decision, Defer) and answer.decision.reason == answer.question.message.reason


def _move(answer: Answer, now: datetime) -> Move | None:
    message, decision = answer.question.message, answer.decision
    if isinstance(decision, Allow):
        return None
    if isinstance(decision, Deny) and decision.reason in WAITABLE:
        return Move(message, MessageStatus.QUEUED, decision.reason, now + WAITABLE[decision.reason])
    if isinstance(decision, Deny):
        metrics.DENIED.labels(decision.reason).inc()
        return Move(message, MessageStatus.SUPPRESSED, decision.reason)
    return Move(message, MessageStatus.QUEUED, decision.reason, decision.until or now + ASK_AGAIN)


def _envelope(world: World, question: Question, attempt: Attempt) -> Envelope:
    message, contact = question.message, question.contact
    return Envelope(
        attempt_id=attempt.id,
        to=contact.phone,
        recipient=contact.wa_user_id,
        language=message.language,
        template=message.template,
        variables=message.variables,
        text=message.text,
        buttons=tuple((payload, title) for payload, title in message.buttons or ()),
        components=restored(message.components) if message.components else None,
        body=_words(world, message) if message.template else "",
    )


def _words(world: World, message: Message) -> str:
    account = world.senders[message.sender].account
    return world.catalogue.body(account, message.template or "", message.language)


def _result(item: Dispatch, outcome: Accepted | ChannelError, at: datetime, took_ms: int) -> Result:
    if isinstance(outcome, Accepted):
        return Result(
            item.attempt,
            Outcome.ACCEPTED,
            MessageStatus.ACCEPTED,
            at,
            wa_message_id=outcome.wa_message_id,
            held=outcome.held,
            http_status=200,
            duration_ms=took_ms,
        )
    if isinstance(outcome, NotSent):
        return _again(item, at + backoff(item.attempt.n), "not_sent", took_ms)
    if isinstance(outcome, Refused):
        return _refused(item, outcome, at, took_ms)
    return Result(item.attempt, Outcome.UNKNOWN, MessageStatus.UNKNOWN, at, reason="uncertain", duration_ms=took_ms)


def _again(item: Dispatch, when: datetime, reason: str, took_ms: int = 0) -> Result:
    return Result(
        item.attempt,
        Outcome.NOT_SENT,
        MessageStatus.QUEUED,
        when,
        reason=reason,
        error=reason,
        duration_ms=took_ms,
        send_after=when,
    )


def _refused(item: Dispatch, refused: Refused, at: datetime, took_ms: int) -> Result:
    """What follows is decided when it is stored: that depends on what came before (flow.messages.on_refused)."""
    return Result(
        item.attempt,
        Outcome.REFUSED,
        MessageStatus.FAILED,
        at,
        http_status=refused.http_status,
        error_code=refused.code,
        error=refused.detail,
        duration_ms=took_ms,
        refusal=Refusal(refused.code, refused.action, refused.wait, refused.tries, at, isinstance(refused, Unfit)),
    )
