"""What people asked for through their shop: a copy of their data, or their erasure. Whose it is lies encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from integration.domain.shops.ports import PrivacyRequest
from integration.store.bulk_write import insert_or_ignore
from integration.store.crypto import Vault
from integration.store.ids import new_id
from integration.store.tables import privacy_request


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that nobody has dealt with yet."""

    id: str
    shop: str
    kind: str
    email: str
    phone: str
    requested_at: datetime


def add(
    connection: Connection, vault: Vault, shop: str, requests: Sequence[PrivacyRequest], received_at: datetime
) -> list[PrivacyRequest]:
    """Record requests and return the new ones; one that is known by its reference changes nothing."""
    query = select(privacy_request.c.reference).where(
        privacy_request.c.shop == shop, privacy_request.c.reference.in_([one.reference for one in requests])
    )
    known = set(connection.execute(query).scalars()) if requests else set()
    fresh = list({one.reference: one for one in requests if one.reference not in known}.values())
    rows = [
        {
            "id": new_id(),
            "shop": shop,
            "reference": request.reference,
            "kind": request.kind,
            "email": vault.seal(f"{request.email}\n{request.phone}".encode(), _label(shop, request.reference)),
            "requested_at": received_at,
            "handled_at": None,
        }
        for request in fresh
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, privacy_request), rows)
    return fresh


def waiting(connection: Connection, vault: Vault) -> list[OpenRequest]:
    """The requests that nobody has dealt with, the oldest first. Raises SecretUnreadable."""
    found = privacy_request.c
    query = select(found.id, found.shop, found.reference, found.kind, found.email, found.requested_at)
    rows = connection.execute(query.where(found.handled_at.is_(None)).order_by(found.requested_at, found.id))
    return [OpenRequest(r.id, r.shop, r.kind, *_person(vault, r), r.requested_at) for r in rows]


def handled(connection: Connection, vault: Vault, shop: str, reference: str, at: datetime) -> None:
    """A request was dealt with: who asked is needed no longer."""
    values = {"handled_at": at, "email": vault.seal(b"\n", _label(shop, reference))}
    query = update(privacy_request).where(privacy_request.c.shop == shop, privacy_request.c.reference == reference)
    connection.execute(query.values(values))


def _person(vault: Vault, row: object) -> tuple[str, str]:
    """E-mail address and phone as the shop gave them, "" where it gave none."""
    shop, reference, sealed = row.shop, row.reference, row.email  # type: ignore[attr-defined]
    email, _, phone = vault.open(sealed, _label(shop, reference)).decode().partition("\n")
    return email, phone


def _label(shop: str, reference: str) -> str:
    return f"privacy:{shop}:{reference}"
