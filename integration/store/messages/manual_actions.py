"""What the owner decided about messages: who, when, and what they were then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from integration.domain.hot_dataclass import lean
from integration.domain.messages.manual_actions import MOVES, Choice
from integration.domain.messages.status import MessageStatus
from integration.store.ids import new_id
from integration.store.tables import contact, intervention, message

#: how far back failures are listed, and what never arrived
LISTED = timedelta(days=30)
AT_MOST = 200
#: how many are decided about at once
ALL = 2_000

_LISTED = (
    message.c.id,
    message.c.created_at,
    message.c.status_at,
    message.c.expires_at,
    message.c.kind,
    message.c.status,
    message.c.reason,
    message.c.error_code,
    message.c.contact_id,
    message.c.variables,
    contact.c.name,
    contact.c.phone,
)


@lean
class Failures:
    """How many messages failed with one code (None: before it reached Meta) and one reason."""

    code: int | None
    reason: str
    count: int


def apply(connection: Connection, message_id: str, choice: Choice, actor: str, now: datetime) -> bool:
    """Move a message as decided and write down who did; False when it is no longer where that is possible.

    Sending it again is not possible once it would come too late.
    """
    states, target, reason = MOVES[choice]
    query = select(message.c.status).where(message.c.id == message_id, message.c.status.in_(sorted(states)))
    if choice is Choice.RESEND:
        query = query.where(message.c.expires_at > now)
    was = connection.execute(query.with_for_update()).scalar()
    if was is None:
        return False
    values: dict[str, Any] = {"status": target, "reason": reason, "status_at": now, "error_code": None}
    if choice is Choice.RESEND:
        values["send_after"] = now
    connection.execute(update(message).where(message.c.id == message_id, message.c.status == was).values(values))
    row = {"id": new_id(), "message_id": message_id, "at": now, "actor": actor, "choice": choice, "was": was}
    connection.execute(insert(intervention), [row])
    return True


def of_message(connection: Connection, message_id: str) -> list[Row[Any]]:
    """What was decided about a message, in order."""
    query = select(intervention).where(intervention.c.message_id == message_id)
    return list(connection.execute(query.order_by(intervention.c.at)))


def uncertain(connection: Connection, most: int = AT_MOST) -> list[Row[Any]]:
    """Messages of which nobody knows whether they left, the oldest first."""
    query = select(*_LISTED).outerjoin(contact, contact.c.id == message.c.contact_id)
    wanted = query.where(message.c.status == MessageStatus.UNKNOWN)
    return list(connection.execute(wanted.order_by(message.c.created_at).limit(most)))


def failures(connection: Connection, now: datetime) -> list[Failures]:
    """What failed lately, by code and reason, the most frequent first."""
    count = func.count()
    query = select(message.c.error_code, message.c.reason, count).where(*_lately(now))
    grouped = query.group_by(message.c.error_code, message.c.reason).order_by(count.desc(), message.c.error_code)
    return [Failures(code, reason or "", number) for code, reason, number in connection.execute(grouped)]


def failed(connection: Connection, code: int | None, reason: str, now: datetime, most: int = AT_MOST) -> list[Row[Any]]:
    """What failed lately with one code and for one reason, the newest first."""
    query = select(*_LISTED).outerjoin(contact, contact.c.id == message.c.contact_id).where(*_lately(now))
    same = message.c.error_code.is_(None) if code is None else message.c.error_code == code
    alike = query.where(same, func.coalesce(message.c.reason, "") == reason)
    return list(connection.execute(alike.order_by(message.c.created_at.desc()).limit(most)))


def _lately(now: datetime) -> Iterable[Any]:
    missed = message.c.status.in_((MessageStatus.FAILED, MessageStatus.LAPSED))
    # the index knows when they were made, the owner when they failed: a month later at most
    return missed, message.c.created_at >= now - 3 * LISTED, message.c.status_at >= now - LISTED
