"""From events to messages: look up the notification table and the owner's rules, and cancel what became pointless.

What is to be said at once becomes a draft and is queued; what is to be said later becomes a follow-up.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain import notifications
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import Notification, SubjectType
from integration.domain.notifications.settings import Rule, Rules, rule_for
from integration.domain.shops.events import Event, Milestone, ObjectType, Snapshot, moment
from integration.flow.automations import alerts
from integration.flow.contacts.of_orders import Known, people_of
from integration.flow.messages.drafts import Draft, Occasion, draft, subject_for
from integration.flow.messages.queue import queue
from integration.flow.world import World
from integration.store.contacts import contacts
from integration.store.messages import queued
from integration.store.notifications import follow_ups
from integration.store.notifications import settings as notification_settings
from integration.store.notifications.follow_ups import FollowUp
from integration.store.shops import events, shops, snapshots

NOTHING = Known()
ORDER_WAIT = timedelta(minutes=10)
ORDER_GIVE_UP = timedelta(days=2)
#: an order that arrives later than this is none that somebody just placed
LATELY = timedelta(days=30)
#: what becomes of an event that calls for several kinds: the first of these that is true of one of them
RANKS = ("message", "follow_up", "merged")
_VOIDED = {
    **dict.fromkeys((Milestone.PAID, Milestone.PROCESSING), "paid_meanwhile"),
    **dict.fromkeys((Milestone.CANCELLED, Milestone.FAILED, Milestone.GONE), "order_cancelled"),
    Milestone.REFUNDED: "refunded",
}

Wanted = Sequence[tuple[Notification, Rule]]


@dataclass(slots=True)
class _Answers:
    """What becomes of each event of the batch; drafts by message key, the first event of a key makes it."""

    outcomes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[str] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    later: list[FollowUp] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    products: list[Event] = field(default_factory=list)

    def end(self, event: Event, reason: str) -> None:
        """Say what became of an event, or of one of the kinds that it called for."""
        self.outcomes[event.id].append(reason)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known of the objects that the events speak of."""

    facts: Mapping[str, Snapshot]
    people: Mapping[str, Contact]
    parcels: Mapping[str, Sequence[Snapshot]]
    connected: Mapping[str, datetime]


def respond(
    world: World, connection: Connection, found: Sequence[Event], now: datetime, known: Known = NOTHING
) -> None:
    """Answer events in order of occurrence: queue messages, record reasons, cancel what became pointless."""
    if not found:
        return
    rules = notification_settings.current(connection)
    wanted = {event.id: _wanted(event, rules) for event in found}
    batch = _read(world, connection, found, wanted, now, known)
    contacts.lock(connection, [contact.id for contact in batch.people.values()])
    answers = _Answers()
    for event in found:
        _answer(world, event, wanted[event.id], batch, now, answers)
    for event in answers.products:
        _alert(world, connection, event, wanted[event.id], batch, now, answers)
    merged = queue(world, connection, answers.drafts, now) if answers.drafts else set()
    follow_ups.put(connection, answers.later)
    _void(connection, found, now)
    _seen_again(connection, found, batch.people, rules, now)
    events.finish(connection, _outcomes(answers, merged), now)
    events.postpone(connection, answers.waiting, now + ORDER_WAIT, "order_unknown")


def _wanted(event: Event, rules: Rules) -> Wanted:
    """The kinds that an event calls for and the owner sends."""
    called = [(n, rule_for(rules, event.shop, n.kind)) for n in notifications.called_for(event.milestone)]
    return [(notification, rule) for notification, rule in called if rule.on]


def _read(
    world: World,
    connection: Connection,
    found: Sequence[Event],
    wanted: Mapping[str, Wanted],
    now: datetime,
    known: Known,
) -> _Batch:
    """The snapshots that matter and the people behind them, read where they are not in hand.

    An event that neither calls for a message nor takes one back (a new price) costs nothing.
    """
    concerned = [e for e in found if wanted[e.id] or notifications.made_pointless(e.milestone)]
    needed = {key for event in concerned for key in (_object_key(event), event.order_key)}
    loaded = snapshots.by_key(connection, needed - set(known.snapshots))
    people = people_of(world, connection, loaded, now)
    several = {e.order_key for e in found if any(n.sees_parcels for n, _ in wanted[e.id])}
    return _Batch(
        {**known.snapshots, **loaded},
        {**known.people, **people},
        snapshots.parcels_of(connection, several) if several else {},
        shops.connected_at(connection),
    )


def _object_key(event: Event) -> str:
    return event.key.removesuffix(f"/{event.name}")


def _answer(world: World, event: Event, wanted: Wanted, batch: _Batch, now: datetime, answers: _Answers) -> None:
    connected_at = batch.connected.get(event.shop)
    order = batch.facts.get(event.order_key)
    if not notifications.called_for(event.milestone):
        answers.end(event, "no_notification")
    elif not wanted:
        answers.end(event, "switched_off")
    elif connected_at is None or event.occurred_at < connected_at or _is_old_business(event, batch.facts, connected_at):
        answers.end(event, "before_connection")
    elif event.object_type is ObjectType.PRODUCT:
        answers.products.append(event)
    elif order is None:
        _wait_for_order(event, now, answers)
    else:
        for notification, rule in wanted:
            _call(world, event, notification, rule, order, batch, now, answers)


def _call(
    world: World,
    event: Event,
    notification: Notification,
    rule: Rule,
    order: Snapshot,
    batch: _Batch,
    now: datetime,
    answers: _Answers,
) -> None:
    occasion = _occasion(world, event, order, batch)
    key, contact = occasion.key(notification), batch.people.get(order.key)
    if notification.delay:
        answers.later.append(_follow_up(world, event, notification, rule, occasion, contact))
        answers.end(event, "follow_up")
        return
    made = answers.drafts.get(key) or draft(world, notification, rule, occasion, contact, now)
    if isinstance(made, Draft):
        answers.drafts[key] = made
        answers.keys[event.id].append(key)
    else:
        answers.end(event, made)


def _alert(
    world: World, connection: Connection, event: Event, wanted: Wanted, batch: _Batch, now: datetime, answers: _Answers
) -> None:
    """An article is back: everybody who asked is told."""
    for notification, rule in wanted:
        for made in alerts.drafts(world, connection, event, notification, rule, batch.facts[event.order_key], now):
            if isinstance(made, Draft):
                answers.drafts[made.message.key] = made
                answers.keys[event.id].append(made.message.key)
            else:
                answers.end(event, made)
    if not (answers.keys[event.id] or answers.outcomes[event.id]):
        answers.end(event, "nobody_asked")


def _occasion(world: World, event: Event, order: Snapshot, batch: _Batch) -> Occasion:
    return Occasion(
        shop=world.shops[event.shop],
        order=order,
        shipment=batch.facts[_object_key(event)] if event.object_type is ObjectType.SHIPMENT else None,
        at=event.occurred_at,
        event_id=event.id,
        detail=event.name.partition(":")[2],
        parcels=[parcel.parcel for parcel in batch.parcels.get(order.key, ())],
    )


def _follow_up(
    world: World, event: Event, notification: Notification, rule: Rule, occasion: Occasion, contact: Contact | None
) -> FollowUp:
    about = occasion.about(notification)
    due_at = event.occurred_at + rule.delay
    if notification.promised:
        due_at = notification.due_at(subject_for(world, occasion, contact), event.occurred_at, rule.delay)
    slot = occasion.key(notification)
    if notification.newest_only and contact:
        slot = notifications.message_key(contact.company, notification.kind, event.shop, contact.id)
    return FollowUp(
        slot=slot,
        shop=event.shop,
        kind=notification.kind,
        step=1,
        object_type=about.object_type,
        object_id=about.object_id,
        order_key=occasion.order.key,
        contact_id=contact.id if contact else None,
        event_id=event.id,
        occurred_at=event.occurred_at,
        due_at=due_at,
    )


def _outcomes(answers: _Answers, merged: set[str]) -> dict[str, str]:
    """One word for each event: what is best about it, a reason only where nothing came of it."""
    for event_id, keys in answers.keys.items():
        answers.outcomes[event_id] += ["merged" if key in merged else "message" for key in keys]
    return {event_id: min(said, key=_rank) for event_id, said in answers.outcomes.items()}


def _rank(outcome: str) -> int:
    return RANKS.index(outcome) if outcome in RANKS else len(RANKS)


def _is_old_business(event: Event, facts: Mapping[str, Snapshot], connected_at: datetime) -> bool:
    """Whether this is news only because an order from before the connection was touched.

    Nobody thanks today for an order of then that is paid now, nor announces a parcel of which nobody says when it left.
    """
    order = facts.get(event.order_key)
    if (
        order is None
        or order.object_type is not ObjectType.ORDER
        or moment(order.facts["placed_at"], connected_at) >= connected_at
    ):
        return False
    if event.milestone is Milestone.SHIPPED:
        return not facts[_object_key(event)].facts["shipped_at"]
    return event.milestone is Milestone.PAID


def _wait_for_order(event: Event, now: datetime, answers: _Answers) -> None:
    if now - event.received_at > ORDER_GIVE_UP:
        answers.end(event, "order_unknown")
    else:
        answers.waiting.append(event.id)


def _void(connection: Connection, found: Sequence[Event], now: datetime) -> None:
    """Cancel what waits and became pointless; set-wise, one statement for each sort of news."""
    news: dict[tuple[tuple[str, ...], str, bool], list[Event]] = defaultdict(list)
    for event in found:
        reason = _VOIDED.get(event.milestone, "overtaken")
        pointless = notifications.made_pointless(event.milestone)
        is_parcel = event.object_type is ObjectType.SHIPMENT
        own = tuple(n.kind for n in pointless if is_parcel and n.subject_type is SubjectType.SHIPMENT)
        others = tuple(n.kind for n in pointless if n.kind not in own)
        for kinds, narrow in ((own, True), (others, False)):
            if kinds:
                news[kinds, reason, narrow].append(event)
    for (kinds, reason, narrow), of in news.items():
        orders = [event.order_key for event in of]
        parcels = [event.object_id for event in of] if narrow else []
        queued.cancel_for_orders(connection, orders, kinds, reason, now, parcels)
        follow_ups.void(connection, orders, kinds)


def _seen_again(
    connection: Connection, found: Sequence[Event], people: Mapping[str, Contact], rules: Rules, now: datetime
) -> None:
    """Who orders takes back what waits to call them back: only the newest order of a person counts for such kinds."""
    orders = {
        event.order_key: people[event.order_key].id
        for event in found
        if event.milestone is Milestone.PLACED and event.order_key in people and now - event.occurred_at < LATELY
    }
    kinds = [n.kind for n in notifications.NOTIFICATIONS if n.newest_only] if orders else []
    wanted = {kind for kind in kinds for event in found if rule_for(rules, event.shop, kind).on}
    if wanted:
        queued.cancel_of_people(connection, orders, wanted, "bought", now)
