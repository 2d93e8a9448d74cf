"""The rehearsal (Probelauf): today's rules over the orders of the last weeks. Nothing is sent, nothing is stored.

The same drafts and the same decision as for real messages, each at its own time, as if every template were approved.
What cannot be known afterwards is left out: caps count real messages only, carts are not rehearsed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from integration.domain import notifications
from integration.domain.consent.decision import Deny
from integration.domain.contacts.contacts import Contact
from integration.domain.costs.pricing import Price
from integration.domain.hot_dataclass import lean
from integration.domain.notifications import Notification
from integration.domain.notifications.rehearsal import Scene, as_of, scenes
from integration.domain.notifications.settings import Rule, Rules, rule_for
from integration.domain.shops.events import ObjectType, Snapshot, moment
from integration.flow.messages.decide import Question, suppose_all
from integration.flow.messages.drafts import Draft, Occasion, draft, subject_for
from integration.flow.world import World
from integration.store.contacts import contacts
from integration.store.messages.messages import Message
from integration.store.notifications import demand, rehearsal
from integration.store.notifications import settings as notification_settings
from integration.store.shops import snapshots

#: how far apart two facts may lie that one message tells
TOGETHER = timedelta(minutes=1)
SAMPLES = 3

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Rehearsal:
    """What today's rules would have done. `refused` counts by kind and reason, `samples` are messages by kind.

    `off` counts what kinds that are switched off would have been called for; `cost` is what Meta would have charged, by
    currency.
    """

    since: datetime
    orders: int = 0
    written: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    off: Counter[str] = field(default_factory=Counter)
    cost: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    samples: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))

    def note(self, message: Message, reason: str, price: Price | None = None) -> None:
        """Count one message, refused for a reason or sent at a price."""
        if reason or price is None:
            self.refused[message.kind, reason] += 1
            return
        self.written[message.kind] += 1
        self.cost[price.currency] += price.amount
        if len(self.samples[message.kind]) < SAMPLES:
            self.samples[message.kind].append(message)


@dataclass(frozen=True, slots=True)
class Play:
    """By which rules orders are told again. `telling` are the shops that tell of deliveries.

    `only`: this kind alone is of interest, as if it were switched on.
    """

    world: World
    rules: Rules
    now: datetime
    telling: Collection[str] = ()
    only: Notification | None = None

    def rule(self, shop: str, notification: Notification) -> Rule | None:
        """The rule of a kind; None for one that does not matter. What may tell the news of the only one does."""
        found = rule_for(self.rules, shop, notification.kind)
        if self.only is None or notification.kind in self.only.told_by:
            return found
        return replace(found, on=True) if notification is self.only else None


@lean
class Supposed:
    """A message as it would have been: refused for a `reason`, or left at a `price`."""

    draft: Draft
    reason: str
    price: Price | None = None


def rehearse(world: World, since: datetime, now: datetime, progress: Progress = lambda _done, _all: None) -> Rehearsal:
    """Tell the orders that were placed since then again. `progress` is called with (orders done, orders in all)."""
    result = Rehearsal(since)
    with world.database.read() as connection:
        play = Play(world, notification_settings.current(connection), now, telling(world, connection, now))
        total = rehearsal.count(connection, list(world.shops), since)
    seen = 0
    for orders in rehearsal.orders(world.database, list(world.shops), since):
        told = [order for order in orders if placed_at(order) >= since]
        with world.database.read() as connection:
            for item in tell(play, connection, told, result.off):
                result.note(item.draft.message, item.reason, item.price)
        result.orders += len(told)
        seen += len(orders)
        progress(seen, total)
    return result


def telling(world: World, connection: Connection, now: datetime) -> set[str]:
    """The shops that tell of deliveries at all."""
    return {shop for shop in world.shops if demand.tells_deliveries(connection, shop, now)}


def placed_at(order: Snapshot) -> datetime:
    """When an order was placed."""
    return moment(order.facts["placed_at"], order.version)


def tell(play: Play, connection: Connection, orders: Sequence[Snapshot], off: Counter[str]) -> Iterator[Supposed]:
    """What these orders would have called for; `off` counts what kinds that are switched off were called for."""
    keys = [order.key for order in orders]
    parcels = snapshots.parcels_of(connection, keys)
    holders = snapshots.holders(connection, keys)
    people = contacts.by_id(connection, set(holders.values()))
    drafts: list[Draft] = []
    for order in orders:
        contact = people.get(holders.get(order.key, ""))
        drafts += _drafts(play, order, parcels.get(order.key, ()), contact, off)
    yield from _decided(play.world, connection, drafts)


def _decided(world: World, connection: Connection, drafts: Sequence[Draft]) -> Iterator[Supposed]:
    yield from (Supposed(item, item.reason) for item in drafts if item.reason)
    asked = {item.message.id: item for item in drafts if item.contact and not item.reason}
    questions = [Question(item.message, item.contact) for item in asked.values() if item.contact]
    for question, decision, price in suppose_all(world, connection, questions):
        reason = decision.reason if isinstance(decision, Deny) else ""
        yield Supposed(asked[question.message.id], reason, price)


def _drafts(
    play: Play, order: Snapshot, parcels: Sequence[Snapshot], contact: Contact | None, off: Counter[str]
) -> Iterator[Draft]:
    """What an order's life calls for, without what another message tells or what was overtaken before its time."""
    life = scenes(order, parcels)
    made: dict[str, Draft] = {}
    for scene in life:
        for notification in notifications.called_for(scene.occurrence.milestone):
            rule = play.rule(order.shop, notification)
            if rule is None:
                continue
            times = _due(play, order, parcels, scene, notification, rule)
            due = [at for at in times if not _is_overtaken(notification, scene, life, at)]
            if due and not rule.on:
                off[notification.kind] += 1
                continue
            for step, at in enumerate(due, start=1):
                occasion = _occasion(play.world, order, parcels, scene, step, at)
                found = draft(play.world, notification, rule, occasion, contact, at)
                if isinstance(found, Draft) and notification.asks_carrier and order.shop not in play.telling:
                    found.reason = found.reason or "carrier_silent"
                if isinstance(found, Draft) and not _is_told(notification, found, made.values()):
                    made.setdefault(found.message.key, found)
    yield from made.values()


def _due(
    play: Play, order: Snapshot, parcels: Sequence[Snapshot], scene: Scene, notification: Notification, rule: Rule
) -> Iterator[datetime]:
    """When the message and its further steps would have been due, as far as that lies behind us."""
    at = scene.occurrence.at
    if notification.promised:
        occasion = _occasion(play.world, order, parcels, scene, 1, at)
        at = notification.due_at(subject_for(play.world, occasion, None), at, rule.delay)
    else:
        at += rule.delay if notification.delay else timedelta(0)
    for wait in (timedelta(0), *notification.steps):
        at += wait
        if at <= play.now:
            yield at


def _occasion(
    world: World, order: Snapshot, parcels: Sequence[Snapshot], scene: Scene, step: int, at: datetime
) -> Occasion:
    """The message's cause, with the facts of its own time."""
    about = as_of(scene.about, at)
    return Occasion(
        shop=world.shops[order.shop],
        order=as_of(order, at),
        shipment=about if about.object_type is ObjectType.SHIPMENT else None,
        at=at,
        detail=scene.occurrence.detail,
        step=step,
        parcels=[as_of(parcel, at).parcel for parcel in parcels],
    )


def _is_overtaken(notification: Notification, scene: Scene, life: Sequence[Scene], at: datetime) -> bool:
    return at > scene.occurrence.at and any(
        other.occurrence.milestone in notification.void_on and scene.occurrence.at <= other.occurrence.at <= at
        for other in life
    )


def _is_told(notification: Notification, item: Draft, made: Iterable[Draft]) -> bool:
    others = [other for other in made if other.message.kind in notification.told_by]
    return any(item.message.occurred_at - other.message.occurred_at <= TOGETHER for other in others)
