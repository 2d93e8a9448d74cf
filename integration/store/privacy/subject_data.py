"""Everything that is stored about one person, page by page: nobody's life has to fit into memory."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from integration.store import personal_data
from integration.store.tables import contact, message

CHUNK = 500
Rows = Iterator[Row[Any]]
#: the parts whose rows are not simply listed: the person itself, and what needs the person's key
APART = ("person", "consents")


def parts() -> list[str]:
    """The parts of an export whose rows are listed, as the tables were written down."""
    return [part for part in personal_data.exported() if part not in APART]


def of(connection: Connection, part: str, contact_id: str) -> Rows:
    """The whole rows of one part, the oldest first."""
    table = personal_data.exported()[part]
    keys = list(table.primary_key)
    query: Select[Any] = select(table).where(personal_data.theirs(table, [contact_id])).order_by(*keys).limit(CHUNK)
    page = list(connection.execute(query))
    while page:
        yield from page
        if len(page) < CHUNK:
            return
        last = [page[-1]._mapping[key] for key in keys]
        page = list(connection.execute(query.where(tuple_(*keys) > tuple_(*last))))


def shown(part: str, row: Row[Any]) -> dict[str, Any]:
    """What a row of a part tells of its person, by name; what is empty is left out."""
    names = personal_data.shown(personal_data.exported()[part])
    return {name: value for name in names if (value := row._mapping[name]) not in (None, "")}


def last_messages(connection: Connection, contact_id: str, size: int) -> list[Row[Any]]:
    """The newest messages to a contact."""
    query = select(message).where(message.c.contact_id == contact_id)
    return list(connection.execute(query.order_by(message.c.created_at.desc()).limit(size)))


def profile(connection: Connection, contact_id: str) -> Row[Any] | None:
    """The contact itself."""
    return connection.execute(select(contact).where(contact.c.id == contact_id)).first()
