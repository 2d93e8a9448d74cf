"""The newest data of a shop, in the words of each kind: an owner sees a real message, no example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import Notification, SubjectType, subject_of
from integration.domain.shops.events import ObjectType
from integration.domain.templates.parts import GOODS
from integration.domain.templates.templates import examples
from integration.flow.world import Shop, World
from integration.store.appointments import appointments
from integration.store.contacts import listing
from integration.store.shops import snapshots

#: what no object says
_MORE = ("place", "note", "alarm", "remedy", "code")
_APPOINTMENT, _PRODUCT = SubjectType.APPOINTMENT, SubjectType.PRODUCT


@dataclass(frozen=True, slots=True)
class Newest:
    """What came last: `facts` by the object's type, with the parcels of the order; an appointment, a person."""

    zone: ZoneInfo
    now: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    parcels: Sequence[Any] = ()
    appointment: dict[str, str] = field(default_factory=dict)
    person: Contact | None = None


def of_shop(world: World, connection: Connection, shop: Shop) -> Newest:
    """The newest order (with its parcel), cart, article, appointment and person of a shop."""
    zone, now = ZoneInfo(world.companies[shop.company].time_zone), world.clock()
    found = {str(kind): snapshots.newest(connection, shop.slug, kind) for kind in ObjectType}
    order = snapshots.newest_web_order(connection, shop.slug)
    parcels = snapshots.parcels_of(connection, [order.key]).get(order.key, []) if order else []
    facts = {kind: snapshot.facts for kind, snapshot in found.items() if snapshot}
    if order:
        facts[str(ObjectType.ORDER)] = order.facts
    if parcels:
        facts[str(ObjectType.SHIPMENT)] = parcels[-1].facts
    entered = appointments.newest(connection, shop.slug)
    appointment = {"what": entered.what, "at": entered.starts_at.astimezone(zone).isoformat()} if entered else {}
    person = listing.newest(connection, shop.company)
    return Newest(zone, now, facts, [parcel.facts for parcel in parcels], appointment, person)


def words(found: Newest, notification: Notification, shop_name: str, language: str) -> dict[str, str]:
    """The variables of a kind: real ones where there is such an object, examples for all else."""
    shown = examples(language) | {"shop": shop_name}
    about = notification.subject_type
    if (
        about not in found.facts
        and not (about is _APPOINTMENT and found.appointment)
        and about is not SubjectType.PERSON
    ):
        return shown
    more = {
        "at": found.now.isoformat(),
        **{name: shown[name] for name in _MORE if name != "note" or notification.voucher == "must"},
    }
    subject = subject_of(
        shop_name, language, found.facts, found.person, more | found.appointment, found.parcels,
        _article(found) if about is _PRODUCT else "", found.zone,
    )  # fmt: skip
    try:
        real = notification.variables(subject)
    except (LookupError, ValueError, TypeError):  # it needs what only its own message knows
        return shown
    goods = (
        dict(zip(GOODS, (str(item["name"]) for item in subject.cart["items"]), strict=False)) if subject.cart else {}
    )
    return shown | {name: value for name, value in (real | goods).items() if value}


def _article(found: Newest) -> str:
    variants = found.facts[_PRODUCT]["variants"]
    return str(variants[0]["id"]) if variants else ""
