"""Objects of which a hint told too little: they wait here until the shop was asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from integration.domain.shops.events import ObjectType, object_key
from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import reread

#: after this many failed tries an object is given up; the next change of it comes with the poll
MOST_TRIES = 8
FIRST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object to be read."""

    key: str
    object_type: ObjectType
    object_id: str
    wanted_at: datetime
    tries: int


def want(connection: Connection, shop: str, objects: Iterable[tuple[ObjectType, str]], now: datetime) -> None:
    """Read these objects soon; one that waits already, or was given up, is asked for anew."""
    wanted = {object_key(shop, kind, id_): (kind, id_) for kind, id_ in objects}
    if not wanted:
        return
    rows = [
        {
            "key": key,
            "shop": shop,
            "object_type": kind,
            "object_id": id_,
            "wanted_at": now,
            "try_after": now,
            "tries": 0,
        }
        for key, (kind, id_) in wanted.items()
    ]
    again = {"wanted_at": now, "try_after": now, "tries": 0}
    connection.execute(update(reread).where(reread.c.key.in_(list(wanted))).values(**again))
    connection.execute(insert_or_ignore(connection, reread), rows)


def due(connection: Connection, shop: str, now: datetime, most: int) -> list[Wanted]:
    """What to read of this shop now, the longest wanted first."""
    columns = (reread.c.key, reread.c.object_type, reread.c.object_id, reread.c.wanted_at, reread.c.tries)
    query = select(*columns).where(reread.c.shop == shop, reread.c.try_after <= now, reread.c.tries < MOST_TRIES)
    rows = connection.execute(query.order_by(reread.c.wanted_at).limit(most))
    return [Wanted(key, ObjectType(kind), id_, at, tries) for key, kind, id_, at, tries in rows]


def shops_due(connection: Connection, now: datetime) -> list[str]:
    """The shops of which something is to be read now."""
    query = select(reread.c.shop).where(reread.c.try_after <= now, reread.c.tries < MOST_TRIES).distinct()
    return list(connection.execute(query).scalars())


def done(connection: Connection, item: Wanted) -> None:
    """It was read; unless it was asked for anew meanwhile, it waits no more."""
    connection.execute(delete(reread).where(reread.c.key == item.key, reread.c.wanted_at == item.wanted_at))


def fail(connection: Connection, item: Wanted, error: str, now: datetime) -> None:
    """Try again later, less and less often; the last try keeps its error."""
    wait = FIRST_WAIT * 2**item.tries
    values = {"tries": reread.c.tries + 1, "try_after": now + wait, "error": error}
    connection.execute(update(reread).where(reread.c.key == item.key).values(**values))
