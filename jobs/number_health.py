"""number_health: a paused number is asked each minute whether its cause is gone."""

from datetime import datetime

from integration import log, metrics
from integration.flow.world import World
from integration.store import senders

logger = log.get("number_health")


def sweep(world: World, now: datetime) -> str:
    """Resume the paused numbers that answer again."""
    with world.database.read() as connection:
        paused = senders.paused(connection)
    resumed = [slug for slug in paused if slug in world.senders and world.senders[slug].management.healthy()]
    for slug in resumed:
        with world.database.write() as connection:
            senders.resume(connection, slug)
        metrics.PAUSED.labels(slug).set(0)
        logger.info("sender_resumed", sender=slug)
    return f"paused={len(paused)} resumed={len(resumed)}"
