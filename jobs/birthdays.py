"""The sweep that congratulates: who gave their birthday for it gets the shop's voucher."""

from datetime import datetime

from integration.flow import birthdays
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Look whose birthday it is."""
    return f"made={birthdays.sweep(world, now)}"
