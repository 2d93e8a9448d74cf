"""alarms: every minute the watch looks whether anything needs the owner, and the owner is told."""

from datetime import datetime, timedelta

from integration.flow.alarms import deliver, monitor
from integration.flow.alarms.raising import let_pass
from integration.flow.world import World
from integration.store.alarms import alarms, deliveries

KEPT = timedelta(days=365)


def sweep(world: World, now: datetime) -> str:
    """Raise, clear and tell."""
    raised, cleared = monitor.look(world, now)
    with world.database.write() as connection:
        cleared += let_pass(connection, now)
        deliver.owe(world, connection, now)
        alarms.forget(connection, now - KEPT)
        deliveries.forget(connection, now - KEPT)
    told, failed = deliver.deliver(world, now)
    return f"raised={raised} cleared={cleared} told={told} failed={failed}"
