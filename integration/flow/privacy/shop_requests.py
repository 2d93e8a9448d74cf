"""What a shop's own privacy tool is answered at once: a copy of somebody's data, or what was erased and what was not.

The shop has confirmed an e-mail address, not a phone. Only where the address leads to one person, all of whose orders
bear it, is it that person's; everything else becomes a request that the owner looks at (GDPR Art. 12(6), 15(4)).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from integration.domain.contacts.contacts import Contact
from integration.domain.shops.facts import OrderStatus
from integration.domain.shops.ports import PrivacyRequest
from integration.flow.privacy import erasure as erasure_flow
from integration.flow.privacy import export
from integration.flow.privacy import requests as subject_requests
from integration.flow.world import World
from integration.store.contacts import contacts, listing
from integration.store.messages import attachments
from integration.store.privacy import erasure, requests
from integration.store.templates import uploads

#: the order is being carried out: erasing its buyer would leave it without one (GDPR Art. 17(3))
UNFINISHED = frozenset({OrderStatus.PENDING, OrderStatus.ON_HOLD, OrderStatus.PROCESSING})
Outcome = Literal["nobody", "unclear", "open_order", "done"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the shop asks: whose data, and the id by which it names the question."""

    shop: str
    email: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of an erasure. `told` is what its certificate tells, `due_at` when the owner must have answered."""

    outcome: Outcome
    told: Mapping[str, Any]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """Whose copy it is, None when the owner must look first; `files` that the owner hands out besides."""

    outcome: Outcome
    person: Contact | None = None
    files: int = 0
    due_at: datetime | None = None


def erase(world: World, asked: Asked) -> Erased:
    """Erase the one person whose address it is; else note the request for the owner."""
    with world.database.write() as connection:
        ids = _noted(world, connection, asked, "erase")
        outcome, person = _whose(world, connection, asked)
        if person and _awaits(connection, person):
            outcome = "open_order"
    if outcome == "nobody":
        _nobody(world, ids)
    if outcome != "done" or person is None:
        return Erased(outcome, {}, None if outcome == "nobody" else subject_requests.due(asked.at))
    wish = _request(world, erasure_flow.erase_contact(world, person.id, "shop"))
    return Erased("done", subject_requests.details(world, wish)) if wish else Erased("nobody", {})


def copy(world: World, asked: Asked, *, first: bool) -> Copied:
    """Whose data may be handed out through the shop. The `first` of its pages notes the request."""
    with world.database.write() as connection:
        ids = _noted(world, connection, asked, "export") if first else []
        outcome, person = _whose(world, connection, asked)
        files = _files(connection, person.id) if person else 0
    if outcome == "nobody":
        _nobody(world, ids)
    due = None if outcome == "nobody" or (person and not files) else subject_requests.due(asked.at)
    return Copied(outcome, person, files, due)


def copied(world: World, found: Copied) -> None:
    """The last page was handed out: the request is answered, unless there are files that only the owner can give."""
    if found.person and not found.files:
        export.note(world, found.person, "shop")


def _noted(world: World, connection: Connection, asked: Asked, kind: Literal["export", "erase"]) -> list[str]:
    wish = PrivacyRequest(kind, asked.email, asked.reference)
    return subject_requests.passed_on(world, connection, asked.shop, [wish], asked.at)


def _whose(world: World, connection: Connection, asked: Asked) -> tuple[Outcome, Contact | None]:
    company, email = world.shops[asked.shop].company, asked.email.strip().lower()
    found = erasure.people(connection, company, None, None, email, ())
    if not found:
        return "nobody", None
    told = {str(order.get("email") or "").lower() for id_ in found for order in listing.orders_of(connection, id_)}
    if len(found) > 1 or told - {"", email}:
        return "unclear", None
    return "done", contacts.by_id(connection, found)[found[0]]


def _awaits(connection: Connection, person: Contact) -> bool:
    """Whether an order is still being carried out."""
    return any(order.get("status") in UNFINISHED for order in listing.orders_of(connection, person.id))


def _files(connection: Connection, contact_id: str) -> int:
    """What only a zip can hold: pictures that the person sent, documents that went to them."""
    return attachments.count_of(connection, contact_id) + uploads.count_of(connection, contact_id)


def _nobody(world: World, ids: list[str]) -> None:
    for id_ in ids:
        subject_requests.end(world, id_, subject_requests.NOBODY)


def _request(world: World, id_: str | None) -> requests.Request | None:
    with world.database.read() as connection:
        return requests.by_id(connection, id_) if id_ else None
