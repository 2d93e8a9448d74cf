"""The sweep of appointments: who has one soon is reminded."""

from datetime import datetime

from integration.flow import appointments
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Make the reminders that are due."""
    return f"made={appointments.sweep(world, now)}"
