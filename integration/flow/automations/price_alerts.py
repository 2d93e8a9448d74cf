"""Alerts of a lower price tell the price as it is when they are prepared (flow.messages.prepare)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.consent.consent import Purpose
from integration.domain.notifications import BY_KIND, Subject, subject_of
from integration.domain.shops.events import ObjectType, Snapshot, object_key
from integration.flow.automations import alerts
from integration.flow.messages.compose import About, dressed
from integration.flow.messages.preparers import Later, Never, Ready
from integration.flow.world import World
from integration.store.automations import alerts as alert_store
from integration.store.contacts import contacts
from integration.store.messages.messages import Message
from integration.store.shops import snapshots

KIND = "price_drop"


class Cheaper:
    """How an alert of a lower price is prepared."""

    keeps = timedelta(seconds=60)

    def prepare(self, world: World, item: Message) -> Ready | Later | Never:
        """Word it with what the article costs now; a price that went up again is no news."""
        with world.database.read() as connection:
            subject = _subject(world, connection, item)
        notification = BY_KIND[KIND]
        reason = notification.unless(subject) if subject else "not_cheaper"
        if reason or subject is None:
            return Never(reason)
        return dressed(world, item, notification.variables(subject), About(article=_article(item)))

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        """Those whose article still costs what they say."""
        products = {item.id: _product(connection, item) for item in items}
        return {item.id for item in items if _says_so(item, products[item.id])}


def _subject(world: World, connection: Connection, item: Message) -> Subject | None:
    product, shop = _product(connection, item), world.shops[item.shop or ""]
    people = contacts.by_id(connection, [item.contact_id or ""])
    scope = alerts.scope_of(Purpose.PRICE_DROP, item.item or "")
    wished = alert_store.of_articles(connection, item.company, [scope])
    wish = next((one for one in wished if one.contact_id == item.contact_id), None)
    more = (
        alerts.lowest_before(connection, product, _article(item), wish.at, world.clock()) if product and wish else None
    )
    if product is None or more is None:
        return None
    return subject_of(
        shop.name,
        item.language,
        {ObjectType.PRODUCT: product.facts},
        people.get(item.contact_id or ""),
        more,
        detail=_article(item),
    )


def _product(connection: Connection, item: Message) -> Snapshot | None:
    key = object_key(item.shop or "", ObjectType.PRODUCT, item.object_id or "")
    return snapshots.by_key(connection, [key]).get(key)


def _article(item: Message) -> str:
    """The variant or product that was asked for; the message names it with its shop."""
    return (item.item or "").partition("/")[2]


def _says_so(item: Message, product: Snapshot | None) -> bool:
    if product is None:
        return False
    subject = subject_of("", item.language, {ObjectType.PRODUCT: product.facts}, detail=_article(item))
    same = BY_KIND[KIND].variables(subject)["price"] == item.variables.get("price")
    return same and not BY_KIND[KIND].unless(subject)
