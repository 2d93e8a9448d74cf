"""Carts as the dashboard lists them: those that somebody left, and what became of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, false, func, or_, select

from integration.domain.carts.carts import Arm
from integration.domain.carts.reminders import KIND, SIGNS
from integration.store.db import Database
from integration.store.messages.listing import CHUNK, PAGE, Key, Page
from integration.store.tables import IS_NAMED, cart, contact, conversion, message, snapshot, voucher

#: ordered or emptied without ever having been left: nothing to tell
_UNEVENTFUL = ("ordered", "emptied")
#: an order that a reminder brought and that was not undone
BROUGHT = and_(conversion.c.how.in_(SIGNS), conversion.c.undone_at.is_(None))
_IS_OF = conversion.c.cart_id == cart.c.id
_CAME_BACK = exists().where(_IS_OF, BROUGHT)
_BOUGHT = exists().where(
    _IS_OF,
    conversion.c.order_id == cart.c.order_id,
    conversion.c.at >= cart.c.asked_at,
    conversion.c.undone_at.is_(None),
)
_HELD_OUT = cart.c.arm == Arm.HOLDOUT
#: what a step of the funnel, or a side of the comparison, counts
STEPS: Mapping[str, ColumnElement[bool]] = {
    "left": cart.c.abandoned_at.is_not(None),
    "allowed": cart.c.arm != "",
    "reminded": cart.c.reminded_at.is_not(None),
    "back": _CAME_BACK,
    "held_out": _HELD_OUT,
    "not_allowed": and_(cart.c.abandoned_at.is_not(None), cart.c.arm == ""),
    "reminder": cart.c.arm == Arm.REMINDER,
    "reminder_bought": and_(cart.c.arm == Arm.REMINDER, _BOUGHT),
    "holdout": _HELD_OUT,
    "holdout_bought": and_(_HELD_OUT, _BOUGHT),
}
#: counted while the page is made; `back` asks the conversions instead
_COUNTED = ("left", "allowed", "reminded", "held_out")

_LISTED = (
    cart.c.id,
    cart.c.shop,
    cart.c.state,
    cart.c.contact_id,
    cart.c.began_at,
    cart.c.changed_at,
    cart.c.abandoned_at,
    cart.c.reminded_at,
    cart.c.expired_at,
    cart.c.ordered_at,
    cart.c.order_id,
    cart.c.total,
    cart.c.currency,
    cart.c.remind_at,
    cart.c.asked_at,
    cart.c.arm,
    cart.c.reason,
    cart.c.parts,
    snapshot.c.facts,
    contact.c.name,
    contact.c.phone,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list. Empty fields do not restrict; without a state those are left out that nobody ever left.

    `step` is one of STEPS, `how` the sign by which an order is taken for a reminder's, `reason` why no reminder went.
    `span` is about the last change, `came` about the orders that reminders brought, `asked` about the decision on the
    first reminder.
    """

    state: str = ""
    shop: str = ""
    step: str = ""
    how: str = ""
    reason: str = ""
    span: tuple[datetime, datetime] | None = None
    came: tuple[datetime, datetime] | None = None
    asked: tuple[datetime, datetime] | None = None
    sort: str = "new"


@dataclass(frozen=True, slots=True)
class Funnel:
    """Carts that changed last in some time: how many got how far, and whom chance held out for comparison."""

    left: int
    allowed: int
    reminded: int
    held_out: int
    back: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Orders that came back by one sign, in one currency."""

    how: str
    currency: str
    carts: int
    amount: Decimal


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


def funnel(connection: Connection, wanted: Filter) -> Funnel:
    """How far the carts of this shop and time got."""
    counts = [func.count().filter(STEPS[step]) for step in _COUNTED]
    left, allowed, reminded, held_out = connection.execute(_of(select(*counts), wanted)).one()
    back = select(func.count(conversion.c.cart_id.distinct())).join_from(conversion, cart, _IS_OF).where(BROUGHT)
    return Funnel(left, allowed, reminded, held_out, connection.execute(_of(back, wanted)).scalar_one())


def brought(connection: Connection, wanted: Filter) -> list[Sum]:
    """What came back in this shop and time, by sign and currency."""
    query = (
        select(
            conversion.c.how,
            conversion.c.currency,
            func.count(conversion.c.cart_id.distinct()),
            func.sum(conversion.c.amount, type_=conversion.c.amount.type),
        )
        .join_from(conversion, cart, _IS_OF)
        .where(BROUGHT)
        .group_by(conversion.c.how, conversion.c.currency)
    )
    found = [Sum(*row) for row in connection.execute(_of(query, wanted))]
    return sorted(found, key=lambda one: (SIGNS.index(one.how), one.currency))


def reasons(connection: Connection, wanted: Filter) -> list[tuple[str, int]]:
    """Why nobody could be reminded of carts that were left, the most frequent first."""
    query = select(cart.c.reason, func.count()).where(STEPS["not_allowed"], cart.c.reason != "")
    found = connection.execute(_of(query, wanted).group_by(cart.c.reason))
    return sorted(((row[0], row[1]) for row in found), key=lambda pair: (-pair[1], pair[0]))


def of(connection: Connection, cart_id: str) -> Row[Any] | None:
    """One cart."""
    return connection.execute(_listed().where(cart.c.id == cart_id)).first()


def reminders_of(connection: Connection, rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    """The reminders of these carts, sent or not, the oldest first, by cart."""
    ids = {row.id: row.contact_id for row in rows if row.contact_id}
    theirs = and_(message.c.contact_id.in_(set(ids.values())), message.c.object_id.in_(ids), message.c.kind == KIND)
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(message).where(theirs).order_by(message.c.created_at)) if ids else ():
        found[row.object_id].append(row)
    return found


def orders_of(connection: Connection, cart_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """What came of these carts, by cart."""
    query = select(conversion).where(conversion.c.cart_id.in_(cart_ids)).order_by(conversion.c.at)
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.cart_id].append(row)
    return found


def vouchers_of(connection: Connection, shop: str, keys: Sequence[str]) -> list[Row[Any]]:
    """The vouchers that were drawn for these messages, by their keys."""
    return list(connection.execute(select(voucher).where(voucher.c.shop == shop, voucher.c.purpose_key.in_(keys))))


def contacts_of(connection: Connection, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The contacts that these carts are linked to."""
    ids = {row.contact_id for row in rows if row.contact_id}
    return list(connection.execute(select(contact).where(contact.c.id.in_(ids)))) if ids else []


def _listed() -> Any:
    query = select(*_LISTED).outerjoin(snapshot, snapshot.c.key == cart.c.snapshot_key)
    return query.outerjoin(contact, contact.c.id == cart.c.contact_id)


def _of(query: Any, wanted: Filter) -> Any:
    """Only carts of this shop and time."""
    query = query.where(IS_NAMED)
    if wanted.shop:
        query = query.where(cart.c.shop == wanted.shop)
    if wanted.span:
        query = query.where(cart.c.changed_at >= wanted.span[0], cart.c.changed_at < wanted.span[1])
    return query


def _query(wanted: Filter) -> Any:
    query = _of(_listed(), wanted)
    if wanted.state:
        query = query.where(cart.c.state == wanted.state)
    elif not (wanted.step or wanted.how or wanted.came):
        query = query.where(or_(cart.c.abandoned_at.is_not(None), cart.c.state.not_in(_UNEVENTFUL)))
    if wanted.step:
        query = query.where(STEPS.get(wanted.step, false()))
    if wanted.asked:
        query = query.where(cart.c.asked_at >= wanted.asked[0], cart.c.asked_at < wanted.asked[1])
    if wanted.reason:
        query = query.where(cart.c.reason == wanted.reason)
    if wanted.how or wanted.came:
        query = query.where(exists().where(*_back(wanted)))
    order = (cart.c.changed_at, cart.c.id)
    return query.order_by(*(order if wanted.sort == "old" else [column.desc() for column in order]))


def _back(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """An order of the cart's that came by this sign, and in this time."""
    yield _IS_OF
    yield BROUGHT
    if wanted.how:
        yield conversion.c.how == wanted.how
    if wanted.came:
        yield and_(conversion.c.at >= wanted.came[0], conversion.c.at < wanted.came[1])


def _beyond(sort: str, key: Key) -> Any:
    at, id_ = cart.c.changed_at, cart.c.id
    # The first condition repeats what the second implies: it is what makes databases use the index.
    if sort == "old":
        return and_(at >= key.created_at, or_(at > key.created_at, id_ > key.id))
    return and_(at <= key.created_at, or_(at < key.created_at, id_ < key.id))
