"""number_health: each minute, is the cause gone of what Meta made rest? Each hour every number is read."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row

from integration import log
from integration.domain.messages.holds import Block, Scope
from integration.flow.messages import on_refused
from integration.flow.numbers import connect
from integration.flow.world import World
from integration.store.messages import holds
from integration.store.numbers import numbers
from integration.store.numbers import paused as paused_numbers
from integration.store.templates import templates

EVERY = timedelta(hours=1)
logger = log.get("number_health")
#: token, address: that the number answers proves that these are in order again
SEEN_IN_AN_ANSWER = frozenset({0, 190, 33, *range(300, 500)})
#: paused, disabled, missing: reading the templates shows that it is over. Wrong placeholders only a person sees.
SEEN_IN_A_SYNC = frozenset({132001, 132015, 132016})
#: payment, policy, a lowered limit, and the permission to send, which reading does not need: messages try so much later
TRY_AFTER = timedelta(minutes=30)


def sweep(world: World, now: datetime) -> str:
    """Resume what answers again, is approved again or has rested enough; read numbers whose facts are an hour old."""
    world.numbers.refresh()
    with world.database.read() as connection:
        paused = paused_numbers.causes(connection)
        read_at = numbers.read_at(connection)
    resumed = [p.sender for p in paused if _is_over(world, p, now)]
    with world.database.write() as connection:
        for slug in resumed:
            on_refused.resume_number(connection, slug)
        over = holds.ended(connection, now) + _approved(connection, now)
        for block in over:
            on_refused.resume(connection, block.scope, block.key, now)
    due = [slug for slug in world.senders if _is_old(read_at.get(slug), now)]
    for slug in due:
        connect.examine(world, slug)
    return f"paused={len(paused)} resumed={len(resumed)} lifted={len(over)} read={len(due)}"


def _approved(connection: Connection, now: datetime) -> list[Block]:
    """Templates that rest although Meta, read since, says that they are approved."""
    resting = [b for b in holds.in_force(connection, now).parts.values() if b.code in SEEN_IN_A_SYNC]
    approved = templates.approved_at(connection) if resting else {}
    return [b for b in resting if b.scope is Scope.TEMPLATE and (at := approved.get(b.key)) and at > b.since]


def _is_old(read_at: datetime | None, now: datetime) -> bool:
    return read_at is None or now - read_at >= EVERY


def _is_over(world: World, pause: Row[tuple[str, int, datetime]], now: datetime) -> bool:
    if pause.sender not in world.senders:
        return False
    if pause.code not in SEEN_IN_AN_ANSWER and now - pause.paused_at < TRY_AFTER:
        return False
    return world.senders[pause.sender].management.healthy()
