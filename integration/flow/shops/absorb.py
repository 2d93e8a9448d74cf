"""absorb: snapshots in, events out. Each is compared with the one before it; consents are recorded, people resolved.

Bodies, polls, the plugin and the reconciliation all come this way, so they make the same events of the same facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from integration import metrics
from integration.domain.carts.carts import is_forgotten
from integration.domain.consent.consent import SERVICE_SCOPE, ConsentType, Flag, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.shops.events import (
    Event,
    ObjectType,
    Origin,
    Snapshot,
    consent_changes,
    departed,
    diff,
    is_news,
    moment,
)
from integration.domain.shops.facts import ConsentEvidence
from integration.flow.carts import carts
from integration.flow.consent import optin
from integration.flow.contacts.of_orders import Known, people_of, without_erased
from integration.flow.notifications.triggers import respond
from integration.flow.world import Shop, World
from integration.store import db
from integration.store.consent.ledger import Entry, Wording
from integration.store.ids import new_id
from integration.store.shops import events, prices, products, snapshots


@dataclass(slots=True)
class _Change:
    """One snapshot that was news."""

    old: Snapshot | None
    new: Snapshot
    received_at: datetime
    inbox_id: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Absorbed:
    """New events in order of occurrence, the bodies that changed anything, and what is in hand now."""

    events: list[Event]
    changed_by: set[str | None]
    known: Known


@dataclass(slots=True)
class _Batch:
    """The snapshots of a batch, one after the other, each against the one before it."""

    stored: dict[str, Snapshot]
    latest: dict[str, Snapshot] = field(default_factory=dict)
    changes: list[_Change] = field(default_factory=list)

    def absorb(self, new: Snapshot, received_at: datetime, inbox_id: str | None, origin: Origin) -> bool:
        old = self.latest.get(new.key) or self.stored.get(new.key)
        if not is_news(old, new):
            return False
        self.latest[new.key] = new
        self.changes.append(_Change(old, new, received_at, inbox_id, origin))
        return True


def take(
    world: World, connection: Connection, found: Sequence[Snapshot], gone: Sequence[str], origin: Origin, now: datetime
) -> int:
    """Facts that did not come as a webhook (a poll, the plugin) go the same way, in the caller's transaction.

    `gone` are the keys of orders that their shop deleted. Returns how many objects were news.
    """
    db.lock_people(connection)
    left = [departed(order, now) for order in snapshots.by_key(connection, gone).values()]
    stored = absorb(world, connection, [(s, now, None, origin) for s in [*found, *left]], now)
    respond(world, connection, stored.events, now, stored.known)
    return len(stored.known.snapshots)


def absorb(
    world: World,
    connection: Connection,
    found: Sequence[tuple[Snapshot, datetime, str | None, Origin]],
    now: datetime,
) -> Absorbed:
    batch = _Batch(snapshots.by_key(connection, {s.key for s, *_ in found}))
    for item in without_erased(world, connection, found, batch.stored):
        if not is_forgotten(item[0], now):
            batch.absorb(*item)
    people = people_of(world, connection, batch.latest, now)
    carts.absorb(world, connection, list(batch.latest.values()), batch.stored, now)
    products.note_variants(connection, _with_new_variants(batch))
    prices.note(connection, _read_products(batch))
    known = set(batch.stored)
    snapshots.save(connection, list(batch.latest.values()), known, {k: c.id for k, c in people.items()}, now)
    _record_consents(world, connection, batch, people, now)
    fresh = _add_events(connection, batch, now)
    in_hand = Known(batch.latest, people)
    return Absorbed(fresh, {change.inbox_id for change in batch.changes}, in_hand)


def _read_products(batch: _Batch) -> list[tuple[Snapshot | None, Snapshot]]:
    """Each change of a product in this batch: how it was, and how it is."""
    return [(change.old, change.new) for change in batch.changes if change.new.object_type is ObjectType.PRODUCT]


def _with_new_variants(batch: _Batch) -> list[Snapshot]:
    return [new for old, new in _read_products(batch) if old is None or _variants(old) != _variants(new)]


def _variants(product: Snapshot) -> list[str]:
    return [variant["id"] for variant in product.facts["variants"]]


def _record_consents(
    world: World, connection: Connection, batch: _Batch, people: dict[str, Contact], now: datetime
) -> None:
    made: list[tuple[Entry, Contact, Shop]] = []
    for change in batch.changes:
        contact = people.get(change.new.key)
        if contact:
            changes = consent_changes(change.old, change.new)
            shop = world.shops[change.new.shop]
            made += [(_entry(world, change, contact, *evidence), contact, shop) for evidence in changes]
    if not made:
        return
    ids = world.ledger.append(connection, [entry for entry, *_ in made], now)
    sign_ups = [
        optin.sign_up(world, shop, contact, id_, entry.occurred_at)
        for id_, (entry, contact, shop) in zip(ids, made, strict=True)
        if optin.needs_confirmation(entry)
    ]
    optin.request_confirmations(world, connection, sign_ups, now)


def _entry(world: World, change: _Change, contact: Contact, evidence: ConsentEvidence, taken_back: bool) -> Entry:
    shop, order = world.shops[change.new.shop], change.new
    is_native = order.object_type is ObjectType.CUSTOMER
    # A shop's own list says "unsubscribed" only of people who were on it.
    no = ConsentType.WITHDRAWN if taken_back or is_native else ConsentType.DECLINED
    # A shop's clock may run ahead of ours: what has arrived has happened.
    at = min(order.version if taken_back else moment(evidence["at"], order.version), change.received_at)
    purposes = tuple(evidence.get("purposes") or [SERVICE_SCOPE])
    text = evidence["wording"]
    if evidence["phone"]:
        # The text as shown may name the number; the ledger's plain part holds no personal data (the payload does).
        text = text.replace(evidence["phone"], "{…}")
    wording = Wording(evidence["version"], order.facts["locale"] or shop.language, text, purposes)
    return Entry.of(
        contact,
        ConsentType.GRANTED if evidence["granted"] else no,
        purposes=purposes,
        occurred_at=at,
        source=Source.API if is_native else Source.CHECKOUT,
        actor="customer",
        payload={
            "shop": shop.slug,
            str(order.object_type): order.object_id,
            "evidence": dict(evidence),
            "phone": contact.phone,
        },
        flags=_flags(wording),
        phone_only=True,
        wording=wording if wording.text else None,
    )


def _flags(wording: Wording) -> frozenset[Flag]:
    """What makes a grant invalid: the text shown was not stored, or does not name WhatsApp.

    See docs/reference/law.md section 4.
    """
    if not wording.text:
        return frozenset({Flag.WORDING_MISSING})
    return frozenset() if wording.names_whatsapp else frozenset({Flag.WHATSAPP_NOT_NAMED})


def _add_events(connection: Connection, batch: _Batch, now: datetime) -> list[Event]:
    derived = {event.key: (event, change) for change in reversed(batch.changes) for event in _derive(change)}
    known = events.known(connection, derived)
    fresh = {event.id: (event, change) for key, (event, change) in derived.items() if key not in known}
    found = sorted((event for event, _ in fresh.values()), key=lambda event: event.occurred_at)
    events.add(connection, found, {id_: change.inbox_id for id_, (_, change) in fresh.items()}, now)
    metrics.count(metrics.EVENTS, (event.milestone for event in found))
    return found


def _derive(change: _Change) -> Iterable[Event]:
    new = change.new
    for occurrence in diff(change.old, new):
        yield Event(
            id=new_id(),
            key=f"{new.key}/{occurrence.name}",
            shop=new.shop,
            object_type=new.object_type,
            object_id=new.object_id,
            order_key=new.order_key,
            milestone=occurrence.milestone,
            name=occurrence.name,
            occurred_at=min(occurrence.at, change.received_at),
            received_at=change.received_at,
            origin=change.origin,
        )
