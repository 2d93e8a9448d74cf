"""Whose order it is: the contact behind the phone number as typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from integration.domain.contacts import Contact, read_phone
from integration.domain.events import ObjectType, Snapshot
from integration.flow.world import World
from integration.store import contacts
from integration.store.contacts import Person

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
    return dict(zip(wanted, contacts.resolve(connection, list(wanted.values()), now), strict=True))


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
