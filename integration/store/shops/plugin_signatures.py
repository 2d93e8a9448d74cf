"""Signatures of plugin facts that were stored: the same one again is a replay."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import plugin_signature

#: longer than a mailbox keeps a letter (7 days)
REMEMBERED = timedelta(days=8)


def known(connection: Connection, shop: str, signature: str) -> bool:
    """Whether a fact with this signature was stored before."""
    query = select(plugin_signature.c.hash).where(plugin_signature.c.hash == _hash(shop, signature))
    return connection.execute(query).first() is not None


def note(connection: Connection, shop: str, signature: str, now: datetime) -> None:
    """Remember the signature of a fact that is stored, and forget old ones."""
    connection.execute(delete(plugin_signature).where(plugin_signature.c.stored_at < now - REMEMBERED))
    row = {"hash": _hash(shop, signature), "stored_at": now}
    connection.execute(insert_or_ignore(connection, plugin_signature), [row])


def _hash(shop: str, signature: str) -> str:
    return hashlib.sha256(f"{shop}\n{signature}".encode()).hexdigest()
