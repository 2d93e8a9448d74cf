"""A world that reads a pretend WooCommerce shop over real HTTP."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select
from woo_links import now
from worlds import Clock, NoLinks, make_world

from connectors.registry import CONNECTORS
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.link import WooCommerceLink
from integration.domain.consent.consent import Policy
from integration.domain.shops.ports import ShopContext
from integration.flow import react
from integration.flow.shops import poll
from integration.flow.world import World
from integration.sandbox.woocommerce.loopback import LoopbackShop
from integration.store import tables
from integration.store.db import Database
from integration.store.shops import streams
from integration.store.shops.streams import State

DAY = timedelta(days=1)


class WooLinks(NoLinks):
    """The shop "laden" is the one on loopback."""

    def __init__(self, shop: LoopbackShop, clock: Callable[[], datetime] = now) -> None:
        self._shop, self._clock = shop, clock
        self.wait(60)

    def wait(self, seconds: float) -> None:
        """Give the shop so long to answer from now on."""
        keys = self._shop.config.woocommerce_key, self._shop.config.woocommerce_key_secret
        client = WooCommerceClient(self._shop.url, *keys, clock=self._clock, timeout=seconds, pause=0)
        self._link = WooCommerceLink(client, ShopContext("laden", "DE"))

    def link(self, shop: str) -> WooCommerceLink | None:
        return self._link if shop == "laden" else None


class WooWorld:
    """The world, its clock, and what happened in it. The clock starts at the real time, as the shop's does."""

    def __init__(
        self, database: Database, keys: Database, shop: LoopbackShop, *, ago: timedelta = timedelta(0),
        connected: timedelta = DAY,
    ) -> None:  # fmt: skip
        self.now = now().replace(microsecond=0)
        self.clock = Clock(self.now - ago)
        made = make_world(database, keys, self.clock, Policy(quiet_service=None), connected=self.clock.now - connected)
        laden = replace(made.shops["laden"], connector=CONNECTORS["woocommerce"])
        self.world: World = replace(made, shops={"laden": laden}, links=WooLinks(shop))

    def turn(self) -> None:
        """Read everything that is due, and react."""
        poll.begin(self.world)
        poll.shop(self.world, "laden")
        while react.run(self.world):
            pass

    def later(self, **delta: float) -> None:
        """Another turn after a while."""
        self.clock.advance(**delta)
        self.turn()

    def state(self, name: str = "orders") -> State:
        """Where a stream stands."""
        with self.world.database.read() as connection:
            return streams.of(connection, "laden")[name]

    def rows(self, table: Table, *columns: str) -> list[Any]:
        """Rows of a table."""
        with self.world.database.read() as connection:
            return list(connection.execute(select(*[table.c[name] for name in columns])).all())

    def orders(self) -> dict[int, str]:
        """Every order that we know, with its status."""
        found = self.rows(tables.snapshot, "object_type", "object_id", "facts")
        return {int(id_): facts["status"] for kind, id_, facts in found if kind == "order"}

    def messages(self) -> Counter[tuple[str, str]]:
        """How many messages there are of each kind about each order, whatever became of them."""
        return Counter((kind, id_) for kind, id_ in self.rows(tables.message, "kind", "object_id"))

    def queued(self) -> list[tuple[str, str]]:
        """The messages that would leave."""
        found = self.rows(tables.message, "kind", "object_id", "status")
        return sorted((kind, id_) for kind, id_, status in found if status == "queued")


def in_the_shop(shop: LoopbackShop) -> dict[int, str]:
    """What the shop itself says: every order that is no draft and not in the trash, in our words."""
    rows = shop.do(lambda: [(row.id, row.status) for row in shop.shop.orders])
    return {id_: status.replace("-", "_") for id_, status in rows if status not in ("checkout-draft", "trash")}
