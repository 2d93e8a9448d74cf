"""A world whose one shop is a pretend WooCommerce on loopback, read by the real connector."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from woo_links import linked
from woo_loopback import LoopbackShop, woo_shop
from worlds import make_world

from connectors.woocommerce import CONNECTOR
from connectors.woocommerce.link import WooCommerceLink
from integration.domain.events import ObjectType
from integration.domain.ports import ShopContext
from integration.flow import poll, react
from integration.flow.world import Links, Shop, World
from integration.store import shops, tables
from integration.store.db import Database

SLUG = "laden"


class OneLink(Links):
    def __init__(self, link: WooCommerceLink) -> None:
        self._link = link

    def link(self, shop: str) -> WooCommerceLink:
        return self._link


@dataclass
class Play:
    """The world, the shop, and how far our clock is ahead of the real one."""

    world: World
    shop: LoopbackShop
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def poll(self) -> int:
        """One turn, whatever is due by then."""
        self.ahead += timedelta(minutes=2)
        return poll.shop(self.world, SLUG)

    def stored(self, kind: ObjectType = ObjectType.ORDER) -> dict[str, str]:
        """The status of each stored object, by id."""
        table = tables.snapshot
        query = select(table.c.object_id, table.c.facts).where(table.c.object_type == kind)
        with self.world.database.read() as connection:
            return {row.object_id: row.facts.get("status", "") for row in connection.execute(query)}

    def events(self) -> Counter[tuple[str, str]]:
        """How often each milestone of each object was derived."""
        table = tables.event
        with self.world.database.read() as connection:
            rows = connection.execute(select(table.c.object_id, table.c.name)).all()
        return Counter((row.object_id, row.name) for row in rows)

    def messages(self) -> Counter[str]:
        """Messages by status, after everything was reacted to."""
        while react.run(self.world):
            pass
        with self.world.database.read() as connection:
            return Counter(connection.execute(select(tables.message.c.status)).scalars())


@contextmanager
def playing(
    database: Database, keys: Database, connected: timedelta = timedelta(minutes=1), version: str = "10.5.2"
) -> Iterator[Play]:
    """A shop that was connected so long ago."""
    with woo_shop(version) as shop:
        play = Play(None, shop)  # type: ignore[arg-type]
        begun = play.now() - connected
        made = Shop(SLUG, "Kaffeeladen", "firma", "nummer", "de", "du", CONNECTOR, ShopContext(SLUG, "DE"))
        world = make_world(database, keys, play.now, connected=begun)
        play.world = replace(world, shops={SLUG: made}, links=OneLink(linked(shop)))
        with database.write() as connection:
            shops.connect(connection, [SLUG], begun)
        poll.begin(play.world)
        yield play
