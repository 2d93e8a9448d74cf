"""The sweep that writes to the ledger which wishes are used up: one alert, and no second one."""

from datetime import datetime

from integration.flow import wishes
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Look at the alerts that left."""
    return f"used={wishes.use_up(world, now)}"
