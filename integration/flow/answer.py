"""answer: statuses, customer replies, STOP, and Meta's own opt-out signal.

A withdrawal takes effect in the transaction that reads it: it is appended to the ledger and what waits for the
person is cancelled, under the same lock on the contact that send takes before it marks a message *sending*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.actions import Action
from integration.domain.consent.consent import ALL_MARKETING, ConsentType, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import Malformed
from integration.domain.messages.channel import Inbound, MetaUpdate, Preference, StatusUpdate
from integration.flow.carts import reminder_sync
from integration.flow.contacts import identity_resolution
from integration.flow.conversations import dialogue
from integration.flow.conversations.dialogue import Turn
from integration.flow.messages import on_refused
from integration.flow.messages.on_refused import platform_stop
from integration.flow.webhooks import account_updates, routing
from integration.flow.webhooks.routing import Routed
from integration.flow.world import Sender, World
from integration.store import db
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts
from integration.store.contacts.identity_resolution import Person
from integration.store.conversations import inbound
from integration.store.messages import queued, statuses
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

BATCH = 250
ABOUT_PEOPLE = (Action.OPT_OUT, Action.UNDELIVERABLE)
logger = log.get("answer")


@dataclass(frozen=True, slots=True)
class Heard:
    """A body of Meta's and what it holds, by number."""

    received: InboxItem
    updates: Sequence[Routed] = ()
    note: str = ""
    error: str = ""


def run(world: World, most: int = BATCH) -> int:
    """Deal with what Meta posted; returns how many bodies."""
    now = world.clock()
    with world.database.read() as connection:
        bodies = inbox.due(connection, "meta", now, most)
    if not bodies:
        return 0
    heard = _heard(world, bodies, now)
    try:
        with world.database.write() as connection:
            if not db.exclusive(connection, "answer"):
                return 0
            _apply(world, connection, heard, now)
    except Exception as error:
        logger.warning("batch_failed", error=log.brief(error), bodies=len(heard))
        _singly(world, heard, now)
    return len(bodies)


def _heard(world: World, bodies: Sequence[InboxItem], now: datetime) -> list[Heard]:
    heard = [_hear(world, body) for body in bodies]
    for item in heard:
        if item.error:
            logger.error("body_failed", inbox=item.received.id, error=item.error)
            with world.database.write() as connection:
                inbox.fail(connection, item.received, item.error, now)
    return [item for item in heard if not item.error]


def _singly(world: World, heard: Sequence[Heard], now: datetime) -> None:
    for item in heard:
        try:
            with world.database.write() as connection:
                _apply(world, connection, [item], now)
        except Exception as error:
            logger.error("body_failed", inbox=item.received.id, error=log.brief(error))
            with world.database.write() as connection:
                inbox.fail(connection, item.received, log.brief(error), now)


def _hear(world: World, body: InboxItem) -> Heard:
    sender = world.senders.get(body.endpoint)
    if sender is None:
        return Heard(body, note="unknown_sender")
    try:
        found = sender.webhook.parse(body.body)
    except Malformed:
        return Heard(body, note="malformed")
    except Exception as error:  # a fault of ours
        return Heard(body, error=log.brief(error))
    routed = list(routing.route(world, sender, found))
    return Heard(body, routed, "other_number" if len(routed) < len(found) else _note(found))


def _note(found: Sequence[MetaUpdate]) -> str:
    """Why a body leads to nothing, "" when it does."""
    if any(u.statuses or u.messages or u.preferences or u.identities or u.echoes for u in found):
        return ""
    return "account_news" if any(u.notes for u in found) else "unchanged"


def _apply(world: World, connection: Connection, heard: Sequence[Heard], now: datetime) -> None:
    db.lock_people(connection)
    mine = inbox.still_new(connection, [item.received.id for item in heard])
    todo = [item for item in heard if item.received.id in mine]
    routed = [one for item in todo for one in item.updates]
    # What Meta told of templates and accounts before, the sweeps have read anew since: old news change nothing.
    first = [one for item in todo if not item.received.again for one in item.updates]
    for sender in {sender.slug: sender for sender, _ in routed}.values():
        updates = [update for owner, update in routed if owner is sender]
        identity_resolution.change(world, connection, sender, [c for u in updates for c in u.identities], now)
        _read_messages(world, connection, sender, [m for u in updates for m in u.messages], now)
        _read_preferences(world, connection, sender, [p for u in updates for p in u.preferences])
        _read_statuses(world, connection, sender, [s for u in updates for s in u.statuses], now)
        told = [update for owner, update in first if owner is sender]
        account_updates.templates_changed(world, connection, sender, [t for u in told for t in u.templates], now)
        account_updates.account_changed(world, connection, sender, [a for u in told for a in u.news], now)
        account_updates.echoed(connection, sender, [e for u in updates for e in u.echoes], now)
    inbox.finish(connection, {item.received.id: item.note for item in todo}, now)


def _read_statuses(
    world: World, connection: Connection, sender: Sender, updates: Sequence[StatusUpdate], now: datetime
) -> None:
    if not updates:
        return
    # People before messages, as send locks them.
    identity_resolution.learn_from_statuses(world, connection, sender, updates, now)
    touching = [u for u in updates if u.action in ABOUT_PEOPLE]
    contacts.lock(connection, statuses.people(connection, sender.company, touching, world.vault))
    failed, late = statuses.apply(connection, sender.company, updates, now, world.vault, world.costs.prices)
    refused = on_refused.judge_statuses(connection, failed)
    on_refused.for_people(world, connection, refused, now)
    on_refused.requeue(connection, refused, now)
    reminder_sync.follow(connection, reminder_sync.among(connection, [*failed, *late]))
    on_refused.follow(world, connection, refused, now)
    on_refused.keep_order(connection, on_refused.tried_again(refused))
    for u in updates:
        metrics.MESSAGES.labels(u.status).inc()


def _read_preferences(world: World, connection: Connection, sender: Sender, found: Sequence[Preference]) -> None:
    people = [Person(sender.company, p.phone, p.wa_user_id, at=p.at) for p in found]
    met = identity_resolution.meet(world, connection, people, world.clock())
    known = _recorded(world, connection, sender, met.contacts) if found else set()
    for preference, contact in zip(found, met.contacts, strict=True):
        if (contact.id, preference.stop, preference.at) in known:
            continue
        known.add((contact.id, preference.stop, preference.at))
        if preference.stop:
            platform_stop(world, connection, [contact.id], preference.at)
        else:
            entry = _entry(contact, ConsentType.PLATFORM_RESUME, ALL_MARKETING, preference.at, Source.CHANNEL, {})
            world.ledger.append(connection, [entry], world.clock())


def _recorded(
    world: World, connection: Connection, sender: Sender, people: Sequence[Contact]
) -> set[tuple[str, bool, datetime]]:
    """The stops and resumes that the ledger has already: Meta repeats its webhooks, and so may the owner."""
    found = world.ledger.events(connection, sender.company, contacts.subjects(connection, people))
    wanted = {ConsentType.PLATFORM_STOP: True, ConsentType.PLATFORM_RESUME: False}
    return {
        (contact_id, wanted[event.type], event.occurred_at)
        for contact_id, events in found.items()
        for event in events
        if event.type in wanted
    }


def _read_messages(
    world: World, connection: Connection, sender: Sender, found: Sequence[Inbound], now: datetime
) -> None:
    known = inbound.known(connection, {m.wa_message_id for m in found})
    erased = world.ledger.suppressed_at(
        connection, sender.company, {i for m in found for i in (m.phone, m.wa_user_id) if i}
    )
    fresh = list(
        {m.wa_message_id: m for m in found if m.wa_message_id not in known and not _was_erased(m, erased)}.values()
    )
    if not fresh:
        return
    world.incoming.note(sender.slug, len(fresh))
    people = [Person(sender.company, m.phone, m.wa_user_id, name=m.name, at=m.at) for m in fresh]
    met = identity_resolution.meet(world, connection, people, now)
    writers = met.contacts
    contacts.lock(connection, {writer.id for writer in writers})
    contacts.wrote(connection, {writer.id: m.at for m, writer in zip(fresh, writers, strict=True)})
    facts = dialogue.known(world, connection, sender, fresh, writers)
    stored = []
    for item, writer in zip(fresh, writers, strict=True):
        intent = dialogue.meaning(item, writer, facts)
        stored.append((item, writer.id, str(intent.kind)))
        turn = Turn(sender, item, writer, met.before.get(writer.id, ()), now)
        dialogue.act(world, connection, turn, intent, facts)
    conversing = {contact_id for _, contact_id, intent in stored if intent not in inbound.SIGNING_UP}
    queued.cancel_reminders(connection, conversing, now)
    inbound.add(connection, sender.company, sender.slug, stored, now)


def _was_erased(item: Inbound, erased: Mapping[str, datetime]) -> bool:
    """Whether it was written before its writer was erased: a body that is read again must not bring them back."""
    return any(i in erased and item.at < erased[i] for i in (item.phone, item.wa_user_id) if i)


def _entry(
    person: Contact,
    kind: ConsentType,
    scope: str,
    at: datetime,
    source: Source,
    evidence: dict[str, str],
) -> Entry:
    return Entry.of(
        person,
        kind,
        purposes=(scope,),
        occurred_at=at,
        source=source,
        actor="customer",
        payload=evidence,
    )
