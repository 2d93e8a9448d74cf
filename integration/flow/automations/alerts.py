"""Alerts: an article is back or cheaper, and who asked for that is told once; then the wish is used up.

A wish is one row of the ledger. Its message has a step more than those that came to nothing for a cause that may pass
(sold out again before it left, too much advertising that day): so it is told at the next occasion, and never twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from integration.domain.consent.consent import SCOPES, ConsentType, Purpose, Situation, Source
from integration.domain.consent.standing import Standing, fold
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import Notification
from integration.domain.notifications.settings import Rule
from integration.domain.shops.events import Event, Snapshot
from integration.domain.shops.facts import ProductFacts
from integration.domain.shops.prices import before, meant
from integration.flow.messages.drafts import Draft, Occasion, draft
from integration.flow.world import Shop, World
from integration.store import db
from integration.store.automations import alerts
from integration.store.automations.alerts import Told, Wish
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts
from integration.store.shops import prices

PURPOSES = (Purpose.BACK_IN_STOCK, Purpose.PRICE_DROP)
#: what kept an alert from leaving, and may be otherwise next time
PASSING = ("sold_out", "not_cheaper", "precondition_failed", "frequency_cap", "stale", "shadow")
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
    articles = {scope_of(notification.purpose, f"{event.shop}/{id_}"): id_ for id_ in (variant, event.object_id)}
    wished = alerts.of_articles(connection, shop.company, articles)
    people = contacts.by_id(connection, {wish.contact_id for wish in wished}, lock=True)
    in_vain = alerts.in_vain(connection, notification.kind, wished, PASSING) if wished else {}
    made: list[Draft | str] = []
    for wish in wished:
        person, article = people.get(wish.contact_id), articles[wish.scope]
        if person is None or person.erased_at:
            continue
        lower = notification.purpose is Purpose.PRICE_DROP
        more = lowest_before(connection, product, article, wish.at, now) if lower else {}
        occasion = _occasion(shop, event, product, article, wish, in_vain.get(wish.id, 0) + 1, more or {})
        made.append("not_cheaper" if more is None else draft(world, notification, rule, occasion, person, now))
    return made


def _occasion(
    shop: Shop, event: Event, product: Snapshot, article: str, wish: Wish, step: int, more: Mapping[str, str]
) -> Occasion:
    return Occasion(
        shop=shop,
        order=product,
        shipment=None,
        at=event.occurred_at,
        event_id=event.id,
        detail=article,
        step=step,
        wish=wish.id,
        more=more,
    )


def lowest_before(
    connection: Connection, product: Snapshot, article: str, asked_at: datetime, now: datetime
) -> Mapping[str, str] | None:
    """What a lower price has to be below, as its notification reads it; None when nobody knows.

    For a product with variants it is what the cheapest of them cost.
    """
    facts = cast(ProductFacts, product.facts)
    variants = [variant["id"] for variant in meant(facts, article)]
    known = prices.history(connection, product.shop, variants, facts["currency"])
    found = [one for history in known.values() if (one := before(history, asked_at, now))]
    if not found:
        return None
    return {"lowest": str(min(one.lowest for one in found)), "asked": str(min(one.asked for one in found))}


def use_up(world: World, now: datetime) -> int:
    """Write to the ledger that alerts which left used up their wish; returns how many."""
    with world.database.write() as connection:
        db.lock_people(connection)
        left = alerts.told(connection, PURPOSES, now - LOOK_BACK)
        people = contacts.by_id(connection, {alert.contact_id for alert in left})
        entries = list(_endings(world, connection, left, people, now))
        if entries:
            world.ledger.append(connection, entries, now)
    return len(entries)


def _endings(
    world: World,
    connection: Connection,
    left: Iterable[Told],
    people: Mapping[str, Contact],
    now: datetime,
) -> Iterator[Entry]:
    for alert in left:
        person, scope = people.get(alert.contact_id), scope_of(alert.purpose, alert.item)
        if person is None:
            continue
        held = world.ledger.events(connection, alert.company, contacts.subjects(connection, [person]))
        situation = Situation(now=now, company=alert.company, zones=(), country=None, template=None)
        state = fold(held.get(person.id, []), scope, situation, world.companies[alert.company].policy)
        if state.standing is Standing.ON and state.grant and state.grant.occurred_at <= alert.at:
            yield _used(person, scope, now)


def _used(person: Contact, scope: str, now: datetime) -> Entry:
    return Entry.of(
        person,
        ConsentType.EXPIRED,
        purposes=(scope,),
        occurred_at=now,
        source=Source.SYSTEM,
        actor="system",
        payload={"used": scope},
    )


def scope_of(purpose: Purpose, article: str) -> str:
    """What a wish about an article (shop/id) is a consent to."""
    return (SCOPES[purpose] or "").replace("{item}", article)
