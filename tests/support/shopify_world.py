"""A world whose shops are pretend Shopify shops, asked by the real connector over loopback."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from admin_shop import Town, town
from sqlalchemy import select
from worlds import NoLinks, make_world

from connectors.shopify import CONNECTOR
from connectors.shopify.link import ShopifyLink, link_of
from connectors.shopify.settings import ShopifySettings
from integration.domain.shops.events import ObjectType
from integration.domain.shops.ports import ShopContext
from integration.flow import react
from integration.flow.shops import poll
from integration.flow.world import Shop, World
from integration.sandbox.clock import Clock
from integration.sandbox.shopify.shop import AdminShop, Plan
from integration.sandbox.shopify.tokens import App
from integration.store import tables
from integration.store.db import Database
from integration.store.shops import shops, streams


class TownLinks(NoLinks):
    """One link per shop. `sleep` is how its client waits for points."""

    def __init__(self, running: Town, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._links: dict[str, ShopifyLink] = {}
        for n, shop in enumerate(running.shops):
            settings = ShopifySettings.model_validate(
                {
                    "name": "Teeladen", "webhook_secret": shop.app.secret, "domain": shop.domain,
                    "client_id": shop.app.client_id, "client_secret": shop.app.secret, "base_url": running.url(n),
                }
            )  # fmt: skip
            self._links[slug(n)] = link_of(settings, ShopContext(slug(n), "DE"), clock, sleep)

    def link(self, name: str) -> ShopifyLink:
        return self._links[name]

    def close(self) -> None:
        for link in self._links.values():
            link.close()


@dataclass
class Scene:
    """The world, the shops, their common clock, and how long the clients waited for points."""

    world: World
    town: Town
    clock: Clock
    waits: list[float]

    @property
    def shop(self) -> AdminShop:
        """The first one."""
        return self.town.shops[0]

    def poll(self, n: int = 0) -> int:
        """One turn of a shop."""
        return poll.shop(self.world, slug(n))

    def later(self, **delta: float) -> None:
        """Time passes."""
        self.clock.move(timedelta(**delta))

    def asked(self, n: int = 0) -> list[str]:
        """The operations that the shop was asked since the last look."""
        log = self.town.shops[n].asked
        names = [row.operation.removeprefix("query ").removeprefix("mutation ") for row in log]
        log.clear()
        return names


def slug(n: int) -> str:
    """The shop's name in the settings."""
    return f"laden{n}"


def shop_of(n: int, clock: Clock, plan: Plan | None = None) -> AdminShop:
    """A shop with an app, a secret and a domain of its own."""
    app = App(f"client-{n}", f"secret-of-{n}")
    return AdminShop(f"laden-{n}.myshopify.com", f"Laden {n}", app, clock, plan or Plan())


@contextmanager
def scene(database: Database, keys: Database, count: int = 1, plan: Plan | None = None) -> Iterator[Scene]:
    """`count` shops that were connected a minute ago; waiting for points moves the clock instead."""
    clock = Clock()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.move(timedelta(seconds=seconds))

    with town([shop_of(n, clock, plan) for n in range(count)]) as running:
        links = TownLinks(running, clock.now, wait)
        world = make_world(database, keys, clock.now, connected=clock.now() - timedelta(minutes=1))
        names = [slug(n) for n in range(count)]
        made = {
            name: Shop(name, "Teeladen", "firma", "nummer", "de", "du", CONNECTOR, ShopContext(name, "DE"))
            for name in names
        }
        world = replace(world, shops=made, links=links)
        with database.write() as connection:
            shops.connect(connection, names, clock.now() - timedelta(minutes=1))
        poll.begin(world)
        try:
            yield Scene(world, running, clock, waits)
        finally:
            links.close()


def stored(play: Scene, kind: ObjectType = ObjectType.ORDER, n: int = 0) -> dict[str, Any]:
    """The facts of the shop's objects, by id."""
    table = tables.snapshot
    query = select(table.c.object_id, table.c.facts).where(table.c.shop == slug(n), table.c.object_type == kind)
    with play.world.database.read() as connection:
        return {row.object_id: row.facts for row in connection.execute(query)}


def milestones(play: Scene) -> Counter[str]:
    """How often each happened."""
    with play.world.database.read() as connection:
        return Counter(connection.execute(select(tables.event.c.milestone)).scalars())


def reacted(play: Scene) -> list[str]:
    """React to everything; the reasons of the messages that will not be sent, "" for those that will."""
    while react.run(play.world):
        pass
    with play.world.database.read() as connection:
        return [reason or "" for reason in connection.execute(select(tables.message.c.reason)).scalars()]


def state(play: Scene, stream: str = "orders", n: int = 0) -> streams.State:
    """Where a stream stands."""
    with play.world.database.read() as connection:
        return streams.of(connection, slug(n))[stream]
