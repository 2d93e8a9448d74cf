"""alarms: every minute the watch looks whether anything needs the owner, or no longer does."""

from datetime import datetime

from integration.flow import watch
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Raise and clear."""
    with world.database.write() as connection:
        raised, cleared = watch.look(world, connection, now)
    return f"raised={raised} cleared={cleared}"
