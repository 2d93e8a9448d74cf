"""What happens in a shop and what its owner decides, one call each."""

from datetime import datetime, timedelta
from typing import Any

from storekit import rows
from worlds import post, post_meta

from integration.domain.automations.vouchers import Offer
from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.domain.notifications import BY_KIND
from integration.domain.notifications.settings import Rule
from integration.flow import answer, react
from integration.flow.world import World
from integration.store import tables
from integration.store.notifications import settings


def here(world: World, *snapshots: dict[str, Any]) -> None:
    """The shop reports these, and we react."""
    post(world, *snapshots)
    react.run(world)


def switch(world: World, *kinds: str, on: bool = True, days: float = 0, offer: Offer | None = None) -> None:
    """The owner decides about kinds."""
    with world.database.write() as connection:
        for kind in kinds:
            delay = timedelta(days=days) or BY_KIND[kind].delay
            wanted = Rule(on, delay, offer=offer or BY_KIND[kind].offer)
            settings.decide(connection, ["laden"], kind, wanted, "inhaberin", world.clock())


def told(world: World) -> dict[str, str]:
    """Kind → reason or status."""
    found = rows(world, tables.message, "kind", "status", "reason")
    return {kind: reason or status for kind, status, reason in found}


def outcomes(world: World) -> dict[str, str]:
    """Milestone → what became of it."""
    return dict(rows(world, tables.event, "milestone", "outcome"))


def write(
    world: World, text: str = "", payload: str = "", id_: str = "wamid.in1", phone: str = "+491713920012"
) -> None:
    """A customer writes, or taps a button."""
    item = Inbound(id_, phone, None, "Anna Beispiel", world.clock(), "button" if payload else "text", text, payload)
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)


def product(version: datetime, *variants: dict[str, Any], id_: str = "7", **changes: Any) -> dict[str, Any]:
    """An article as PlainShop's body has it."""
    facts = {
        "name": "Espresso", "url": "https://laden.example/espresso", "picture": "", "categories": [],
        "currency": "EUR", "published": True, "variants": list(variants),
    }  # fmt: skip
    return {"type": "product", "id": id_, "version": version.isoformat(), "facts": facts | changes}


def variant(id_: str = "71", price: str = "24.90", **changes: Any) -> dict[str, Any]:
    """One variant of it."""
    return {"id": id_, "name": "1 kg", "sku": "", "price": price, "in_stock": True, "stock": None} | changes
