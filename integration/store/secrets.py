"""Secrets that arose at run time, encrypted with the master key."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from integration.store.crypto import Vault
from integration.store.tables import secret


def put(connection: Connection, vault: Vault, name: str, value: str, now: datetime) -> None:
    """Store a secret in place of the one of the same name."""
    connection.execute(delete(secret).where(secret.c.name == name))
    row = {"name": name, "ciphertext": vault.seal(value.encode(), name), "updated_at": now}
    connection.execute(insert(secret), [row])


def get(connection: Connection, vault: Vault, name: str) -> str | None:
    """A stored secret, None when there is none. Raises SecretUnreadable."""
    sealed = connection.execute(select(secret.c.ciphertext).where(secret.c.name == name)).scalar()
    return None if sealed is None else vault.open(sealed, name).decode()


def forget(connection: Connection, name: str) -> None:
    """Remove a stored secret."""
    connection.execute(delete(secret).where(secret.c.name == name))


def forget_older(connection: Connection, prefix: str, before: datetime) -> None:
    """Remove the stored secrets of a kind that nobody came back for."""
    old = secret.c.name.startswith(prefix, autoescape=True) & (secret.c.updated_at < before)
    connection.execute(delete(secret).where(old))
