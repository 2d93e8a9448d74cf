"""Messages as the dashboard lists and explains them. Lists page by key, so page 1000 costs what page 1 costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, String, and_, func, or_, select

from integration.store.costs import costs
from integration.store.db import Database
from integration.store.overview import USUAL
from integration.store.tables import (
    attempt,
    consent,
    contact,
    decision,
    event,
    inbound_message,
    inbox,
    message,
    snapshot,
    status,
    wording,
)

PAGE = 50
CHUNK = 1000
NAMES_AT_MOST = 200
MESSAGES_AT_MOST = 5000
SORTS = ("new", "old", "status")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list. Empty fields do not restrict; `search` is an order number or a part of a name.

    `span` is when a message was made, `charged` when Meta charged it.
    """

    status: str = ""
    kind: str = ""
    reason: str = ""
    shop: str = ""
    contact_id: str = ""
    span: tuple[datetime, datetime] | None = None
    charged: tuple[datetime, datetime] | None = None
    price_category: str = ""
    search: str = ""
    sort: str = "new"


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ended."""

    created_at: datetime
    id: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and where the next one starts (None on the last)."""

    rows: list[Row[Any]]
    next: Key | None


_LISTED = (
    message.c.id,
    message.c.created_at,
    message.c.kind,
    message.c.purpose,
    message.c.status,
    message.c.reason,
    message.c.held,
    message.c.shop,
    message.c.contact_id,
    message.c.variables,
    message.c.price,
    message.c.price_currency,
    message.c.price_category,
    contact.c.name,
    contact.c.phone,
)

_RECEIVED = (
    inbox.c.id,
    inbox.c.channel,
    inbox.c.endpoint,
    inbox.c.topic,
    inbox.c.received_at,
    inbox.c.state,
    inbox.c.note,
    inbox.c.tries,
    inbox.c.error,
)


def page(connection: Connection, wanted: Filter, after: Key | None = None, size: int = PAGE) -> Page:
    """One page of messages."""
    query = _query(connection, wanted)
    if after:
        query = query.where(_beyond(wanted.sort, after))
    rows = list(connection.execute(query.limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Key(last.created_at, last.id, last.status) if last else None)


def cost(connection: Connection, wanted: Filter) -> list[tuple[str, Decimal]]:
    """(currency, amount) of all messages that fit."""
    total = func.sum(message.c.price, type_=message.c.price.type)
    query = _query(connection, wanted).with_only_columns(message.c.price_currency, total).order_by(None)
    return [(row[0], row[1]) for row in connection.execute(query.group_by(message.c.price_currency)) if row[1]]


def everything(database: Database, wanted: Filter) -> Iterator[Row[Any]]:
    """All messages that fit, in chunks: a slow reader must not hold a transaction open."""
    after: Key | None = None
    while True:
        with database.read() as connection:
            found = page(connection, wanted, after, CHUNK)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def message_of(connection: Connection, id_: str) -> Row[Any] | None:
    """One message with its contact's name and phone."""
    columns = (message, contact.c.name, contact.c.phone, contact.c.subject)
    query = select(*columns).outerjoin(contact, message.c.contact_id == contact.c.id)
    return connection.execute(query.where(message.c.id == id_)).first()


def newest_variables(connection: Connection, company: str, shop: str, kind: str, language: str) -> dict[str, str]:
    """What the newest message of this kind says in this language; `shop` "" means any of the company's."""
    query = select(message.c.variables).where(
        message.c.company == company, message.c.kind == kind, message.c.language == language
    )
    query = query.where(message.c.shop == shop) if shop else query
    found = connection.execute(query.order_by(message.c.created_at.desc()).limit(1)).scalar() or {}
    return {name: str(value) for name, value in found.items() if value}


def event_of(connection: Connection, id_: str) -> Row[Any] | None:
    """The event that called for a message."""
    return connection.execute(select(event).where(event.c.id == id_)).first()


def decisions_of(connection: Connection, message_id: str) -> list[Row[Any]]:
    """Every decision on a message, in order."""
    query = select(decision).where(decision.c.message_id == message_id).order_by(decision.c.at, decision.c.id)
    return list(connection.execute(query))


def attempts_of(connection: Connection, message_id: str) -> list[Row[Any]]:
    """Every attempt to send a message, in order."""
    return list(connection.execute(select(attempt).where(attempt.c.message_id == message_id).order_by(attempt.c.n)))


def statuses_of(connection: Connection, message_id: str) -> list[Row[Any]]:
    """Meta's statuses of a message, in order."""
    query = select(status).where(status.c.message_id == message_id).order_by(status.c.at, status.c.received_at)
    return list(connection.execute(query))


def consents_named(connection: Connection, event_ids: list[str]) -> list[Row[Any]]:
    """The ledger rows that a decision rests on, with the wording that was shown."""
    shown = and_(wording.c.company == consent.c.company, wording.c.hash == consent.c.wording_hash)
    query = select(consent, wording.c.text.label("wording_text"), wording.c.version.label("wording_version"))
    query = query.outerjoin(wording, shown).where(consent.c.event_id.in_(event_ids))
    return list(connection.execute(query.order_by(consent.c.occurred_at, consent.c.seq))) if event_ids else []


def counts_of(connection: Connection, contact_id: str) -> dict[str, int]:
    """How many messages went either way, and how many orders there are."""
    kinds = {"messages": message, "written": inbound_message}
    found = {name: select(func.count()).where(table.c.contact_id == contact_id) for name, table in kinds.items()}
    found["orders"] = select(func.count()).where(snapshot.c.contact_id == contact_id, snapshot.c.object_type == "order")
    return {name: connection.execute(query).scalar_one() for name, query in found.items()}


def facts_of(connection: Connection, key: str) -> dict[str, Any]:
    """What is known of an order or a parcel, empty when it is gone."""
    found = connection.execute(select(snapshot.c.facts).where(snapshot.c.key == key)).scalar()
    return dict(found or {})


def received(connection: Connection, note: str, before: str = "", size: int = PAGE) -> list[Row[Any]]:
    """Received bodies that led to nothing, newest first; never the bodies themselves."""
    query = select(*_RECEIVED).where(inbox.c.note.is_not(None))
    query = query.where(inbox.c.note == note) if note else query.where(inbox.c.note.not_in(USUAL))
    if before:
        query = query.where(inbox.c.id < before)
    return list(connection.execute(query.order_by(inbox.c.id.desc()).limit(size)))


def retried(connection: Connection, size: int = PAGE) -> list[Row[Any]]:
    """Received bodies that could not be processed yet and are tried again."""
    query = select(*_RECEIVED)
    query = query.where(inbox.c.state == "new", inbox.c.channel.in_(("shop", "meta")), inbox.c.tries > 0)
    return list(connection.execute(query.order_by(inbox.c.id.desc()).limit(size)))


def silent_events(connection: Connection, outcome: str, before: str = "", size: int = PAGE) -> list[Row[Any]]:
    """Events that led to no message, with their order's facts, newest first."""
    query = select(event, snapshot.c.facts).outerjoin(snapshot, snapshot.c.key == event.c.order_key)
    query = query.where(event.c.outcome == outcome)
    if before:
        query = query.where(event.c.id < before)
    return list(connection.execute(query.order_by(event.c.id.desc()).limit(size)))


def open_events(connection: Connection, size: int = PAGE) -> list[Row[Any]]:
    """Events with an error that are tried again."""
    query = select(event, snapshot.c.facts).outerjoin(snapshot, snapshot.c.key == event.c.order_key)
    query = query.where(event.c.processed_at.is_(None), event.c.error.is_not(None))
    return list(connection.execute(query.order_by(event.c.id.desc()).limit(size)))


def _query(connection: Connection, wanted: Filter) -> Select[Any]:
    query = select(*_LISTED).outerjoin(contact, message.c.contact_id == contact.c.id)
    for column in ("status", "kind", "reason", "shop", "contact_id", "price_category"):
        if value := getattr(wanted, column):
            query = query.where(message.c[column] == value)
    if wanted.charged:
        query = query.where(*costs.charged(*wanted.charged))
    if wanted.span:
        query = query.where(message.c.created_at >= wanted.span[0], message.c.created_at < wanted.span[1])
    if wanted.search:
        query = query.where(_matches(connection, wanted.search))
    return query.order_by(*_order(wanted.sort))


def _order(sort: str) -> list[Any]:
    if sort == "old":
        return [message.c.created_at, message.c.id]
    newest = [message.c.created_at.desc(), message.c.id.desc()]
    return [message.c.status.desc(), *newest] if sort == "status" else newest


def _beyond(sort: str, key: Key) -> Any:
    at, id_ = message.c.created_at, message.c.id
    if sort == "old":
        # The first condition repeats what the second implies: it is what makes databases use the index.
        return and_(at >= key.created_at, or_(at > key.created_at, id_ > key.id))
    older = and_(at <= key.created_at, or_(at < key.created_at, id_ < key.id))
    if sort == "status":
        place = message.c.status
        return and_(place <= key.status, or_(place < key.status, older))
    return older


def _matches(connection: Connection, search: str) -> Any:
    """An order number has digits; everything else is a part of a name."""
    text = search.strip()
    if any(character.isdigit() for character in text):
        number = text.lstrip("#")
        return message.c.order_number.in_((text, number, f"#{number}"))
    theirs = select(message.c.id).where(message.c.contact_id.in_(named(connection, text)))
    newest = theirs.order_by(message.c.created_at.desc()).limit(MESSAGES_AT_MOST)
    # Looked up first: with a nested query databases walk through all messages by time instead.
    return message.c.id.in_(list(connection.execute(newest).scalars()))


def named(connection: Connection, text: str) -> list[str]:
    """Contacts whose name contains `text`, the newest first."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    query = select(contact.c.id).where(func.lower(contact.c.name, type_=String).like(f"%{escaped}%", escape="\\"))
    return list(connection.execute(query.order_by(contact.c.id.desc()).limit(NAMES_AT_MOST)).scalars())
