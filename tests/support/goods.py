"""Articles of the shop "laden", as its API shows them."""

from datetime import datetime
from typing import Any

from worlds import NOON

from integration.domain.shops.events import ObjectType, Origin, Snapshot
from integration.flow.shops import absorb
from integration.flow.world import World


def variant(id_: str, price: str = "9.90", **changes: Any) -> dict[str, Any]:
    return {"id": id_, "name": "250 g", "sku": "", "price": price, "in_stock": True, "stock": 3} | changes


def product(id_: str, *variants: dict[str, Any], version: datetime = NOON, **changes: Any) -> Snapshot:
    facts = {
        "name": "Kaffee",
        "url": "https://laden.example/kaffee",
        "picture": "https://laden.example/kaffee.jpg",
        "categories": ["Kaffee"],
        "currency": "EUR",
        "published": True,
        "variants": list(variants or [variant(id_)]),
    }
    return Snapshot("laden", ObjectType.PRODUCT, id_, version, facts | changes)


def read(world: World, *found: Snapshot) -> None:
    with world.database.write() as connection:
        absorb.take(world, connection, found, (), Origin.POLL, world.clock())
