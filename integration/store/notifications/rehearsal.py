"""Orders for the rehearsal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from integration.domain.shops.events import ObjectType, Snapshot
from integration.store.db import Database
from integration.store.tables import snapshot

CHUNK = 500


def count(connection: Connection, shops: Sequence[str], since: datetime) -> int:
    """How many orders were first seen since then: whatever was placed later is among them."""
    return connection.execute(select(func.count()).select_from(snapshot).where(*_lately(shops, since))).scalar_one()


def orders(database: Database, shops: Sequence[str], since: datetime) -> Iterator[list[Snapshot]]:
    """These orders in chunks; no transaction stays open meanwhile."""
    columns = (snapshot.c.key, snapshot.c.shop, snapshot.c.object_id, snapshot.c.version, snapshot.c.facts)
    after = ""
    while True:
        query = select(*columns).where(*_lately(shops, since), snapshot.c.key > after)
        with database.read() as connection:
            rows = connection.execute(query.order_by(snapshot.c.key).limit(CHUNK)).all()
        if rows:
            yield [Snapshot(row.shop, ObjectType.ORDER, row.object_id, row.version, row.facts) for row in rows]
        if len(rows) < CHUNK:
            return
        after = rows[-1].key


def _lately(shops: Sequence[str], since: datetime) -> list[ColumnElement[Any]]:
    return [
        snapshot.c.object_type == ObjectType.ORDER,
        snapshot.c.first_seen_at >= since,
        snapshot.c.shop.in_(shops),
    ]
