"""The owner's pictures, videos and files that go out with texts, by the SHA-256 of their content."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from integration.store.ledger import insert_or_ignore
from integration.store.tables import enclosure


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of the owner's. `name` is what it was called on the owner's computer."""

    hash: str
    mime: str
    name: str
    content: bytes


def keep(connection: Connection, item: Enclosure, now: datetime) -> None:
    """Keep a file; one of the same content that is here already stays as it is."""
    row = {"hash": item.hash, "mime": item.mime, "name": item.name, "content": item.content, "at": now}
    connection.execute(insert_or_ignore(connection, enclosure), [row])


def find(connection: Connection, hash_: str) -> Enclosure | None:
    """A file with its content."""
    query = select(enclosure.c.hash, enclosure.c.mime, enclosure.c.name, enclosure.c.content)
    row = connection.execute(query.where(enclosure.c.hash == hash_)).one_or_none()
    return Enclosure(row.hash, row.mime, row.name, bytes(row.content)) if row else None


def names(connection: Connection) -> dict[str, tuple[str, str]]:
    """Name and type of every file, by its hash; the newest first."""
    query = select(enclosure.c.hash, enclosure.c.name, enclosure.c.mime).order_by(enclosure.c.at.desc())
    return {row.hash: (row.name, row.mime) for row in connection.execute(query)}
