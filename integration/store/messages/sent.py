"""Messages that left: what a person was told, how often, and what Meta said of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.costs.pricing import Category
from integration.domain.messages.manual_actions import MOVES, Choice
from integration.domain.messages.status import COUNTED, MessageStatus
from integration.domain.notifications import NOTIFICATIONS, TRIED_FOR
from integration.store.tables import attempt, message, status

#: kinds that ask somebody to confirm a sign-up
CONFIRMABLE = frozenset({"doi_request", "optin_offer"})


#: Meta stops trying a phone that is off without a word; so much later a delivery that happened would be known
BUFFER = timedelta(days=1)
#: a sweep goes on with the others: after an update tens of thousands would hold up everybody who writes
AT_ONCE = 2_000
#: how long Meta tries kinds that it does not try for as long as it can
_LIVES = {notification.kind: notification.lives for notification in NOTIFICATIONS if notification.lives < TRIED_FOR}
SHORTEST = min(_LIVES.values()) + BUFFER
#: purposes that answer what somebody wrote
ANSWERS = (Purpose.SUPPORT_REPLY, Purpose.OPTOUT_CONFIRMATION)


def refused_before(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, int], int]:
    """How often each (message, code) was refused, in answers to requests and by webhook."""
    wanted = sorted(ids)
    found: dict[tuple[str, int], int] = {}
    answered = select(attempt.c.message_id, attempt.c.error_code, func.count())
    told = select(status.c.message_id, status.c.error_code, func.count(status.c.wa_message_id.distinct()))
    for query, table in ((answered, attempt), (told, status)):
        known = query.where(table.c.message_id.in_(wanted), table.c.error_code.is_not(None))
        for message_id, code, count in connection.execute(known.group_by(table.c.message_id, table.c.error_code)):
            found[message_id, code] = found.get((message_id, code), 0) + count
    return found


def unreported(connection: Connection, since: datetime, before: datetime) -> dict[str, datetime]:
    """Senders with messages that were accepted before `before` and of which no status came: the newest of them."""
    query = select(message.c.sender, func.max(message.c.status_at)).where(
        message.c.status == MessageStatus.ACCEPTED,
        message.c.created_at >= since,
        message.c.status_at <= before,
        message.c.held.is_(False),
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(message.c.sender))}


def lapse(connection: Connection, senders: Mapping[str, datetime], now: datetime) -> int:
    """Presume dropped what Meta took and never told the delivery of, of these numbers; returns how many.

    `senders` says when each number's webhooks came last: while Meta is silent, nothing follows from its silence.
    What the owner took as sent stays so.
    """
    waits = func.coalesce(message.c.reason, "") != MOVES[Choice.SENT][2]
    taken = message.c.status.in_((MessageStatus.ACCEPTED, MessageStatus.SENT))
    old = select(message.c.id, message.c.kind, message.c.price_category, message.c.sender, message.c.status_at).where(
        taken, waits, message.c.created_at <= now - SHORTEST, _given_up(now), message.c.sender.in_(sorted(senders))
    )
    ids = [
        row.id
        for row in connection.execute(old.order_by(message.c.id).with_for_update(skip_locked=True))
        if row.status_at + _tried_for(row.kind, row.price_category) + BUFFER <= min(now, senders[row.sender])
    ]
    ids = ids[:AT_ONCE]
    end = update(message).where(message.c.status.in_((MessageStatus.ACCEPTED, MessageStatus.SENT)))
    values = {"status": MessageStatus.LAPSED, "reason": "presumed_dropped", "status_at": now, "held": False}
    for chunk in (ids[start : start + 500] for start in range(0, len(ids), 500)):
        connection.execute(end.where(message.c.id.in_(chunk)).values(values))
    return len(ids)


def _given_up(now: datetime) -> ColumnElement[bool]:
    """Whether Meta tries no longer: the same as `_tried_for`, so that those it still tries are not even looked at."""
    short: dict[timedelta, list[str]] = {}
    for kind, lives in _LIVES.items():
        short.setdefault(lives, []).append(kind)
    utility = message.c.price_category == Category.UTILITY
    ended = [
        utility & message.c.kind.in_(kinds) & (message.c.status_at <= now - lives - BUFFER)
        for lives, kinds in short.items()
    ]
    return or_(message.c.status_at <= now - TRIED_FOR - BUFFER, *ended)


def _tried_for(kind: str, category: str | None) -> timedelta:
    """How long Meta tries: as long as the kind says, and 30 days what it calls advertising, or was free text."""
    return _LIVES.get(kind, TRIED_FOR) if category == Category.UTILITY else TRIED_FOR


def counted(
    connection: Connection, contact_ids: Sequence[str], purposes: Iterable[str], since: datetime
) -> dict[str, list[datetime]]:
    """When messages of these purposes left, or may have left, for each contact since `since`."""
    query = select(message.c.contact_id, message.c.status_at).where(
        message.c.contact_id.in_(contact_ids),
        message.c.purpose.in_(sorted(purposes)),
        message.c.status.in_(sorted(COUNTED)),
        message.c.created_at >= since,
    )
    found: dict[str, list[datetime]] = {}
    for contact_id, at in connection.execute(query):
        found.setdefault(contact_id, []).append(at)
    return found


def marketing_sent(
    connection: Connection, contact_ids: Sequence[str], since: datetime
) -> tuple[dict[str, list[datetime]], dict[str, datetime]]:
    """When marketing left, or may have left, for each contact since `since`; and the last time ever."""
    left = (
        select(message.c.contact_id, func.max(attempt.c.at).label("at"))
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(
            message.c.contact_id.in_(contact_ids),
            or_(message.c.purpose.in_(sorted(MARKETING)), message.c.promotion),
            message.c.status.in_(sorted(COUNTED)),
        )
        .group_by(message.c.contact_id, message.c.id)
    )
    recent: dict[str, list[datetime]] = {}
    last: dict[str, datetime] = {}
    for contact_id, at in connection.execute(left) if contact_ids else ():
        last[contact_id] = max(at, last.get(contact_id, at))
        if at >= since:
            recent.setdefault(contact_id, []).append(at)
    return recent, last


def last_purpose(connection: Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    """The purpose of the last message that reached each contact: what a bare STOP answers.

    Answers to what the person asked are left out: who asks WARUM and then says STOP means the message before.
    """
    query = (
        select(message.c.contact_id, message.c.purpose)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(message.c.contact_id.in_(contact_ids), message.c.status.in_(sorted(COUNTED)))
        .where(message.c.purpose != Purpose.SUPPORT_REPLY)
        .order_by(attempt.c.at)
    )
    return {row[0]: row[1] for row in connection.execute(query)} if contact_ids else {}


def asked_to_confirm(connection: Connection, contact_ids: Sequence[str], since: datetime) -> set[str]:
    """Who was asked since `since` to confirm a sign-up: only then does "yes" mean one."""
    query = select(message.c.contact_id).where(
        message.c.contact_id.in_(contact_ids),
        message.c.kind.in_(sorted(CONFIRMABLE)),
        message.c.status.in_(sorted(COUNTED)),
        message.c.created_at >= since,
    )
    return set(connection.execute(query).scalars()) if contact_ids else set()


def told_about(
    connection: Connection, contact_id: str, order_key: str = "", number: str = ""
) -> tuple[str, str] | None:
    """(key, number) of an order that this contact was written to about: the one of this key or number ("#1001" is
    "1001", too), else the one of the last message."""
    mine = select(message.c.order_key, func.coalesce(message.c.order_number, "")).where(
        message.c.contact_id == contact_id, message.c.status.in_(sorted(COUNTED)), message.c.order_key.is_not(None)
    )
    if order_key:
        mine = mine.where(message.c.order_key == order_key)
    if number:
        mine = mine.where(func.lower(message.c.order_number).in_((number, f"#{number}")))
    # what probably never arrived is nobody's last message, though we noticed it last
    last = (message.c.status == MessageStatus.LAPSED, message.c.status_at.desc())
    row = connection.execute(mine.order_by(*last).limit(1)).first()
    return (row[0], row[1]) if row else None


def last_told(connection: Connection, contact_id: str) -> str | None:
    """The id of the last message that we began ourselves and that left for this contact."""
    query = (
        select(message.c.id)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(
            message.c.contact_id == contact_id,
            message.c.purpose.not_in(ANSWERS),
            message.c.status.in_(sorted(COUNTED)),
        )
        .order_by(attempt.c.at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()
