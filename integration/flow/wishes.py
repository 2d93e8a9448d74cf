"""Alerts: an article is back, and who asked for it is told once; then the wish is used up."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.consent import SCOPES, ConsentType, Purpose, Situation, Source
from integration.domain.contacts import Contact
from integration.domain.events import Event, Snapshot
from integration.domain.fold import Standing, fold
from integration.domain.notifications import Notification
from integration.domain.rules import Rule
from integration.flow.drafts import Draft, Occasion, draft
from integration.flow.world import Shop, World
from integration.store import contacts, db, wishes
from integration.store.ledger import Entry
from integration.store.wishes import Wish

KINDS = ("back_in_stock",)
#: alerts that left longer ago are used up already
LOOK_BACK = timedelta(days=30)


def drafts(
    world: World,
    connection: Connection,
    event: Event,
    notification: Notification,
    rule: Rule,
    product: Snapshot,
    now: datetime,
) -> list[Draft | str]:
    """One message, or the reason why there is none, for each person who asked for this article or for its product."""
    shop, variant = world.shops[event.shop], event.name.partition(":")[2].partition("@")[0]
    articles = {_scope(f"{event.shop}/{id_}"): id_ for id_ in (variant, event.object_id)}
    wished = wishes.of_articles(connection, shop.company, articles)
    people = contacts.by_id(connection, {wish.contact_id for wish in wished}, lock=True)
    return [
        draft(world, notification, rule, _occasion(shop, event, product, articles[wish.scope], wish), person, now)
        for wish in wished
        if (person := people.get(wish.contact_id)) and not person.erased_at
    ]


def _occasion(shop: Shop, event: Event, product: Snapshot, article: str, wish: Wish) -> Occasion:
    return Occasion(
        shop=shop,
        order=product,
        shipment=None,
        at=event.occurred_at,
        event_id=event.id,
        detail=article,
        wish=wish.id,
    )


def use_up(world: World, now: datetime) -> int:
    """Write to the ledger that alerts which left used up their wish; returns how many."""
    with world.database.write() as connection:
        db.lock_people(connection)
        left = wishes.told(connection, KINDS, now - LOOK_BACK)
        people = contacts.by_id(connection, {contact_id for _, contact_id, _ in left})
        entries = list(_endings(world, connection, left, people, now))
        if entries:
            world.ledger.append(connection, entries, now)
    return len(entries)


def _endings(
    world: World,
    connection: Connection,
    left: Iterable[tuple[str, str, str]],
    people: Mapping[str, Contact],
    now: datetime,
) -> Iterator[Entry]:
    for company, contact_id, article in left:
        person = people.get(contact_id)
        if person is None:
            continue
        held = world.ledger.events(connection, company, contacts.subjects(connection, [person])).get(contact_id, [])
        situation = Situation(now=now, company=company, zones=(), country=None, template=None)
        if fold(held, _scope(article), situation, world.companies[company].policy).standing is Standing.ON:
            yield _used(person, _scope(article), now)


def _used(person: Contact, scope: str, now: datetime) -> Entry:
    return Entry(
        company=person.company,
        subject=person.subject,
        type=ConsentType.EXPIRED,
        purposes=(scope,),
        occurred_at=now,
        source=Source.SYSTEM,
        actor="system",
        payload={"used": scope},
        phone=person.phone,
        wa_user_id=person.wa_user_id,
    )


def _scope(article: str) -> str:
    return (SCOPES[Purpose.BACK_IN_STOCK] or "").replace("{item}", article)
