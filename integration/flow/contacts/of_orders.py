"""Whose order it is: the contact behind the phone number as typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from integration.domain.contacts.contacts import Contact, read_phone
from integration.domain.shops.events import ObjectType, Origin, Snapshot
from integration.domain.shops.facts import redacted
from integration.flow.world import World
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.shops import snapshots

#: a snapshot, when it arrived, in which body and by which way
Arrived = tuple[Snapshot, datetime, str | None, Origin]
WITH_PEOPLE = frozenset({ObjectType.ORDER, ObjectType.CUSTOMER})


@dataclass(frozen=True, slots=True)
class Known:
    """What a batch has in hand already: the snapshots that changed, and their people, by snapshot key."""

    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    people: Mapping[str, Contact] = field(default_factory=dict)


def people_of(world: World, connection: Connection, found: Mapping[str, Snapshot], now: datetime) -> dict[str, Contact]:
    """The contact of each order or customer that has a usable phone number, by snapshot key; made when new."""
    wanted: dict[str, Person] = {}
    for key, snapshot in found.items():
        if snapshot.object_type in WITH_PEOPLE and (person := _person(world, snapshot)):
            wanted[key] = person
    known = dict(zip(wanted, identity_resolution.resolve(connection, list(wanted.values()), now), strict=True))
    return known | _claimed(connection, [s for key, s in found.items() if key not in known])


def _claimed(connection: Connection, found: Sequence[Snapshot]) -> dict[str, Contact]:
    """Who has taken an order without a phone for their own, in the chat."""
    nameless = [s.key for s in found if s.object_type is ObjectType.ORDER and s.facts.get("code")]
    holders = snapshots.holders(connection, nameless) if nameless else {}
    people = contacts.by_id(connection, holders.values()) if holders else {}
    return {key: people[id_] for key, id_ in holders.items() if id_ in people and not people[id_].erased_at}


def without_erased(
    world: World, connection: Connection, found: Sequence[Arrived], stored: Mapping[str, Snapshot]
) -> list[Arrived]:
    """The same facts, those of erased people redacted: a shop's re-sync must not bring anybody back (GDPR Art. 17).

    Who has signed up again from the own phone is a contact again, and counts. An object without a phone stays
    redacted as it is `stored`, unless somebody took it for their own since.
    """
    phones = dict(_phones(world, found))
    suppressed: dict[str, set[str]] = {}
    for company in {company for company, _ in phones.values()}:
        wanted = {number for owner, number in phones.values() if owner == company}
        listed = world.ledger.suppressed(connection, company, wanted)
        suppressed[company] = listed - contacts.living(connection, company, listed)
    gone = {key for key, (company, number) in phones.items() if number in suppressed[company]}
    nameless = {s.key for s, *_ in found if s.key not in phones}
    emptied = {key for key in nameless if key in stored and stored[key].facts.get("redacted")}
    gone |= emptied - (snapshots.holders(connection, emptied).keys() if emptied else set())
    return [(_redacted(item[0]), *item[1:]) if item[0].key in gone else item for item in found]


def _phones(world: World, found: Sequence[Arrived]) -> Iterator[tuple[str, tuple[str, str]]]:
    for snapshot, *_ in found:
        shop = world.shops[snapshot.shop]
        typed = snapshot.facts.get("phone")
        phone = read_phone(typed, snapshot.facts["country"] or shop.context.country) if typed else None
        if phone:
            yield snapshot.key, (shop.company, phone.number)


def _redacted(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, facts=redacted(snapshot.facts))


def _person(world: World, order: Snapshot) -> Person | None:
    shop, facts = world.shops[order.shop], order.facts
    phone = read_phone(facts["phone"], facts["country"] or shop.context.country)
    if not phone:
        return None
    name = f"{facts['first_name']} {facts['last_name']}".strip()
    # the state of the bill is the state of the person only where the phone is of the same country
    region = facts.get("region") if phone.country == facts["country"] else None
    return Person(
        shop.company, phone.number, name=name, locale=facts["locale"], country=phone.country, region=region or None
    )
