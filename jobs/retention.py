"""retention: what is no longer needed is deleted in small pieces (reference/law.md section 10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.carts import KEPT_FOR
from integration.flow.world import World
from integration.store import carts, inbox, jobs

RAW_BODIES = timedelta(days=14)
JOB_RUNS = timedelta(days=14)
MOST_ROUNDS = 200


def sweep(world: World, now: datetime) -> str:
    """Delete old bodies, personal data of carts, and job runs, at most a thousand rows per commit."""
    bodies = _piecemeal(world, lambda connection: inbox.forget(connection, now - RAW_BODIES))
    left = _piecemeal(world, lambda connection: carts.forget(connection, now - KEPT_FOR))
    with world.database.write() as connection:
        carts.forget_purchases(connection, now - KEPT_FOR)
        runs = jobs.forget(connection, now - JOB_RUNS)
    return f"bodies={bodies} carts={left} runs={runs}"


def _piecemeal(world: World, forget: Callable[[Connection], int]) -> int:
    total = 0
    for _ in range(MOST_ROUNDS):
        with world.database.write() as connection:
            deleted = forget(connection)
        total += deleted
        if not deleted:
            break
    return total
