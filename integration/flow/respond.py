"""From events to messages: look up the notification table, decide, queue, or record why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import metrics
from integration.domain import notifications
from integration.domain.contacts import Contact
from integration.domain.decision import Decision, Defer, Deny
from integration.domain.events import Event, Milestone, ObjectType, Snapshot, moment
from integration.domain.facts import Facts
from integration.domain.notifications import Notification, Subject, subject_of
from integration.domain.status import MessageStatus
from integration.domain.templates import template_for
from integration.domain.text import language_of
from integration.flow.deciding import WAITABLE, Question, decide_all
from integration.flow.people import Known, people_of
from integration.flow.world import Shop, World
from integration.store import contacts, events, messages, shops, snapshots
from integration.store.db import announce
from integration.store.ids import new_id
from integration.store.messages import Message

NOTHING = Known()
ORDER_WAIT = timedelta(minutes=10)
ORDER_GIVE_UP = timedelta(days=2)


@dataclass(slots=True)
class _Draft:
    """A message that an event calls for. `reason` is set when it must not be sent whatever anybody agreed to."""

    message: Message
    contact: Contact | None
    reason: str = ""


@dataclass(slots=True)
class _Answers:
    """What becomes of each event of the batch; drafts by message key, the first event of a key makes it."""

    outcomes: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    drafts: dict[str, _Draft] = field(default_factory=dict)


def respond(
    world: World, connection: Connection, found: Sequence[Event], now: datetime, known: Known = NOTHING
) -> None:
    """Answer events in order of occurrence: queue messages, record reasons, cancel what became pointless."""
    if not found:
        return
    facts, people = _facts(world, connection, [event for event in found if _concerns_messages(event)], now, known)
    contacts.lock(connection, [contact.id for contact in people.values()])
    connected = shops.connected_at(connection)
    answers = _Answers()
    for event in found:
        _answer(world, event, facts, people, connected.get(event.shop), now, answers)
    if answers.drafts:
        _queue(world, connection, answers, now)
    _void(connection, found, now)
    events.finish(connection, answers.outcomes, now)
    events.postpone(connection, answers.waiting, now + ORDER_WAIT, "order_unknown")


def _concerns_messages(event: Event) -> bool:
    """Whether it calls for a message or takes one back; a new price does neither, and costs nothing."""
    return bool(notifications.called_for(event) or notifications.made_pointless(event.milestone))


def _facts(
    world: World, connection: Connection, found: Sequence[Event], now: datetime, known: Known
) -> tuple[Mapping[str, Snapshot], Mapping[str, Contact]]:
    """The snapshots that these events speak of and the people behind them, read where they are not in hand."""
    needed = {key for event in found for key in (_object_key(event), event.order_key)}
    loaded = snapshots.by_key(connection, needed - set(known.snapshots))
    people = people_of(world, connection, loaded, now)
    return {**known.snapshots, **loaded}, {**known.people, **people}


def _object_key(event: Event) -> str:
    return event.key.removesuffix(f"/{event.name}")


def _answer(
    world: World,
    event: Event,
    facts: Mapping[str, Snapshot],
    people: Mapping[str, Contact],
    connected_at: datetime | None,
    now: datetime,
    answers: _Answers,
) -> None:
    called_for = notifications.called_for(event)
    order = facts.get(event.order_key)
    if not called_for:
        answers.outcomes[event.id] = "no_notification"
    elif connected_at is None or event.occurred_at < connected_at or _is_old_business(event, facts, connected_at):
        answers.outcomes[event.id] = "before_connection"
    elif order is None:
        _wait_for_order(event, now, answers)
    else:
        shipment = facts[_object_key(event)] if event.object_type is ObjectType.SHIPMENT else None
        for notification in called_for:
            key = notifications.message_key(
                world.shops[event.shop].company, notification.kind, event.shop, event.object_id
            )
            draft = answers.drafts.get(key) or _draft(
                world, event, notification, order, shipment, people.get(order.key), now
            )
            answers.outcomes[event.id] = draft if isinstance(draft, str) else "message"
            if isinstance(draft, _Draft):
                answers.drafts[key] = draft


def _is_old_business(event: Event, facts: Mapping[str, Snapshot], connected_at: datetime) -> bool:
    """Whether this is news only because an order from before the connection was touched.

    Nobody thanks today for an order of then that is paid now, nor announces a parcel of which nobody says when it left.
    """
    order = facts.get(event.order_key)
    if order is None or moment(order.facts["placed_at"], connected_at) >= connected_at:
        return False
    if event.milestone is Milestone.SHIPPED:
        return not facts[_object_key(event)].facts["shipped_at"]
    return event.milestone is Milestone.PAID


def _wait_for_order(event: Event, now: datetime, answers: _Answers) -> None:
    if now - event.received_at > ORDER_GIVE_UP:
        answers.outcomes[event.id] = "order_unknown"
    else:
        answers.waiting.append(event.id)


def _draft(
    world: World,
    event: Event,
    notification: Notification,
    order: Snapshot,
    shipment: Snapshot | None,
    contact: Contact | None,
    now: datetime,
) -> _Draft | str:
    """The message, or the reason why the event makes none."""
    shop = world.shops[event.shop]
    language = language_of(contact.locale if contact else "", shop.language)
    objects: dict[str, Facts] = {item.object_type: item.facts for item in (order, shipment) if item}
    subject = subject_of(shop.name, language, objects, contact)
    if notification.expires_at(subject, event.occurred_at) <= now:
        return "too_old"
    reason = notification.unless(subject)
    if reason in notifications.NOT_YET:
        return reason
    message = _message(event, notification, subject, shop, contact)
    nobody = "suppressed" if order.facts.get("redacted") else "no_phone"
    return _Draft(message, contact, reason or ("" if contact else nobody))


def _message(
    event: Event, notification: Notification, subject: Subject, shop: Shop, contact: Contact | None
) -> Message:
    template = template_for(notification.kind, subject.language, shop.address)
    return Message(
        id=new_id(),
        company=shop.company,
        sender=shop.sender,
        shop=shop.slug,
        contact_id=contact.id if contact else None,
        event_id=event.id,
        object_type=event.object_type,
        object_id=event.object_id,
        order_key=event.order_key,
        order_number=subject.order["number"][:64],
        kind=notification.kind,
        purpose=notification.purpose,
        key=notifications.message_key(shop.company, notification.kind, shop.slug, event.object_id),
        template=template.name,
        language=template.language,
        variables=notification.variables(subject),
        text=None,
        status=MessageStatus.QUEUED,
        reason=None,
        tries=0,
        occurred_at=event.occurred_at,
        send_after=event.occurred_at + notification.delay,
        expires_at=notification.expires_at(subject, event.occurred_at),
    )


def _queue(world: World, connection: Connection, answers: _Answers, now: datetime) -> None:
    fresh = dict(answers.drafts)
    for key in messages.known_keys(connection, fresh):
        del fresh[key]
    refused = [_suppressed(draft.message, draft.reason) for draft in fresh.values() if draft.reason]
    questions = [Question(d.message, d.contact) for d in fresh.values() if d.contact and not d.reason]
    decided = decide_all(world, connection, questions, "queue")
    queued = [_placed(answer.question.message, answer.decision, now) for answer in decided]
    messages.add(connection, refused + queued, now)
    messages.record(connection, [answer.verdict for answer in decided], now)
    if queued:
        announce(connection, "due")
    _count(refused + queued)


def _placed(message: Message, decision: Decision, now: datetime) -> Message:
    if isinstance(decision, Deny) and decision.reason in WAITABLE:
        return messages.queued_as(message, MessageStatus.QUEUED, decision.reason, now + WAITABLE[decision.reason])
    if isinstance(decision, Deny):
        return _suppressed(message, decision.reason)
    if isinstance(decision, Defer):
        return messages.queued_as(message, MessageStatus.QUEUED, decision.reason, decision.until or now)
    return messages.queued_as(message, MessageStatus.QUEUED, None, now)


def _suppressed(message: Message, reason: str) -> Message:
    return messages.queued_as(message, MessageStatus.SUPPRESSED, reason, message.send_after)


def _count(made: Sequence[Message]) -> None:
    metrics.count(metrics.MESSAGES, (message.status for message in made))
    metrics.count(metrics.DENIED, (m.reason or "" for m in made if m.status == MessageStatus.SUPPRESSED))


def _void(connection: Connection, found: Sequence[Event], now: datetime) -> None:
    for event in found:
        kinds = notifications.made_pointless(event.milestone)
        if kinds and event.object_type is ObjectType.ORDER:
            messages.cancel_for_orders(connection, event.order_key, kinds, now)
