"""How often each kind was called for lately, and what came of it: who would get it?"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select

from integration.domain.messages.status import MessageStatus
from integration.domain.shops.events import Milestone
from integration.store.ids import first_id
from integration.store.tables import event, message

LATELY = timedelta(days=30)


def milestones(connection: Connection, shop: str, since: datetime) -> dict[str, int]:
    """How often each milestone happened in a shop since then, each object counted once."""
    query = (
        select(event.c.milestone, func.count())
        .where(event.c.id >= first_id(since), event.c.shop == shop)
        .group_by(event.c.milestone)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def made(connection: Connection, shop: str, since: datetime) -> dict[str, tuple[int, int]]:
    """By kind: how many messages were made since then, and how many of them were held back."""
    held_back = func.sum(case((message.c.status == MessageStatus.SUPPRESSED, 1), else_=0))
    query = (
        select(message.c.kind, func.count(), held_back)
        .where(message.c.created_at >= since, message.c.shop == shop)
        .group_by(message.c.kind)
    )
    return {kind: (count, held) for kind, count, held in connection.execute(query)}


def tells_deliveries(connection: Connection, shop: str, now: datetime) -> bool:
    """Whether a shop told of any delivery in the last weeks: many never do, and their parcels only seem late."""
    query = select(event.c.id).where(
        event.c.id >= first_id(now - LATELY),
        event.c.shop == shop,
        event.c.milestone.in_([Milestone.OUT_FOR_DELIVERY, Milestone.DELIVERED]),
    )
    return connection.execute(query.limit(1)).first() is not None
