"""react: bodies become snapshots, differences become events, events become messages or reasons.

It works in batches: everything is read and written set-wise. If a batch fails, its bodies and events run singly, and
the one that cannot be processed keeps its tries and its error while the others go on.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.errors import Malformed
from integration.domain.hot_dataclass import lean
from integration.domain.shops.events import (
    Event,
    ObjectType,
    Origin,
    Snapshot,
    departed,
    object_key,
)
from integration.domain.shops.ports import PrivacyRequest, Translation
from integration.flow.notifications.triggers import respond
from integration.flow.privacy import requests
from integration.flow.shops.absorb import Absorbed, absorb
from integration.flow.webhooks.verify import PLUGIN_TOPIC
from integration.flow.world import World
from integration.store import db
from integration.store.shops import events, refetches, shops, snapshots
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

BATCH = 250
logger = log.get("react")


@lean
class Translated:
    """A body and what its connector made of it."""

    received: InboxItem
    snapshots: tuple[Snapshot, ...] = ()
    note: str = ""
    gone: str = ""
    reread: tuple[tuple[ObjectType, str], ...] = ()
    error: str = ""
    privacy: tuple[PrivacyRequest, ...] = ()
    examine: bool = False


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


def _translated(world: World, bodies: Sequence[InboxItem], now: datetime) -> list[Translated]:
    """What the bodies say; one that a connector cannot cope with keeps its error and holds nobody up."""
    work = [translate(world, body) for body in bodies]
    for item in work:
        if item.error:
            logger.error("body_failed", inbox=item.received.id, error=item.error)
            with world.database.write() as connection:
                inbox.fail(connection, item.received, item.error, now)
    return [item for item in work if not item.error]


def translate(world: World, body: InboxItem) -> Translated:
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
    stored = _absorb_bodies(world, connection, work, now)
    found = sorted([*waiting, *stored.events], key=lambda event: event.occurred_at)
    respond(world, connection, found, now, stored.known)


def _singly(world: World, work: Sequence[Translated], now: datetime) -> None:
    for item in work:
        try:
            with world.database.write() as connection:
                db.lock_people(connection)
                _absorb_bodies(world, connection, [item], now)
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


def _absorb_bodies(world: World, connection: Connection, work: Sequence[Translated], now: datetime) -> Absorbed:
    """Snapshots, consents and events of these bodies; the bodies are done with that."""
    mine = inbox.still_new(connection, [item.received.id for item in work]) if work else set()
    todo = [item for item in work if item.received.id in mine]
    known = snapshots.by_key(connection, {item.gone for item in todo if item.gone})
    gone = [(departed(known[i.gone], i.received.received_at), i) for i in todo if i.gone in known]
    found = [
        (s, i.received.received_at, i.received.id, _origin(i.received))
        for s, i in [*((s, i) for i in todo for s in i.snapshots), *gone]
    ]
    stored = absorb(world, connection, found, now)
    notes = {i.received.id: i.note or ("" if i.received.id in stored.changed_by else "unchanged") for i in todo}
    for item in todo:
        if item.privacy:
            requests.passed_on(world, connection, item.received.endpoint, item.privacy, item.received.received_at)
        refetches.want(connection, item.received.endpoint, item.reread, now)
        if item.examine:
            shops.examine_soon(connection, item.received.endpoint)
    inbox.finish(connection, notes, now)
    return stored


def _origin(body: InboxItem) -> Origin:
    return Origin.PLUGIN if body.topic == PLUGIN_TOPIC else Origin.WEBHOOK
