"""What happens to carts in tests: somebody agrees, leaves them, time passes, reminders leave, an order comes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from links import PlainLink, linked
from sending import ANNA, channel, deliver, prepared
from storekit import an_entry, rows
from worlds import NOON, Clock, cart, make_world, order, post

from integration.domain.carts.reminders import CartRule
from integration.domain.consent.consent import Source
from integration.domain.notifications.settings import Rule
from integration.flow import react
from integration.flow.carts import carts
from integration.flow.world import World
from integration.store import tables
from integration.store.carts import settings
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.notifications import settings as notification_settings

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BRITISH = "+447911123456"


def reminding(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    """A world whose shop reminds everybody of their carts."""
    made = linked(make_world(database, keys, clock), link)
    choose(made, holdout=False)
    govern(made)
    return made


def choose(world: World, **wanted: Any) -> None:
    with world.database.write() as connection:
        settings.decide(connection, ["laden"], replace(CartRule(holdout=False), **wanted), "owner", NOON)


def agree(world: World, phone: str = ANNA, *scopes: str) -> str:
    """She agreed from her own phone some days ago."""
    country = "GB" if phone == BRITISH else "DE"
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", phone, country=country)], NOON)
        grant = an_entry(
            person.subject,
            purposes=scopes or ("cart_reminder",),
            source=Source.QR,
            occurred_at=NOON - 3 * DAY,
            phone=phone,
        )
        world.ledger.append(connection, [grant], NOON)
    return person.id


def arrive(world: World, *found: dict[str, Any]) -> None:
    for one in found:
        post(world, one)
        react.run(world)


def later(world: World, clock: Clock, by: timedelta = 3 * HOUR) -> None:
    """Time passes, and the sweep runs every few minutes."""
    until = clock.now + by
    while clock.now < until:
        clock.now = min(until, clock.now + 10 * MINUTE)
        carts.sweep(world, clock())


def reach(world: World) -> None:
    """Whatever may leave does: set aside, prepared, sent."""
    for _ in range(3):
        deliver(world)
        prepared(world)
    deliver(world)


def left(world: World, clock: Clock, *carts: dict[str, Any]) -> None:
    """Anna agreed, left these carts, and the time of the reminder came."""
    agree(world)
    arrive(world, *(carts or (cart(),)))
    later(world, clock)


def sent(world: World) -> list[str]:
    return [envelope.template or "" for envelope in channel(world).sent]


def told(world: World) -> list[tuple[str, str | None]]:
    return [(status, reason) for status, reason in rows(world.database, tables.message, "status", "reason")]


def of_carts(world: World, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows(world.database, tables.cart, *columns)]


def placed(id_: str, clock: Clock, **changes: Any) -> dict[str, Any]:
    return order(id_, version=clock(), placed_at=clock().isoformat(), **changes)


def govern(world: World, on: bool = True, delay: timedelta = 3 * HOUR) -> None:
    """The owner decides."""
    with world.database.write() as connection:
        notification_settings.decide(connection, ["laden"], "abandoned_cart", Rule(on, delay), "owner", NOON)
