"""What the dashboard counts: today's messages, what needs a look, health. Every query is bounded by an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from integration.store.tables import (
    attempt,
    decision,
    event,
    inbox,
    ledger_head,
    message,
    sender_state,
    shop_state,
    snapshot,
)

Fingerprint = tuple[object, ...]
Span = tuple[datetime, datetime]
AT_MOST = 500
EVENTS_AT_MOST = 20_000
#: received bodies and events that led to nothing, and rightly so
#: nothing to look after: what changes nothing, what comes twice, and what the owner does not want
USUAL = (
    *("unchanged", "ping", "duplicate", "stale_version", "thin"),
    *("no_notification", "switched_off", "account_news", "message", "again"),
)
NOT_SENT = ("suppressed", "cancelled", "expired", "failed")
REACHED = ("sent", "delivered", "read")


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many messages did not go out for one reason."""

    status: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Received bodies, or events, that led to nothing: how many and why. `what` is inbox or event."""

    what: str
    code: str
    count: int


def probe(connection: Connection) -> None:
    """Raise what the database raises when it cannot be used."""
    connection.execute(select(message.c.id, message.c.price_category).limit(1)).all()
    connection.execute(select(shop_state.c.shop).limit(1)).all()


def fingerprint(connection: Connection) -> Fingerprint:
    """Changes when something worth showing happened. A handful of index look-ups."""
    columns: list[Any] = [
        select(func.max(table.c.id)).scalar_subquery() for table in (inbox, event, message, decision, attempt)
    ]
    columns += [
        _few(select(inbox.c.id).where(inbox.c.state == "new", inbox.c.channel.in_(("shop", "meta")))),
        _few(select(event.c.id).where(event.c.processed_at.is_(None))),
        _few(select(message.c.id).where(message.c.status == "sending")),
        select(func.sum(ledger_head.c.seq)).scalar_subquery(),
        select(func.count()).select_from(sender_state).scalar_subquery(),
    ]
    return tuple(connection.execute(select(*columns)).one())


def orders_seen(connection: Connection, span: Span) -> int:
    """Orders first seen in this span."""
    query = select(func.count()).select_from(snapshot).where(snapshot.c.object_type == "order")
    return connection.execute(query.where(_within(snapshot.c.first_seen_at, span))).scalar_one()


def by_status(connection: Connection, span: Span) -> dict[str, int]:
    """Messages created in this span, by status."""
    query = select(message.c.status, func.count()).where(_within(message.c.created_at, span))
    return _pairs(connection.execute(query.group_by(message.c.status)))


def by_reason(connection: Connection, span: Span) -> list[ReasonCount]:
    """Messages created in this span that did not go out, by reason, the most frequent first."""
    count = func.count().label("count")
    query = (
        select(message.c.status, message.c.reason, count)
        .where(message.c.status.in_(NOT_SENT), _within(message.c.created_at, span))
        .group_by(message.c.status, message.c.reason)
        .order_by(count.desc(), message.c.reason)
    )
    return [ReasonCount(status, reason or "", number) for status, reason, number in connection.execute(query)]


def over_the_limit(connection: Connection) -> list[Row[Any]]:
    """Numbers whose messages wait because Meta's people per day are used up: sender, messages, people, next try."""
    query = select(
        message.c.sender,
        func.count().label("messages"),
        func.count(message.c.contact_id.distinct()).label("people"),
        func.min(message.c.send_after).label("next_at"),
    )
    waiting = query.where(message.c.reason == "portfolio_limit", message.c.status == "queued")
    return list(connection.execute(waiting.group_by(message.c.sender)))


def lapsed(connection: Connection, span: Span) -> int:
    """Messages of which we presumed in this span that they never arrived; they left days or weeks before."""
    query = select(func.count()).select_from(message).where(message.c.status == "lapsed")
    return connection.execute(query.where(_within(message.c.status_at, span))).scalar_one()


def received_troubles(connection: Connection, since: datetime) -> list[Trouble]:
    """Received bodies that led to nothing since then, by reason."""
    count = func.count()
    query = (
        select(inbox.c.note, count)
        .where(inbox.c.note.is_not(None), inbox.c.note.not_in(USUAL), inbox.c.received_at >= since)
        .group_by(inbox.c.note)
        .order_by(count.desc())
    )
    return [Trouble("inbox", note, number) for note, number in connection.execute(query)]


def silent_events(connection: Connection, span: Span) -> list[Trouble]:
    """Events of this span that led to no message, by reason; looks at the newest events only."""
    newest = select(event.c.outcome, event.c.received_at).order_by(event.c.id.desc()).limit(EVENTS_AT_MOST).subquery()
    count = func.count()
    query = (
        select(newest.c.outcome, count)
        .where(newest.c.outcome.is_not(None), newest.c.outcome.not_in(USUAL), _within(newest.c.received_at, span))
        .group_by(newest.c.outcome)
        .order_by(count.desc(), newest.c.outcome)
    )
    return [Trouble("event", outcome, number) for outcome, number in connection.execute(query)]


def failing_events(connection: Connection) -> int:
    """Events that could not be answered yet and are tried again."""
    query = select(event.c.id).where(event.c.processed_at.is_(None), event.c.error.is_not(None))
    return int(connection.execute(select(_few(query))).scalar_one())


def uncertain(connection: Connection) -> int:
    """Messages of which nobody knows whether they were accepted."""
    query = select(func.count()).select_from(message).where(message.c.status == "unknown")
    return connection.execute(query).scalar_one()


def per_day(connection: Connection, spans: Sequence[Span]) -> list[dict[str, int]]:
    """For each span how many messages were sent, delivered and read (each counts once, where it got to)."""
    return [_reached(connection, span) for span in spans]


def last_received(connection: Connection, most: int = AT_MOST) -> dict[str, datetime]:
    """When each endpoint was last heard of, among the newest received bodies."""
    newest = select(inbox.c.endpoint, inbox.c.received_at).order_by(inbox.c.id.desc()).limit(most).subquery()
    query = select(newest.c.endpoint, func.max(newest.c.received_at)).group_by(newest.c.endpoint)
    return _pairs(connection.execute(query))


def connected(connection: Connection) -> dict[str, datetime]:
    """When each shop was connected."""
    return _pairs(connection.execute(select(shop_state.c.shop, shop_state.c.connected_at)))


def paused(connection: Connection) -> dict[str, Row[Any]]:
    """The numbers that are paused: since when, Meta's code and words."""
    rows = connection.execute(select(sender_state))
    return {row.sender: row for row in rows}


def sent_by(connection: Connection, span: Span, senders: Iterable[str]) -> dict[str, int]:
    """How many messages of this span left by each number."""
    query = (
        select(message.c.sender, func.count())
        .where(message.c.status.in_(("accepted", "lapsed", *REACHED)), _within(message.c.created_at, span))
        .group_by(message.c.sender)
    )
    return dict.fromkeys(senders, 0) | _pairs(connection.execute(query))


def _reached(connection: Connection, span: Span) -> dict[str, int]:
    query = select(message.c.status, func.count()).where(message.c.status.in_((*REACHED, "lapsed")))
    query = query.where(_within(message.c.created_at, span)).group_by(message.c.status)
    found = dict.fromkeys(REACHED, 0) | _pairs(connection.execute(query))
    found["sent"] += found.pop("lapsed", 0)  # it was sent, and got no further
    return found


def _within(column: Any, span: Span) -> Any:
    return and_(column >= span[0], column < span[1])


def _few(query: Any) -> Any:
    return select(func.count()).select_from(query.limit(AT_MOST).subquery()).scalar_subquery()


def _pairs(result: Any) -> dict[str, Any]:
    return {row[0]: row[1] for row in result}
