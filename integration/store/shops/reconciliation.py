"""Reconciliation: what is compared, and what was found."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from integration.domain.hot_dataclass import lean
from integration.domain.shops.events import ObjectType
from integration.domain.shops.reconciliation import Told, Written
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.tables import event, gap, message, reconciliation, snapshot

CHUNK = 1000


@lean
class Traced:
    """An order with everything that it led to."""

    key: str
    number: str
    status: str
    told: Sequence[Told]
    written: Sequence[Written]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One comparison of a shop's orders with our messages, as its row keeps it."""

    shop: str
    at: datetime
    since: datetime
    orders: int
    reasons: Mapping[str, int]
    healed: int
    asked: bool


def traced(database: Database, shop: str, since: datetime) -> Iterator[Traced]:
    """The orders of a shop that were first seen since then, in chunks: no transaction stays open meanwhile."""
    after = ""
    while True:
        with database.read() as connection:
            found = _orders(connection, shop, since, after)
            told, written = _told(connection, found), _written(connection, found)
        for row in found:
            yield Traced(row.key, row.number or row.object_id, row.status, told[row.key], written[row.key])
        if len(found) < CHUNK:
            return
        after = found[-1].key


def keep(connection: Connection, found: Reconciliation, gaps: Mapping[str, tuple[str, str]]) -> None:
    """Store what was found; `gaps` maps an order's key to its number and the reason, and replaces the last ones."""
    connection.execute(
        insert(reconciliation).values(
            id=new_id(),
            shop=found.shop,
            at=found.at,
            since=found.since,
            orders=found.orders,
            reasons=dict(found.reasons),
            healed=found.healed,
            asked=found.asked,
        )
    )
    found_at: dict[str, datetime] = {
        row.order_key: row.found_at
        for row in connection.execute(select(gap.c.order_key, gap.c.found_at).where(gap.c.shop == found.shop))
    }
    connection.execute(delete(gap).where(gap.c.shop == found.shop))
    rows = [
        {
            "order_key": key,
            "shop": found.shop,
            "number": number[:64],
            "reason": reason,
            "found_at": found_at.get(key, found.at),
        }
        for key, (number, reason) in gaps.items()
    ]
    if rows:
        connection.execute(insert(gap), rows)


def last(connection: Connection) -> dict[str, Reconciliation]:
    """The last one of each shop."""
    shop, at = reconciliation.c.shop, reconciliation.c.at
    newest = select(shop, func.max(at).label("at")).group_by(shop).subquery()
    query = select(reconciliation).join(newest, and_(shop == newest.c.shop, at == newest.c.at))
    return {row.shop: _read(row) for row in connection.execute(query)}


def open_gaps(connection: Connection, most: int) -> list[Any]:
    """Orders that nothing explains, the newest first, with the name of who placed them."""
    query = select(gap, snapshot.c.facts, snapshot.c.contact_id)
    query = query.outerjoin(snapshot, snapshot.c.key == gap.c.order_key).order_by(gap.c.found_at.desc(), gap.c.number)
    return list(connection.execute(query.limit(most)))


def count_open(connection: Connection) -> dict[str, int]:
    """How many unexplained orders each shop has that has any."""
    query = select(gap.c.shop, func.count().label("orders")).group_by(gap.c.shop)
    return {row.shop: row.orders for row in connection.execute(query)}


def forget(connection: Connection, before: datetime, most: int = CHUNK) -> int:
    """Delete old ones; returns how many."""
    old = select(reconciliation.c.id).where(reconciliation.c.at < before).limit(most)
    return connection.execute(delete(reconciliation).where(reconciliation.c.id.in_(old))).rowcount


def _read(row: Any) -> Reconciliation:
    return Reconciliation(row.shop, row.at, row.since, row.orders, row.reasons, row.healed, row.asked)


def _orders(connection: Connection, shop: str, since: datetime, after: str) -> Sequence[Any]:
    number, status = snapshot.c.facts["number"].as_string(), snapshot.c.facts["status"].as_string()
    query = select(snapshot.c.key, snapshot.c.object_id, number.label("number"), status.label("status")).where(
        snapshot.c.shop == shop,
        snapshot.c.object_type == ObjectType.ORDER,
        snapshot.c.first_seen_at >= since,
        snapshot.c.key > after,
    )
    return connection.execute(query.order_by(snapshot.c.key).limit(CHUNK)).all()


def _told(connection: Connection, orders: Sequence[Any]) -> Mapping[str, list[Told]]:
    query = select(event.c.order_key, event.c.received_at, event.c.outcome, event.c.processed_at)
    query = query.where(event.c.order_key.in_([row.key for row in orders])).order_by(event.c.occurred_at)
    found: dict[str, list[Told]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.order_key].append(Told(row.received_at, row.outcome, row.processed_at is not None))
    return found


def _written(connection: Connection, orders: Sequence[Any]) -> Mapping[str, list[Written]]:
    query = select(
        message.c.order_key, message.c.status, message.c.reason, message.c.expires_at, message.c.status_at
    ).where(message.c.order_key.in_([row.key for row in orders]))
    found: dict[str, list[Written]] = defaultdict(list)
    for row in connection.execute(query.order_by(message.c.occurred_at)):
        found[row.order_key].append(Written(row.status, row.reason, row.expires_at, row.status_at))
    return found
