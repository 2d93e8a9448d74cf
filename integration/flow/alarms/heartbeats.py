"""Writing down the signs of life of this process, and looking whether all that should run does."""

from datetime import datetime

from integration.flow.alarms import monitor
from integration.flow.world import World
from integration.store import heartbeats


def begin(world: World) -> None:
    """At the start: on SQLite there is no other process, and what one that vanished left behind says nothing."""
    if world.database.is_sqlite:
        with world.database.write() as connection:
            heartbeats.forget_others(connection, world.pulses.process)


def beat(world: World, now: datetime) -> None:
    """Write down the last beats, and raise or clear the alarm: the sweeps cannot, if it is they who stand still."""
    with world.database.write() as connection:
        heartbeats.replace(connection, world.pulses.process, world.pulses.beats(now))
    monitor.look(world, now, [monitor.OF_LOOPS])


def end(world: World) -> None:
    """This process stops in order, and leaves no sign behind."""
    with world.database.write() as connection:
        heartbeats.replace(connection, world.pulses.process, [])
