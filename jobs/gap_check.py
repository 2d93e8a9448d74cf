"""gap_check: every order of every shop against our messages, once a night."""

from datetime import datetime

from integration.flow import gaps
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Compare the shops whose last comparison is older than this night."""
    found = [gaps.check(world, slug, now) for slug in gaps.due(world, now)]
    return f"shops={len(found)} orders={sum(one.orders for one in found)} healed={sum(one.healed for one in found)}"
