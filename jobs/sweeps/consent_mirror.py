"""consent_mirror: every few minutes each shop that has a place for it shows what the ledger says."""

from datetime import datetime

from integration import log
from integration.domain.errors import ShopError
from integration.flow.consent import mirror
from integration.flow.world import World

logger = log.get("mirror")


def sweep(world: World, now: datetime) -> str:
    """Show what changed. A shop that is away is tried again the next time, from where it stopped."""
    return f"shown={sum(_shop(world, slug, now) for slug in world.shops)}"


def _shop(world: World, slug: str, now: datetime) -> int:
    try:
        return mirror.shop(world, slug, now)
    except ShopError as error:
        logger.warning("shop_failed", shop=slug, code=error.code)
        return 0
