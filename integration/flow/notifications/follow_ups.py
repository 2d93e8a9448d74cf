"""Follow-ups whose time has come: the same way as every message, with the facts and the rules of this moment."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import log
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import BY_KIND
from integration.domain.notifications.settings import Rules, rule_for
from integration.domain.shops.events import ObjectType, Snapshot, moment, object_key
from integration.flow.contacts.of_orders import people_of
from integration.flow.messages.drafts import Draft, Occasion, draft, subject_for
from integration.flow.messages.queue import queue
from integration.flow.world import World
from integration.store import db
from integration.store.contacts import contacts
from integration.store.conversations import inbound
from integration.store.notifications import demand, follow_ups, settings
from integration.store.notifications.follow_ups import FollowUp
from integration.store.shops import snapshots

BATCH = 250
TRY_AGAIN = timedelta(hours=1)
logger = log.get("follow_ups")


def sweep(world: World, now: datetime) -> int:
    """Say everything whose time has come; returns how much that was."""
    said = 0
    while found := _next(world, now):
        said += found
    return said


def _next(world: World, now: datetime) -> int:
    with world.database.read() as connection:
        due = follow_ups.due(connection, now, BATCH)
    try:
        _together(world, due, now)
    except Exception as error:
        logger.warning("batch_failed", error=log.brief(error), follow_ups=len(due))
        for item in due:
            _singly(world, item, now)
    return len(due)


def _together(world: World, due: Sequence[FollowUp], now: datetime) -> None:
    if due:
        with world.database.write() as connection:
            db.lock_people(connection)
            _say(world, connection, due, now)


def _singly(world: World, item: FollowUp, now: datetime) -> None:
    try:
        _together(world, [item], now)
    except Exception as error:
        logger.error("follow_up_failed", kind=item.kind, error=log.brief(error))
        with world.database.write() as connection:
            follow_ups.postpone(connection, item, now + TRY_AGAIN)


def _say(world: World, connection: Connection, due: Sequence[FollowUp], now: datetime) -> None:
    known = [item for item in due if item.kind in BY_KIND and item.shop in world.shops]
    objects = {object_key(item.shop, ObjectType(item.object_type), item.object_id) for item in known}
    facts = snapshots.by_key(connection, objects | {item.order_key for item in known if item.order_key})
    parcels = snapshots.parcels_of(connection, {i.order_key for i in known if i.order_key and _sees_parcels(i)})
    people = people_of(world, connection, facts, now)
    contacts.lock(connection, [person.id for person in people.values()])
    decided = settings.current(connection)
    telling = _telling(connection, known, now)
    made = [(item, _draft(world, item, facts, parcels, people, decided, telling, now)) for item in known]
    drafts = [(item, one) for item, one in made if isinstance(one, Draft)]
    _hold_back(connection, [one for item, one in drafts if BY_KIND[item.kind].unless_written])
    queue(world, connection, {one.message.key: one for _, one in drafts}, now)
    follow_ups.remove(connection, [item.slot for item in due])
    later = [replace(item, due_at=one) for item, one in made if isinstance(one, datetime)]
    steps = [step for item, one in drafts if not one.reason and (step := _next_step(item))]
    follow_ups.put(connection, later + steps)


def _hold_back(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Whoever wrote since the order is not asked whether it was good: that may have been a complaint."""
    placed = {
        one.contact.id: moment(one.subject.order["placed_at"], one.message.occurred_at) for one in drafts if one.contact
    }
    wrote = inbound.conversed(connection, list(placed), min(placed.values())) if placed else {}
    for one in drafts:
        if one.contact and wrote.get(one.contact.id, placed[one.contact.id]) > placed[one.contact.id]:
            one.reason = one.reason or "replied"


def _telling(connection: Connection, items: Sequence[FollowUp], now: datetime) -> set[str]:
    """The shops that tell of deliveries at all, as far as anybody needs to know."""
    asked = {item.shop for item in items if BY_KIND[item.kind].asks_carrier}
    return {shop for shop in asked if demand.tells_deliveries(connection, shop, now)}


def _sees_parcels(item: FollowUp) -> bool:
    return BY_KIND[item.kind].sees_parcels


def _draft(
    world: World,
    item: FollowUp,
    facts: dict[str, Snapshot],
    parcels: dict[str, list[Snapshot]],
    people: dict[str, Contact],
    decided: Rules,
    telling: Collection[str],
    now: datetime,
) -> Draft | datetime | str:
    """The message, the reason why there is none, or when to look again: a later day was promised meanwhile."""
    notification = BY_KIND[item.kind]
    order, rule = facts.get(item.order_key or ""), rule_for(decided, item.shop, item.kind)
    if order is None or not rule.on:
        return "switched_off" if order else "order_unknown"
    if notification.asks_carrier and item.shop not in telling:
        return "carrier_silent"
    about = facts.get(object_key(item.shop, ObjectType(item.object_type), item.object_id))
    occasion = Occasion(
        shop=world.shops[item.shop],
        order=order,
        shipment=about if about and about.object_type is ObjectType.SHIPMENT else None,
        at=item.due_at,
        event_id=item.event_id,
        step=item.step,
        parcels=[parcel.parcel for parcel in parcels.get(order.key, ())],
    )
    person = people.get(order.key)
    if notification.promised:
        due_at = notification.due_at(subject_for(world, occasion, person), item.occurred_at, timedelta(0))
        if due_at > now:
            return due_at
    return draft(world, notification, rule, occasion, person, now)


def _next_step(item: FollowUp) -> FollowUp | None:
    """The next message about the same fact, if the kind has one."""
    notification = BY_KIND[item.kind]
    if item.step > len(notification.steps):
        return None
    slot = f"{item.slot.removesuffix(f'/{item.step}')}/{item.step + 1}"
    due_at = item.due_at + notification.steps[item.step - 1]
    return replace(item, slot=slot, step=item.step + 1, due_at=due_at)
