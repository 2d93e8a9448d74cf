"""retention: what is no longer needed is deleted in small pieces (reference/law.md section 10)."""

from datetime import datetime, timedelta

from integration.flow.world import World
from integration.store import inbox, jobs

RAW_BODIES = timedelta(days=14)
JOB_RUNS = timedelta(days=14)
MOST_ROUNDS = 200


def sweep(world: World, now: datetime) -> str:
    """Delete old bodies and job runs, at most a thousand rows per commit."""
    bodies = 0
    for _ in range(MOST_ROUNDS):
        with world.database.write() as connection:
            deleted = inbox.forget(connection, now - RAW_BODIES)
        bodies += deleted
        if not deleted:
            break
    with world.database.write() as connection:
        runs = jobs.forget(connection, now - JOB_RUNS)
    return f"bodies={bodies} runs={runs}"
