"""Numbers that were entered in the browser: their settings in a row, their secrets encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from integration.store import secrets
from integration.store.crypto import Vault
from integration.store.tables import number, number_state, sender_state

SECRETS: Final = ("token", "app_secret", "verify_token")


@dataclass(frozen=True, slots=True)
class Entered:
    """One entered number, in the shape of its table in settings.toml, and when it was changed."""

    settings: Mapping[str, Any] = field(repr=False)
    changed_at: datetime


def put(connection: Connection, vault: Vault, slug: str, settings: Mapping[str, Any], now: datetime) -> None:
    """Keep a number in place of the one of the same short name."""
    for name in SECRETS:
        secrets.put(connection, vault, _name(slug, name), settings[name], now)
    plain = {name: value for name, value in settings.items() if name not in SECRETS}
    connection.execute(delete(number).where(number.c.slug == slug))
    connection.execute(insert(number), [{"slug": slug, "settings": plain, "changed_at": now}])


def every(connection: Connection, vault: Vault) -> dict[str, Entered]:
    """All entered numbers. Raises SecretUnreadable."""
    rows = connection.execute(select(number)).all()
    return {row.slug: Entered(row.settings | _secrets(connection, vault, row.slug), row.changed_at) for row in rows}


def changes(connection: Connection) -> dict[str, datetime]:
    """When each entered number was changed."""
    rows = connection.execute(select(number.c.slug, number.c.changed_at))
    return {row.slug: row.changed_at for row in rows}


def remove(connection: Connection, slug: str) -> None:
    """Forget a number, its secrets and what was known of it."""
    connection.execute(delete(number).where(number.c.slug == slug))
    connection.execute(delete(number_state).where(number_state.c.sender == slug))
    connection.execute(delete(sender_state).where(sender_state.c.sender == slug))
    for name in SECRETS:
        secrets.forget(connection, _name(slug, name))


def _secrets(connection: Connection, vault: Vault, slug: str) -> dict[str, str]:
    return {name: secrets.get(connection, vault, _name(slug, name)) or "" for name in SECRETS}


def _name(slug: str, field_: str) -> str:
    return f"senders.{slug}.{field_}"
