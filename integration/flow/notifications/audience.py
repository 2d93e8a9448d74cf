"""Who would get it? One kind of message over the last weeks of a shop, as if it were switched on. Nothing is stored.

Orders and parcels are told again by the rehearsal; of other kinds those are judged who wait for it now: who asked for
an article, whose birthday or appointment comes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.appointments.appointments import AppointmentState
from integration.domain.automations.birthdays import HOUR, birthday
from integration.domain.consent.consent import SCOPES, Purpose
from integration.domain.consent.decision import Deny
from integration.domain.contacts.contacts import Contact
from integration.domain.hot_dataclass import lean
from integration.domain.notifications import Notification, SubjectType
from integration.domain.notifications.settings import Rule
from integration.domain.shops.events import Snapshot
from integration.flow.messages.decide import Question, suppose_all
from integration.flow.messages.drafts import Cause, unworded
from integration.flow.notifications.rehearsal import Play, placed_at, tell, telling
from integration.flow.world import Shop, World
from integration.store.appointments import appointments
from integration.store.automations import alerts, birthdays
from integration.store.contacts import contacts
from integration.store.notifications import rehearsal, settings
from integration.store.shops import products

SPAN = timedelta(days=30)
#: orders that are looked through while somebody waits, and people that are listed
MOST_ORDERS, LISTED = 5_000, 200
OF_ORDERS = frozenset({SubjectType.ORDER, SubjectType.SHIPMENT})


@lean
class Case:
    """One message that would have been: to whom, about what (an order's number, an article), and why not."""

    contact: Contact | None
    about: str
    at: datetime
    reason: str


@dataclass(slots=True)
class Audience:
    """Who would get a kind. `cut`: the shop has more orders than were looked through."""

    kind: str
    orders: int = 0
    cut: bool = False
    cases: list[Case] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        """Count one."""
        self.cases.append(case)
        if case.reason:
            self.refused[case.reason] += 1

    @property
    def reached(self) -> int:
        """How many would leave."""
        return len(self.cases) - self.refused.total()

    @property
    def people(self) -> int:
        """To how many people."""
        return len({case.contact.id for case in self.cases if case.contact and not case.reason})


def knows(notification: Notification) -> bool:
    """Whether anybody can say in advance who gets a kind."""
    return notification.subject_type in OF_ORDERS or notification.purpose in _WAITING


def audience(world: World, shop: str, notification: Notification, now: datetime) -> Audience:
    """Who would get this kind in this shop: of the last 30 days, or who waits for it; the newest first."""
    found = Audience(notification.kind)
    if notification.subject_type in OF_ORDERS:
        _of_orders(world, shop, notification, now, found)
    elif waiting := _WAITING.get(notification.purpose):
        with world.database.read() as connection:
            for case in waiting(world, connection, world.shops[shop], notification, now):
                found.add(case)
    found.cases.sort(key=lambda case: case.at, reverse=True)
    return found


def _of_orders(world: World, shop: str, notification: Notification, now: datetime, found: Audience) -> None:
    with world.database.read() as connection:
        play = Play(world, settings.current(connection), now, telling(world, connection, now), notification)
        rule = play.rule(shop, notification)
        since = now - SPAN - (rule.delay if rule else notification.delay)
        found.cut = rehearsal.count(connection, [shop], since) > MOST_ORDERS
    for orders in rehearsal.orders(world.database, [shop], since):
        with world.database.read() as connection:
            _tell(play, connection, [order for order in orders if placed_at(order) >= since], found)
        if found.orders >= MOST_ORDERS:
            break


def _tell(play: Play, connection: Connection, orders: Sequence[Snapshot], found: Audience) -> None:
    found.orders += len(orders)
    for item in tell(play, connection, orders, Counter()):
        message = item.draft.message
        if message.kind == found.kind and message.occurred_at >= play.now - SPAN:
            about = message.order_number or ""
            found.add(Case(item.draft.contact, about, message.occurred_at, item.reason))


def _wished(world: World, connection: Connection, shop: Shop, kind: Notification, now: datetime) -> Iterator[Case]:
    """Who waits for an article."""
    scope = (SCOPES[kind.purpose] or "").replace("{item}", f"{shop.slug}/")
    wished = alerts.beginning(connection, shop.company, scope)
    people = contacts.by_id(connection, {wish.contact_id for wish in wished})
    causes = [
        (people[wish.contact_id], Cause(wish.id, wish.at, item=wish.item))
        for wish in wished
        if wish.contact_id in people and not people[wish.contact_id].erased_at
    ]
    for person, cause, reason in _judged(world, connection, shop, kind, causes, now):
        article = products.find(connection, shop.slug, (cause.item or "").partition("/")[2])
        yield Case(person, article.name if article else (cause.item or ""), cause.at, reason)


def _born(world: World, connection: Connection, shop: Shop, kind: Notification, now: datetime) -> Iterator[Case]:
    """Whose birthday comes in the next weeks."""
    zone = ZoneInfo(world.companies[shop.company].time_zone)
    today = now.astimezone(zone).date()
    causes = []
    for person in contacts.by_id(connection, birthdays.known(connection, shop.company)).values():
        days = [birthday(person.born_on or today, year) for year in (today.year, today.year + 1)]
        day = min(day for day in days if day >= today)
        if day <= today + SPAN:
            causes.append((person, Cause(person.id, datetime.combine(day, HOUR, zone))))
    for person, cause, reason in _judged(world, connection, shop, kind, causes, now):
        yield Case(person, "", cause.at, reason)


def _planned(world: World, connection: Connection, shop: Shop, kind: Notification, now: datetime) -> Iterator[Case]:
    """Whose appointment is ahead."""
    rows = appointments.of_shop(connection, shop.slug, now, LISTED)
    ahead = {row.id: row for row in rows if row.state == AppointmentState.PLANNED}
    people = contacts.by_id(connection, {row.contact_id for row in ahead.values()})
    causes = [
        (people[row.contact_id], Cause(row.id, row.starts_at)) for row in ahead.values() if row.contact_id in people
    ]
    for person, cause, reason in _judged(world, connection, shop, kind, causes, now):
        yield Case(person, ahead[cause.key].what, cause.at, reason)


def _judged(
    world: World,
    connection: Connection,
    shop: Shop,
    kind: Notification,
    causes: Sequence[tuple[Contact, Cause]],
    now: datetime,
) -> Iterator[tuple[Contact, Cause, str]]:
    """The reason against each, as far as it is known today."""
    asked: dict[str, tuple[Contact, Cause]] = {}
    questions = []
    for person, cause in causes:
        message = unworded(world, kind, Rule(True, kind.delay), shop, person, cause)
        asked[message.id] = person, cause
        questions.append(Question(message, person))
    for question, decision, _price in suppose_all(world, connection, questions):
        person, cause = asked[question.message.id]
        yield person, cause, decision.reason if isinstance(decision, Deny) else ""


_WAITING = {
    Purpose.BACK_IN_STOCK: _wished,
    Purpose.PRICE_DROP: _wished,
    Purpose.BIRTHDAY_VOUCHER: _born,
    Purpose.APPOINTMENT_REMINDER: _planned,
}
