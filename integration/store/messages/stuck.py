"""What waits longer than it should, and what ended badly: numbers for the watch."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from integration.domain.hot_dataclass import lean
from integration.domain.messages.status import MessageStatus
from integration.store.tables import IS_WAITING, inbox, message

#: a message that waits longer has been forgotten by nobody: it is an old one that its owner knows
KNOWN = timedelta(days=30)


@lean
class Waiting:
    """How many wait, and since when the oldest of them."""

    count: int
    since: datetime


def uncertain(connection: Connection, before: datetime) -> int:
    """Messages that have been uncertain since before `before`, and wait for the owner."""
    query = select(func.count()).where(
        message.c.status == MessageStatus.UNKNOWN, message.c.status_at <= before, message.c.created_at > before - KNOWN
    )
    return connection.execute(query).scalar_one()


def failed(connection: Connection, since: datetime, apart: Collection[int]) -> int:
    """Messages that failed since then, apart from these codes."""
    code = message.c.error_code
    query = select(func.count()).where(
        message.c.status == MessageStatus.FAILED, message.c.created_at >= since, or_(code.is_(None), code.not_in(apart))
    )
    return connection.execute(query).scalar_one()


def overdue(connection: Connection, before: datetime) -> dict[str, Waiting]:
    """Per sender what should have left before `before` and still waits."""
    query = select(message.c.sender, func.count(), func.min(message.c.send_after)).where(
        IS_WAITING, message.c.status == MessageStatus.QUEUED, message.c.send_after <= before
    )
    return {row[0]: Waiting(row[1], row[2]) for row in connection.execute(query.group_by(message.c.sender))}


def unread(connection: Connection, before: datetime) -> Waiting | None:
    """Bodies that nobody has dealt with since before `before`; those that failed are tried again and count apart."""
    query = select(func.count(), func.min(inbox.c.received_at)).where(
        inbox.c.state == "new", inbox.c.tries == 0, inbox.c.received_at <= before
    )
    count, since = connection.execute(query).one()
    return Waiting(count, since) if count else None
