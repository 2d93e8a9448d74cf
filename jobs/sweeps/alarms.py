"""alarms: every minute the watch looks whether anything needs the owner, and the owner is told."""

from datetime import datetime, timedelta

from integration.flow.alarms import deliver as notices
from integration.flow.alarms import monitor as watch
from integration.flow.alarms.raising import let_pass
from integration.flow.world import World
from integration.store.alarms import alarms
from integration.store.alarms import deliveries as owed

KEPT = timedelta(days=365)


def sweep(world: World, now: datetime) -> str:
    """Raise, clear and tell."""
    with world.database.write() as connection:
        raised, cleared = watch.look(world, connection, now)
        cleared += let_pass(connection, now)
        notices.owe(world, connection, now)
        alarms.forget(connection, now - KEPT)
        owed.forget(connection, now - KEPT)
    told, failed = notices.deliver(world, now)
    return f"raised={raised} cleared={cleared} told={told} failed={failed}"
