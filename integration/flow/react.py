"""react: bodies become snapshots, differences become events, events become messages or reasons.

It works in batches: everything is read and written set-wise. If a batch fails, its bodies and events run singly, and
the one that cannot be processed keeps its tries and its error while the others go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.carts.carts import is_forgotten
from integration.domain.consent.consent import SERVICE_SCOPE, ConsentType, Flag, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import Malformed
from integration.domain.hot_dataclass import lean
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
    object_key,
)
from integration.domain.shops.facts import ConsentEvidence
from integration.domain.shops.ports import PrivacyRequest, Translation
from integration.flow.carts import carts
from integration.flow.consent import optin
from integration.flow.contacts.of_orders import Known, people_of, without_erased
from integration.flow.notifications.triggers import respond
from integration.flow.privacy import requests
from integration.flow.webhooks.verify import PLUGIN_TOPIC
from integration.flow.world import Shop, World
from integration.store import db
from integration.store.consent.ledger import Entry, Wording
from integration.store.ids import new_id
from integration.store.shops import events, prices, products, refetches, shops, snapshots
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import Received

BATCH = 250
logger = log.get("react")


@lean
class Translated:
    """A body and what its connector made of it."""

    received: Received
    snapshots: tuple[Snapshot, ...] = ()
    note: str = ""
    gone: str = ""
    reread: tuple[tuple[ObjectType, str], ...] = ()
    error: str = ""
    privacy: tuple[PrivacyRequest, ...] = ()
    examine: bool = False


@dataclass(slots=True)
class _Change:
    """One snapshot that was news."""

    old: Snapshot | None
    new: Snapshot
    received_at: datetime
    inbox_id: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Stored:
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


def run(world: World, most: int = BATCH) -> int:
    """Deal with what waits: bodies from the inbox and events that are due. Returns how many."""
    now = world.clock()
    with world.database.read() as connection:
        bodies = inbox.due(connection, "shop", now, most)
        open_events = events.open_ones(connection, now, (), most)
    if not bodies and not open_events:
        return 0
    work = _translated(world, bodies, now)
    try:
        with world.database.write() as connection:
            if not db.exclusive(connection, "react"):
                return 0
            db.lock_people(connection)
            _together(world, connection, work, now)
    except Exception as error:
        logger.warning("batch_failed", error=log.brief(error), bodies=len(work))
        _singly(world, work, now)
    return len(bodies) + len(open_events)


def take(
    world: World, connection: Connection, found: Sequence[Snapshot], gone: Sequence[str], origin: Origin, now: datetime
) -> int:
    """Facts that did not come as a webhook (a poll, the plugin) go the same way, in the caller's transaction.

    `gone` are the keys of orders that their shop deleted. Returns how many objects were news.
    """
    db.lock_people(connection)
    left = [departed(order, now) for order in snapshots.by_key(connection, gone).values()]
    stored = _store(world, connection, [(s, now, None, origin) for s in [*found, *left]], now)
    respond(world, connection, stored.events, now, stored.known)
    return len(stored.known.snapshots)


def _translated(world: World, bodies: Sequence[Received], now: datetime) -> list[Translated]:
    """What the bodies say; one that a connector cannot cope with keeps its error and holds nobody up."""
    work = [translate(world, body) for body in bodies]
    for item in work:
        if item.error:
            logger.error("body_failed", inbox=item.received.id, error=item.error)
            with world.database.write() as connection:
                inbox.fail(connection, item.received, item.error, now)
    return [item for item in work if not item.error]


def translate(world: World, body: Received) -> Translated:
    """What a body says, in our words; a body that says nothing gets a reason instead."""
    shop = world.shops.get(body.endpoint)
    if shop is None:
        return Translated(body, note="unknown_shop")
    try:
        found: Translation = shop.connector.translate(body.topic, body.body, shop.context, body.received_at)
    except Malformed:
        return Translated(body, note="malformed")
    except Exception as error:  # a fault of ours
        return Translated(body, error=log.brief(error))
    gone = object_key(shop.slug, ObjectType.ORDER, found.gone) if found.gone else ""
    return Translated(
        body, found.snapshots, found.note, gone, found.reread, privacy=found.privacy, examine=found.examine
    )


def _together(world: World, connection: Connection, work: Sequence[Translated], now: datetime) -> None:
    orders = {s.order_key for item in work for s in item.snapshots}
    waiting = events.open_ones(connection, now, orders, BATCH)
    stored = _absorb(world, connection, work, now)
    found = sorted([*waiting, *stored.events], key=lambda event: event.occurred_at)
    respond(world, connection, found, now, stored.known)


def _singly(world: World, work: Sequence[Translated], now: datetime) -> None:
    for item in work:
        try:
            with world.database.write() as connection:
                db.lock_people(connection)
                _absorb(world, connection, [item], now)
        except Exception as error:
            logger.error("body_failed", inbox=item.received.id, error=log.brief(error))
            with world.database.write() as connection:
                inbox.fail(connection, item.received, log.brief(error), now)
    with world.database.read() as connection:
        waiting = events.open_ones(connection, now, {s.order_key for item in work for s in item.snapshots}, BATCH)
    for event in waiting:
        _respond_singly(world, event, now)


def _respond_singly(world: World, event: Event, now: datetime) -> None:
    try:
        with world.database.write() as connection:
            db.lock_people(connection)
            respond(world, connection, [event], now)
    except Exception as error:
        logger.error("event_failed", event_id=event.id, error=log.brief(error))
        with world.database.write() as connection:
            events.fail(connection, event, log.brief(error), now)


def _absorb(world: World, connection: Connection, work: Sequence[Translated], now: datetime) -> _Stored:
    """Snapshots, consents and events of these bodies; the bodies are done with that."""
    mine = inbox.still_new(connection, [item.received.id for item in work]) if work else set()
    todo = [item for item in work if item.received.id in mine]
    known = snapshots.by_key(connection, {item.gone for item in todo if item.gone})
    gone = [(departed(known[i.gone], i.received.received_at), i) for i in todo if i.gone in known]
    found = [
        (s, i.received.received_at, i.received.id, _origin(i.received))
        for s, i in [*((s, i) for i in todo for s in i.snapshots), *gone]
    ]
    stored = _store(world, connection, found, now)
    notes = {i.received.id: i.note or ("" if i.received.id in stored.changed_by else "unchanged") for i in todo}
    for item in todo:
        if item.privacy:
            requests.passed_on(world, connection, item.received.endpoint, item.privacy, item.received.received_at)
        refetches.want(connection, item.received.endpoint, item.reread, now)
        if item.examine:
            shops.examine_soon(connection, item.received.endpoint)
    inbox.finish(connection, notes, now)
    return stored


def _origin(body: Received) -> Origin:
    return Origin.PLUGIN if body.topic == PLUGIN_TOPIC else Origin.WEBHOOK


def _store(
    world: World,
    connection: Connection,
    found: Sequence[tuple[Snapshot, datetime, str | None, Origin]],
    now: datetime,
) -> _Stored:
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
    return _Stored(fresh, {change.inbox_id for change in batch.changes}, in_hand)


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
    return Entry(
        company=shop.company,
        subject=contact.subject,
        type=ConsentType.GRANTED if evidence["granted"] else no,
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
        phone=contact.phone,
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
