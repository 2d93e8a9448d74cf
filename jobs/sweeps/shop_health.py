"""shop_health: once a day each shop is examined, and its webhooks are mended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from integration.domain.shops.ports import Level
from integration.flow.shops import diagnose
from integration.flow.world import World
from integration.store.shops import shops

EVERY = timedelta(days=1)
AT_ONCE = 4


def sweep(world: World, now: datetime) -> str:
    """Examine the shops whose last examination is a day old, or that were never examined."""
    with world.database.read() as connection:
        known = shops.examined_at(connection)
    due = [slug for slug in world.shops if world.links.link(slug) and _is_old(known.get(slug), now)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [finding for findings in pool.map(partial(diagnose.shop, world), due) for finding in findings]
    return f"examined={len(due)} faults={sum(finding.level is Level.FAULT for finding in found)}"


def _is_old(examined: datetime | None, now: datetime) -> bool:
    return examined is None or now - examined >= EVERY
