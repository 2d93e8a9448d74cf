"""What customers answered about an order, by button or word: no more messages, cash on delivery or not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, literal, select

from integration.store.ledger import insert_or_ignore
from integration.store.query import Query, among
from integration.store.tables import order_reply

_MUTED = Query(
    select(order_reply.c.order_key).where(
        among(order_reply.c.order_key, "order_keys"), order_reply.c.about == literal("mute")
    )
)


def muted(connection: Connection, order_keys: Iterable[str]) -> set[str]:
    """The orders of these about which their customers want to hear no more."""
    return set(_MUTED.values(connection, {"order_keys": order_keys}))


def note(connection: Connection, order_key: str, about: str, answer: str, contact_id: str, at: datetime) -> bool:
    """Keep an answer; the first one counts. Returns whether it is the first."""
    row = {"order_key": order_key, "about": about, "answer": answer, "contact_id": contact_id, "at": at}
    return connection.execute(insert_or_ignore(connection, order_reply).values(**row)).rowcount > 0


def of_order(connection: Connection, order_key: str) -> list[Row[Any]]:
    """Every answer about an order, oldest first."""
    query = select(order_reply).where(order_reply.c.order_key == order_key).order_by(order_reply.c.at)
    return list(connection.execute(query))
