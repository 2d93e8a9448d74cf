"""The owner's pictures, videos and files that go out with texts, by the SHA-256 of their content."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import enclosure


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of the owner's. `name` is what it was called on the owner's computer."""

    hash: str
    mime: str
    name: str
    content: bytes


def keep(
    connection: Connection, item: Enclosure, now: datetime, order_key: str | None = None, contact_id: str | None = None
) -> None:
    """Keep a file, one of an order with whom it is about; of the same content that is here already stays as it is."""
    row = {"hash": item.hash, "mime": item.mime, "name": item.name, "content": item.content, "at": now}
    row |= {"order_key": order_key, "contact_id": contact_id}
    connection.execute(insert_or_ignore(connection, enclosure), [row])


def find(connection: Connection, hash_: str) -> Enclosure | None:
    """A file with its content."""
    query = select(enclosure.c.hash, enclosure.c.mime, enclosure.c.name, enclosure.c.content)
    row = connection.execute(query.where(enclosure.c.hash == hash_)).one_or_none()
    return Enclosure(row.hash, row.mime, row.name, bytes(row.content)) if row else None


def names(connection: Connection) -> dict[str, tuple[str, str]]:
    """Name and type of every file that is no order's, by its hash; the newest first."""
    query = select(enclosure.c.hash, enclosure.c.name, enclosure.c.mime).where(enclosure.c.order_key.is_(None))
    return {row.hash: (row.name, row.mime) for row in connection.execute(query.order_by(enclosure.c.at.desc()))}


def of(connection: Connection, contact_id: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each document that is about a person; the names differ."""
    query = select(enclosure.c.hash, enclosure.c.name, enclosure.c.content).where(enclosure.c.contact_id == contact_id)
    for row in connection.execute(query.order_by(enclosure.c.at, enclosure.c.hash)):
        yield f"{row.hash[:8]}-{row.name}", bytes(row.content)


def count_of(connection: Connection, contact_id: str) -> int:
    """How many documents are about a person."""
    query = select(func.count()).select_from(enclosure).where(enclosure.c.contact_id == contact_id)
    return connection.execute(query).scalar_one()
