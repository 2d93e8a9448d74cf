"""What was agreed with a shop's companion plugin when it was paired; encrypted like every secret."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from integration.store import secrets
from integration.store.crypto import Vault


@dataclass(frozen=True, slots=True)
class Pairing:
    """`secret` signs what the plugin reports, `token` what we ask of its mailbox.

    `direct` says that the shop reaches this Ladenbote; otherwise its facts come through the mailbox.
    """

    mailbox: str
    token: str
    secret: str
    direct: bool


def put(connection: Connection, vault: Vault, shop: str, pairing: Pairing, now: datetime) -> None:
    """Remember a pairing in place of the shop's earlier one."""
    secrets.put(connection, vault, _name(shop), orjson.dumps(asdict(pairing)).decode(), now)


def get(connection: Connection, vault: Vault, shop: str) -> Pairing | None:
    """A shop's pairing, None without one. Raises SecretUnreadable."""
    stored = secrets.get(connection, vault, _name(shop))
    return Pairing(**orjson.loads(stored)) if stored else None


def of(connection: Connection, vault: Vault, shops: Iterable[str]) -> dict[str, Pairing]:
    """The pairings of these shops. Raises SecretUnreadable."""
    found = ((shop, get(connection, vault, shop)) for shop in shops)
    return {shop: pairing for shop, pairing in found if pairing}


def _name(shop: str) -> str:
    return f"plugin:{shop}"
