"""What customers answered about an order, by button or word: no more messages, cash on delivery or not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select

from integration.store.bulk_write import insert_or_ignore
from integration.store.fast_select import Query, among
from integration.store.tables import message, order_reply

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
    query = insert_or_ignore(connection, order_reply).values(**row)
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount > 0


def answered(connection: Connection, shop: str, most: int) -> list[Row[Any]]:
    """The last answers about a shop's orders, each with a message about that order; newest first."""
    last = (
        select(func.max(message.c.id))
        .where(message.c.order_key == order_reply.c.order_key, message.c.contact_id == order_reply.c.contact_id)
        .correlate(order_reply)
        .scalar_subquery()
    )
    query = (
        select(order_reply, message.c.id.label("message_id"), message.c.order_number)
        .join(message, message.c.id == last)
        .where(order_reply.c.order_key.startswith(f"{shop}/", autoescape=True))
        .order_by(order_reply.c.at.desc())
    )
    return list(connection.execute(query.limit(most)))


def of_order(connection: Connection, order_key: str) -> list[Row[Any]]:
    """Every answer about an order, oldest first."""
    query = select(order_reply).where(order_reply.c.order_key == order_key).order_by(order_reply.c.at)
    return list(connection.execute(query))
