"""rescue: messages whose process died in *sending* become *unknown*, and what is too late expires."""

from datetime import datetime, timedelta

from integration import log
from integration.flow.world import World
from integration.store import messages

#: a request ends by itself after 30 s to answer and 5 s to connect; nobody still waits for one this old
LONGEST_REQUEST = timedelta(seconds=90)
logger = log.get("rescue")


def sweep(world: World, now: datetime) -> str:
    """Strand old *sending* messages and expire late ones."""
    with world.database.write() as connection:
        stranded = messages.strand(connection, now - LONGEST_REQUEST, now)
        expired = messages.expire(connection, now)
    if stranded:
        logger.warning("uncertain", messages=stranded)
    return f"stranded={stranded} expired={expired}"


def after_crash(world: World) -> int:
    """At the start of the only process (SQLite's run lock): whatever is still *sending* has no sender any more."""
    now = world.clock()
    with world.database.write() as connection:
        return messages.strand(connection, now + timedelta(seconds=1), now)
