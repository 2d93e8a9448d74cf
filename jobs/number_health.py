"""number_health: each minute a paused number is asked whether its cause is gone; each hour every number what it may."""

from datetime import datetime, timedelta

from integration import log, metrics
from integration.flow import numbers
from integration.flow.world import World
from integration.store import numbers as known
from integration.store import senders

EVERY = timedelta(hours=1)
logger = log.get("number_health")


def sweep(world: World, now: datetime) -> str:
    """Resume the paused numbers that answer again, and read those whose facts are an hour old."""
    with world.database.read() as connection:
        paused = senders.paused(connection)
        read_at = known.read_at(connection)
    resumed = [slug for slug in paused if slug in world.senders and world.senders[slug].management.healthy()]
    for slug in resumed:
        with world.database.write() as connection:
            senders.resume(connection, slug)
        metrics.PAUSED.labels(slug).set(0)
        logger.info("sender_resumed", sender=slug)
    due = [slug for slug in world.senders if _is_old(read_at.get(slug), now)]
    for slug in due:
        numbers.examine(world, slug)
    return f"paused={len(paused)} resumed={len(resumed)} read={len(due)}"


def _is_old(read_at: datetime | None, now: datetime) -> bool:
    return read_at is None or now - read_at >= EVERY
