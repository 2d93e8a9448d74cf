"""imports: files of consents are dealt with in steps, however large they are."""

from datetime import datetime

from integration.flow.consent import imports as flow
from integration.flow.world import World
from integration.store.consent import imports

MOST = 20_000


def sweep(world: World, _now: datetime) -> str:
    """Take each file at hand a good step further."""
    with world.database.read() as connection:
        waiting = imports.at_work(connection)
    done = sum(flow.work(world, id_, MOST) for id_ in waiting)
    return f"files={len(waiting)} done={done}" if waiting else ""
