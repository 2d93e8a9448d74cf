"""rescue: what died in *sending* becomes *unknown*, what is late expires, what never arrived is presumed dropped."""

from datetime import datetime, timedelta

from integration import log
from integration.flow.world import World
from integration.store import overview
from integration.store.messages import messages, sent

#: a request ends by itself after 45 s (connectors/whatsapp/http.py); nobody still waits for one this old
LONGEST_REQUEST = timedelta(seconds=90)
logger = log.get("rescue")


def sweep(world: World, now: datetime) -> str:
    """Strand old *sending* messages, expire late ones, and presume dropped what Meta no longer tries."""
    with world.database.write() as connection:
        stranded = messages.strand(connection, now - LONGEST_REQUEST, now)
        expired = messages.expire(connection, now)
        lapsed = sent.lapse(connection, overview.last_received(connection), now)
    if stranded:
        logger.warning("uncertain", messages=stranded)
    return f"stranded={stranded} expired={expired} lapsed={lapsed}"


def after_crash(world: World) -> int:
    """At the start of the only process (SQLite's run lock): whatever is still *sending* has no sender any more."""
    now = world.clock()
    with world.database.write() as connection:
        return messages.strand(connection, now + timedelta(seconds=1), now)
