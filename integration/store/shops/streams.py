"""How far each shop has been read: one row per shop and stream."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, func, select, update

from integration.domain.errors import ShopError
from integration.domain.shops.ports import Cursor, Page, Stream
from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import stream

#: how long a failing shop is left alone at most
LONGEST_WAIT = timedelta(minutes=15)
FIRST_WAIT = timedelta(seconds=15)
_COLUMNS = (
    stream.c.name,
    stream.c.cursor,
    stream.c.due_at,
    stream.c.interval_s,
    stream.c.started_at,
    stream.c.polled_at,
    stream.c.caught_up_at,
    stream.c.read,
    stream.c.left,
    stream.c.failures,
    stream.c.error,
)


@dataclass(frozen=True, slots=True)
class State:
    """Where one stream of a shop stands. `error` is {code, de, en} while it fails."""

    name: str
    cursor: Cursor
    due_at: datetime
    interval_s: int
    started_at: datetime
    polled_at: datetime | None
    caught_up_at: datetime | None
    read: int
    left: int | None
    failures: int
    error: dict[str, str] | None


def begin(connection: Connection, shop: str, first: Sequence[tuple[Stream, Cursor]], now: datetime) -> None:
    """Note streams that have never been read, with their first cursors; known ones stay as they are."""
    rows = [
        {
            "shop": shop,
            "name": one.name,
            "cursor": cursor,
            "due_at": now,
            "interval_s": int(one.quickest.total_seconds()),
            "started_at": now,
            "read": 0,
            "failures": 0,
        }
        for one, cursor in first
    ]
    connection.execute(insert_or_ignore(connection, stream), rows)


def of(connection: Connection, shop: str) -> dict[str, State]:
    """Every stream of a shop, by name."""
    rows = connection.execute(select(*_COLUMNS).where(stream.c.shop == shop).order_by(stream.c.name))
    return {row.name: State(*row) for row in rows}


def due(connection: Connection, now: datetime) -> list[str]:
    """The shops that have a stream to read now."""
    query = select(stream.c.shop).where(stream.c.due_at <= now).group_by(stream.c.shop)
    return list(connection.execute(query.order_by(func.min(stream.c.due_at))).scalars())


def failing(connection: Connection, since: datetime) -> dict[str, datetime]:
    """Shops with a stream that fails and was last read before `since`: since when."""
    last = func.coalesce(stream.c.polled_at, stream.c.started_at)
    query = select(stream.c.shop, func.min(last, type_=last.type)).where(stream.c.failures > 0, last <= since)
    return {row[0]: row[1] for row in connection.execute(query.group_by(stream.c.shop))}


def advance(connection: Connection, shop: str, state: State, page: Page, now: datetime) -> None:
    """Store what a page brought: the cursor, and how much is left."""
    known = {} if page.more or state.caught_up_at else {"caught_up_at": now}
    values = {"cursor": page.cursor, "polled_at": now, "read": stream.c.read + len(page.snapshots), "left": page.left}
    connection.execute(_row(shop, state.name).values(failures=0, error=None, **values, **known))


def rest(connection: Connection, shop: str, name: str, interval: timedelta, now: datetime) -> None:
    """A stream is read up to now: come again after the interval."""
    values = {"interval_s": int(interval.total_seconds()), "due_at": now + interval}
    connection.execute(_row(shop, name).values(**values))


def fail(connection: Connection, shop: str, states: Iterable[State], error: ShopError, now: datetime) -> None:
    """Note why streams could not be read, and leave them alone for a while, longer each time."""
    said = {"code": error.code, "de": error.explanation.de, "en": error.explanation.en}
    for state in states:
        wait = max(timedelta(seconds=error.wait), min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(state.failures, 10)))
        values = {"failures": stream.c.failures + 1, "error": said, "due_at": now + wait}
        connection.execute(_row(shop, state.name).values(**values))


def hasten(connection: Connection, shop: str, now: datetime) -> None:
    """Read a shop as soon as may be."""
    connection.execute(update(stream).where(stream.c.shop == shop, stream.c.due_at > now).values(due_at=now))


def _row(shop: str, name: str) -> Update:
    return update(stream).where(stream.c.shop == shop, stream.c.name == name)
