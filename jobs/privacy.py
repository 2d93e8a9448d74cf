"""privacy: the second part of erasures (keys, raw bodies), and proofs whose time is over."""

from datetime import datetime

from integration.flow import privacy
from integration.flow.world import World
from integration.store import erasure


def sweep(world: World, now: datetime) -> str:
    """Finish what erasures have begun, and destroy the keys of old proofs."""
    finished = privacy.finish(world)
    return f"erased={finished} proofs={erasure.empty_vault(world.keys, now)}"
