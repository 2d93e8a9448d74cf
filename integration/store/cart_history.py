"""Carts as the dashboard lists them: those that somebody left, and what became of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from integration.store.db import Database
from integration.store.history import CHUNK, PAGE, Key, Page
from integration.store.tables import IS_NAMED, cart, contact, snapshot

#: ordered or emptied without ever having been left: nothing to tell
_UNEVENTFUL = ("ordered", "emptied")
NEWEST_AT_MOST = 20_000

_LISTED = (
    cart.c.id,
    cart.c.shop,
    cart.c.state,
    cart.c.contact_id,
    cart.c.began_at,
    cart.c.changed_at,
    cart.c.abandoned_at,
    cart.c.reminded_at,
    cart.c.ordered_at,
    cart.c.order_id,
    cart.c.total,
    cart.c.currency,
    snapshot.c.facts,
    contact.c.name,
    contact.c.phone,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list. Empty fields do not restrict; without a state those are left out that nobody ever left."""

    state: str = ""
    shop: str = ""
    span: tuple[datetime, datetime] | None = None
    sort: str = "new"


@dataclass(frozen=True, slots=True)
class Sums:
    """Among the carts of a while: how many were left, and how many of these were bought after all."""

    left: int
    back: int


def page(connection: Connection, wanted: Filter, after: Key | None = None, size: int = PAGE) -> Page:
    """One page of carts."""
    query = _query(wanted)
    if after:
        query = query.where(_beyond(wanted.sort, after))
    rows = list(connection.execute(query.limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Key(last.changed_at, last.id) if last else None)


def everything(database: Database, wanted: Filter) -> Iterator[Row[Any]]:
    """All carts that fit, in chunks: a slow reader must not hold a transaction open."""
    after: Key | None = None
    while True:
        with database.read() as connection:
            found = page(connection, wanted, after, CHUNK)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def sums(connection: Connection, since: datetime) -> Sums:
    """Counts over the carts that changed since then, among the newest."""
    newest = select(cart.c.abandoned_at, cart.c.ordered_at).where(IS_NAMED, cart.c.changed_at >= since)
    newest = newest.order_by(cart.c.changed_at.desc()).limit(NEWEST_AT_MOST)
    found = newest.subquery()
    query = select(func.count(found.c.abandoned_at), func.count(found.c.ordered_at))
    left, back = connection.execute(query.where(found.c.abandoned_at.is_not(None))).one()
    return Sums(left, back)


def contacts_of(connection: Connection, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The contacts that these carts are linked to."""
    ids = {row.contact_id for row in rows if row.contact_id}
    return list(connection.execute(select(contact).where(contact.c.id.in_(ids)))) if ids else []


def _query(wanted: Filter) -> Select[Any]:
    query = select(*_LISTED).outerjoin(snapshot, snapshot.c.key == cart.c.snapshot_key)
    query = query.outerjoin(contact, contact.c.id == cart.c.contact_id).where(IS_NAMED)
    if wanted.state:
        query = query.where(cart.c.state == wanted.state)
    else:
        query = query.where(or_(cart.c.abandoned_at.is_not(None), cart.c.state.not_in(_UNEVENTFUL)))
    if wanted.shop:
        query = query.where(cart.c.shop == wanted.shop)
    if wanted.span:
        query = query.where(cart.c.changed_at >= wanted.span[0], cart.c.changed_at < wanted.span[1])
    order = (cart.c.changed_at, cart.c.id)
    return query.order_by(*(order if wanted.sort == "old" else [column.desc() for column in order]))


def _beyond(sort: str, key: Key) -> Any:
    at, id_ = cart.c.changed_at, cart.c.id
    # The first condition repeats what the second implies: it is what makes databases use the index.
    if sort == "old":
        return and_(at >= key.created_at, or_(at > key.created_at, id_ > key.id))
    return and_(at <= key.created_at, or_(at < key.created_at, id_ < key.id))
