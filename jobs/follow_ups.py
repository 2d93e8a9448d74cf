"""The sweep that says what was put off until its time."""

from datetime import datetime

from integration.flow import follow_ups
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Queue what has become due."""
    return f"due={follow_ups.sweep(world, now)}"
