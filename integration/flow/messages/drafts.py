"""Drafts: what something calls for, worded and with its times, before anybody decided whether it may be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from integration.domain import notifications
from integration.domain.consent.consent import MARKETING
from integration.domain.contacts.contacts import Contact
from integration.domain.hot_dataclass import lean
from integration.domain.notifications import NOT_YET, Notification, Subject, SubjectType, buttons, subject_of
from integration.domain.notifications.settings import Rule
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, ShipmentFacts
from integration.domain.templates.advertising import promotes
from integration.domain.templates.templates import carried, fitting
from integration.domain.text import language_of
from integration.flow.templates.templates import serving
from integration.flow.world import Shop, World
from integration.store.ids import new_id
from integration.store.messages.messages import Message

_NOTHING: Mapping[str, str] = {}


@dataclass(slots=True)
class Draft:
    """A message that something calls for. `reason` is set when it must not be sent whatever anybody agreed to."""

    message: Message
    contact: Contact | None
    subject: Subject
    reason: str = ""


@lean
class Cause:
    """What a message stands for: its key, since when it is due, and the object that it is about, if any."""

    key: str
    at: datetime
    object_type: str | None = None
    object_id: str | None = None
    order_key: str | None = None
    event_id: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a message is due: a fact about an order or its parcel, by an event or by a time that has come.

    `detail` tells repeated facts apart, `step` further messages about one fact; `at` is when it became due. An alert
    has the product in the place of the order, the article as `detail`, and the `wish` that it answers. `more` is what
    no object of the shop says.
    """

    shop: Shop
    order: Snapshot
    shipment: Snapshot | None
    at: datetime
    event_id: str | None = None
    detail: str = ""
    step: int = 1
    parcels: Sequence[ShipmentFacts] = ()
    wish: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def subject_id(self, notification: Notification) -> str:
        """The fact as it stands in the message's key."""
        id_ = self.wish or self.about(notification).object_id
        return f"{id_}:{self.detail}" if notification.repeats else id_

    def about(self, notification: Notification) -> Snapshot:
        """The object that the message is about."""
        is_parcel = notification.subject_type is SubjectType.SHIPMENT and self.shipment
        return self.shipment if is_parcel and self.shipment else self.order

    def cause(self, notification: Notification) -> Cause:
        """What the message stands for."""
        about = self.about(notification)
        return Cause(
            key=self.key(notification),
            at=self.at,
            object_type=about.object_type,
            object_id=about.object_id,
            order_key=self.order.key,
            event_id=self.event_id,
            item=f"{self.shop.slug}/{self.detail}" if self.wish else None,
        )

    def key(self, notification: Notification) -> str:
        """The message's key."""
        return notifications.message_key(
            self.shop.company, notification.kind, self.shop.slug, self.subject_id(notification), self.step
        )


def draft(
    world: World, notification: Notification, rule: Rule, occasion: Occasion, contact: Contact | None, now: datetime
) -> Draft | str:
    """The message, or the reason why the occasion makes none."""
    subject = subject_for(world, occasion, contact)
    if notification.expires_at(subject, occasion.at) < now:
        return "too_old"
    reason = notification.unless(subject)
    if reason in NOT_YET:
        return reason
    nobody = "suppressed" if occasion.order.facts.get("redacted") else "no_phone"
    message = _message(world, notification, rule, occasion.shop, subject, occasion.cause(notification))
    return Draft(message, contact, subject, reason or ("" if contact else nobody))


def subject_for(world: World, occasion: Occasion, contact: Contact | None) -> Subject:
    """What a notification sees of an occasion."""
    shop, order, shipment = occasion.shop, occasion.order, occasion.shipment
    language = language_of(contact.locale if contact else "", shop.language)
    facts: dict[str, Facts] = {order.object_type: order.facts}
    if shipment:
        facts[ObjectType.SHIPMENT] = shipment.facts
    zone = _zone(world.companies[shop.company].time_zone)
    return subject_of(
        shop.name, language, facts, contact, occasion.more, occasion.parcels, detail=occasion.detail, zone=zone
    )


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def personal(
    world: World,
    notification: Notification,
    rule: Rule,
    shop: Shop,
    person: Contact,
    cause: Cause,
    more: Mapping[str, str],
) -> Draft:
    """A message to a person that is about no object of the shop; `more` is what it tells."""
    subject = _about(shop, person, more)
    return Draft(_message(world, notification, rule, shop, subject, cause), person, subject)


def unworded(
    world: World, notification: Notification, rule: Rule, shop: Shop, person: Contact, cause: Cause
) -> Message:
    """A message to be decided on and never sent: nobody needs its words."""
    return _message(
        world, replace(notification, variables=_no_words, ends=None), rule, shop, _about(shop, person), cause
    )


def _about(shop: Shop, person: Contact, more: Mapping[str, str] = _NOTHING) -> Subject:
    return subject_of(shop.name, language_of(person.locale, shop.language), {}, person, more)


def _no_words(_subject: Subject) -> dict[str, str]:
    return {}


def _message(
    world: World, notification: Notification, rule: Rule, shop: Shop, subject: Subject, cause: Cause
) -> Message:
    variables: Mapping[str, str] = notification.variables(subject)
    template = serving(world, shop, notification.kind, subject.language, variables)
    variables = fitting(template, variables)
    waits = timedelta(0) if notification.delay else rule.delay
    return Message(
        id=new_id(),
        company=shop.company,
        sender=shop.sender,
        shop=shop.slug,
        contact_id=subject.person.id if subject.person else None,
        event_id=cause.event_id,
        object_type=cause.object_type,
        object_id=cause.object_id,
        order_key=cause.order_key,
        order_number=subject.order["number"][:64] if subject.order else None,
        kind=notification.kind,
        purpose=notification.purpose,
        key=cause.key,
        template=template.name,
        language=template.language,
        variables=variables,
        occurred_at=cause.at,
        send_after=cause.at + waits,
        expires_at=notification.expires_at(subject, cause.at),
        promotion=template.own and notification.purpose not in MARKETING and promotes(template.words),
        buttons=[[buttons.filled(payload, cause.order_key), title] for payload, title in template.buttons] or None,
        components=carried(template, variables, {}),
        item=cause.item,
        rule=rule.version,
    )
