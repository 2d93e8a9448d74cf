"""What lies with WhatsApp under an id, by the hash of its content."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert_postgres
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite

from integration.store.tables import media


def find(connection: Connection, sender: str, hash_: str, since: datetime) -> str | None:
    """The id of content that was uploaded after `since`."""
    query = select(media.c.media_id).where(media.c.sender == sender, media.c.hash == hash_)
    return connection.execute(query.where(media.c.uploaded_at > since)).scalar()


def keep(connection: Connection, sender: str, hash_: str, media_id: str, now: datetime) -> None:
    """Remember the id in place of an older one of the same content; another process may do so just now."""
    insert = upsert_sqlite if connection.dialect.name == "sqlite" else upsert_postgres
    new = {"media_id": media_id, "uploaded_at": now}
    statement = insert(media).values(sender=sender, hash=hash_, **new)
    connection.execute(statement.on_conflict_do_update(index_elements=["sender", "hash"], set_=new))


def drop(connection: Connection, sender: str, media_ids: Sequence[str]) -> None:
    """These ids are of no use any more: WhatsApp says so."""
    connection.execute(delete(media).where(media.c.sender == sender, media.c.media_id.in_(list(media_ids))))
