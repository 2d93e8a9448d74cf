"""carts: which carts were left alone long enough, and which are too old for anything?"""

from datetime import datetime

from integration.domain.carts import CartState
from integration.flow import carts
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Look at the carts that are due."""
    counts = carts.sweep(world, now)
    return f"abandoned={counts[CartState.ABANDONED]} expired={counts[CartState.EXPIRED]}"
