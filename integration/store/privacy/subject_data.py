"""Everything that is stored about one person, page by page: nobody's life has to fit into memory."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, select

from integration.store.tables import appointment, cart, contact, inbound_message, message, snapshot, voucher

CHUNK = 500
Rows = Iterator[Row[Any]]


def messages(connection: Connection, contact_id: str) -> Rows:
    """Messages to a contact, sent or not, the oldest first."""
    return _paged(connection, message, contact_id)


def last_messages(connection: Connection, contact_id: str, size: int) -> list[Row[Any]]:
    """The newest messages to a contact."""
    query = select(message).where(message.c.contact_id == contact_id)
    return list(connection.execute(query.order_by(message.c.created_at.desc()).limit(size)))


def inbound(connection: Connection, contact_id: str) -> Rows:
    """What a contact wrote, the oldest first."""
    return _paged(connection, inbound_message, contact_id)


def carts(connection: Connection, contact_id: str) -> Rows:
    """A contact's carts."""
    return _paged(connection, cart, contact_id)


def vouchers(connection: Connection, contact_id: str) -> Rows:
    """A contact's vouchers."""
    return _paged(connection, voucher, contact_id)


def appointments(connection: Connection, contact_id: str) -> Rows:
    """A contact's appointments."""
    return _paged(connection, appointment, contact_id)


def objects(connection: Connection, contact_id: str) -> Rows:
    """What the shops told of a contact: orders, parcels, carts, the customer."""
    return _paged(connection, snapshot, contact_id, key="key")


def profile(connection: Connection, contact_id: str) -> Row[Any] | None:
    """The contact itself."""
    return connection.execute(select(contact).where(contact.c.id == contact_id)).first()


def _paged(connection: Connection, table: Table, contact_id: str, key: str = "id") -> Rows:
    query: Select[Any] = select(table).where(table.c.contact_id == contact_id).order_by(table.c[key]).limit(CHUNK)
    last = ""
    while True:
        page = list(connection.execute(query.where(table.c[key] > last)))
        yield from page
        if len(page) < CHUNK:
            return
        last = getattr(page[-1], key)
