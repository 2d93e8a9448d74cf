"""Carts: fed by the same transaction as their snapshots, and looked at when they were left alone.

A typed phone makes no contact: a cart is linked to one that exists already, or to none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from integration.domain.carts import carts as rules
from integration.domain.carts import reminders
from integration.domain.carts.carts import Cart, CartState, Part, Purchase
from integration.domain.contacts.contacts import Contact, read_phone
from integration.domain.shops.events import ObjectType, Snapshot, moment
from integration.flow.carts import attribution, settings
from integration.flow.carts import reminders as cart_reminders
from integration.flow.world import World
from integration.store import db
from integration.store.carts import carts
from integration.store.contacts import contacts

BATCH = 500
KEY = 32


@dataclass(slots=True)
class _Person:
    """What is known of one person in one shop: carts and new parts that share a key."""

    shop: str
    keys: set[str] = field(default_factory=set)
    held: list[Cart] = field(default_factory=list)
    fresh: list[Part] = field(default_factory=list)


def absorb(
    world: World, connection: Connection, news: Iterable[Snapshot], before: Mapping[str, Snapshot], now: datetime
) -> None:
    """Take in changed carts and new orders; `before` are the snapshots as they were stored. Set-wise."""
    attribution.revised(connection, news, before, now)
    found = [(item, *_part(world, item)) for item in news if item.object_type is ObjectType.CART]
    orders = [item for item in news if _is_new_purchase(item, before.get(item.key), now)]
    bought = [_purchase(world, item) for item in orders]
    if not found and not bought:
        return
    carts.note_purchases(connection, bought)
    attribution.by_voucher(connection, orders, now)
    wanted = {key for _, _, keys in found for key in keys}.union(*(item.keys for item in bought))
    held = carts.by_key(connection, wanted)
    if found or held:
        _settle(world, connection, _people(held, found), orders, now)


def sweep(world: World, now: datetime) -> dict[CartState, int]:
    """Look at every cart whose time has come; returns how many were abandoned and how many expired."""
    counts = {CartState.ABANDONED: 0, CartState.EXPIRED: 0}
    while found := _look(world, now):
        for item in found:
            if item.state is CartState.EXPIRED or item.abandoned_at == now:
                counts[item.state if item.state is CartState.EXPIRED else CartState.ABANDONED] += 1
    return counts


def forget_contact(world: World, connection: Connection, person: Contact) -> int:
    """Delete what carts know of a person, in every shop of the company. Returns how many carts that were."""
    names = rules.people_keys("", person.phone or "", "")
    theirs = [shop.slug for shop in world.shops.values() if shop.company == person.company]
    return carts.forget_known(connection, person.id, [key for shop in theirs for key in _hashed(world, shop, names)])


def _settle(
    world: World, connection: Connection, people: Iterable[_Person], placed: Iterable[Snapshot], now: datetime
) -> None:
    """Form each person's carts anew from everything that is known, store what changed, and stop reminders."""
    everyone = list(people)
    bought: dict[str, list[Purchase]] = defaultdict(list)
    for order in carts.purchases(connection, {key for person in everyone for key in person.keys}):
        for key in order.keys:
            bought[key].append(order)
    changed: list[Cart] = []
    dropped: set[str] = set()
    for person in everyone:
        keys = frozenset(person.keys)
        orders = list({order.order_id: order for key in keys & bought.keys() for order in bought[key]}.values())
        after = rules.settle(person.held, person.fresh, orders, person.shop, keys)
        changed += [item for item in after if item not in person.held]
        dropped |= {item.id for item in person.held} - {item.id for item in after}
    held = [item for person in everyone for item in person.held]
    linked = _governed(connection, _linked(world, connection, changed))
    carts.save(connection, linked, held, dropped)
    cart_reminders.stop(world, connection, linked, [item for item in held if item.id in dropped], now)
    before = {item.id: item for item in held}
    ordered = [item for item in linked if item.ordered_at and not (item.id in before and before[item.id].ordered_at)]
    attribution.by_person(connection, ordered, placed, now)


def _look(world: World, now: datetime) -> list[Cart]:
    """One batch; a person may have become a contact since the cart was left."""
    with world.database.write() as connection:
        db.lock_people(connection)  # reminders hold people after their carts; whoever else does so waits its turn
        held = _governed(connection, carts.due(connection, now, BATCH))
        found = _linked(world, connection, [rules.looked_at(item, now) for item in held])
        known = settings.of(connection, [item.shop for item in found])
        left = [reminders.planned(item, known[item.shop]) for item in found]
        after = cart_reminders.plan(world, connection, left, now)
        carts.save(connection, after, held)
    return after


def _governed(connection: Connection, found: Sequence[Cart]) -> list[Cart]:
    """With the patience of their shops."""
    known = settings.of(connection, [item.shop for item in found]) if found else {}
    return [reminders.governed(item, known[item.shop]) for item in found]


def _linked(world: World, connection: Connection, found: Sequence[Cart]) -> list[Cart]:
    """With the contacts that have these phones now."""
    phones = {(world.shops[item.shop].company, item.phone) for item in found if item.phone}
    known = contacts.with_phones(connection, phones)
    return [
        replace(item, contact_id=known.get((world.shops[item.shop].company, item.phone), item.contact_id))
        for item in found
    ]


def _people(held: Iterable[Cart], found: Iterable[tuple[Snapshot, Part, list[str]]]) -> list[_Person]:
    """Carts and parts that share a key, directly or through others, are one person's."""
    by_key: dict[str, _Person] = {}
    for item in held:
        _joined(by_key, item.shop, item.keys).held.append(item)
    for snapshot, part, keys in found:
        _joined(by_key, snapshot.shop, keys).fresh.append(part)
    return list({id(person): person for person in by_key.values()}.values())


def _joined(by_key: dict[str, _Person], shop: str, keys: Iterable[str]) -> _Person:
    person = _Person(shop, set(keys))
    for other in {id(by_key[key]): by_key[key] for key in person.keys if key in by_key}.values():
        person.keys |= other.keys
        person.held += other.held
        person.fresh += other.fresh
    by_key.update(dict.fromkeys(person.keys, person))
    return person


def _part(world: World, cart: Snapshot) -> tuple[Part, list[str]]:
    ids = _hashed(world, cart.shop, rules.ids_of(cart))
    phone = _phone(world, cart)
    people = _hashed(world, cart.shop, rules.people_keys_of(cart, phone))
    return rules.part_of(cart, ids, phone, named=bool(people)), ids + people


def _purchase(world: World, order: Snapshot) -> Purchase:
    names = rules.ids_of(order) + rules.people_keys_of(order, _phone(world, order))
    at = moment(order.facts["placed_at"], order.version)
    return Purchase(order.object_id, at, frozenset(_hashed(world, order.shop, names)))


def _is_new_purchase(order: Snapshot, before: Snapshot | None, now: datetime) -> bool:
    """The first sight of a bought order; who bought long ago matters to no cart."""
    if order.object_type is not ObjectType.ORDER or not rules.is_purchase(order) or rules.is_purchase(before):
        return False
    return moment(order.facts["placed_at"], order.version) >= now - rules.KEPT_FOR


def _phone(world: World, item: Snapshot) -> str:
    facts = item.facts
    found = read_phone(facts["phone"], facts["country"] or world.shops[item.shop].context.country)
    return found.number if found else ""


def _hashed(world: World, shop: str, names: Iterable[str]) -> list[str]:
    return [world.vault.keyed_hash(shop, name)[:KEY] for name in names]
