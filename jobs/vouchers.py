"""vouchers: which are to be made, asked for, or removed?"""

from datetime import datetime

from integration.flow import vouchers
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Attend to the vouchers that are due."""
    return f"attended={vouchers.sweep(world, now)}"
