"""Who wrote: phones and BSUIDs brought together, changes of number, recycled numbers.

See docs/reference/law.md section 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.consent.consent import ConsentType, Purpose, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.messages.channel import IdentityChange, StatusUpdate
from integration.flow.world import Sender, World
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.messages import queued, statuses

logger = log.get("identity")
_EVERY = [purpose for purpose in Purpose if purpose is not Purpose.SUPPORT_REPLY]


@dataclass(frozen=True, slots=True)
class Met:
    """The contacts of people in the order asked, and who had their phone until now, by contact id."""

    contacts: list[Contact]
    before: dict[str, list[Contact]]


def meet(world: World, connection: Connection, people: Sequence[Person], now: datetime) -> Met:
    """The contacts of people. A known account's new phone is recorded; what waits for a recycled number is stopped."""
    meeting = identity_resolution.meet(connection, people, now)
    if meeting.moved:
        world.ledger.append(connection, [_linked(person, now) for person in meeting.moved], now)
    before: dict[str, list[Contact]] = {}
    for loser, winner in meeting.lost:
        before.setdefault(winner.id, []).append(loser)
        _stop_at_old_phone(connection, loser, now)
        world.stops.note([loser.id])
    return Met(meeting.contacts, before)


def learn_from_statuses(
    world: World, connection: Connection, sender: Sender, updates: Sequence[StatusUpdate], now: datetime
) -> None:
    """Statuses name phone and BSUID together: learn the pair, a STOP may come with the BSUID alone."""
    both = [u for u in updates if u.phone and u.wa_user_id]
    if telling := statuses.of_the_living(connection, sender.company, both, world.vault):
        addressed = statuses.addressed(connection, sender.company, telling)
        people = [
            Person(sender.company, addressed.get(u.attempt_id or "", u.phone), u.wa_user_id, at=u.at) for u in telling
        ]
        meet(world, connection, _not_erased(world, connection, sender.company, people), now)


def _not_erased(world: World, connection: Connection, company: str, people: Sequence[Person]) -> list[Person]:
    """A late status must not bring back who was erased."""
    named = {i for p in people for i in (p.phone, p.wa_user_id) if i}
    gone = world.ledger.suppressed(connection, company, named)
    return [p for p in people if p.phone not in gone and p.wa_user_id not in gone]


def change(
    world: World, connection: Connection, sender: Sender, found: Sequence[IdentityChange], now: datetime
) -> None:
    """WhatsApp says that people changed their number or BSUID: consents and refusals follow them."""
    for item in found:
        known = identity_resolution.holder(connection, sender.company, *item.was)
        if known is None or (known.identity_since and item.at < known.identity_since):
            continue
        if _linked_before(world, connection, sender.company, item):
            continue
        contacts.lock(connection, [known.id])
        person = identity_resolution.link(connection, known, item.phone, item.wa_user_id, item.at)
        world.ledger.append(connection, [_linked(person, item.at)], now)


def _linked_before(world: World, connection: Connection, company: str, item: IdentityChange) -> bool:
    """Whether this very change is in the ledger: Meta repeats itself, and the old phone may be another's by now."""
    holder = identity_resolution.holder(connection, company, item.phone, item.wa_user_id)
    if holder is None:
        return False
    found = world.ledger.events(connection, company, contacts.subjects(connection, [holder]))
    linked = ConsentType.IDENTITY_LINKED
    return any(event.type == linked and event.occurred_at == item.at for event in found.get(holder.id, ()))


def _stop_at_old_phone(connection: Connection, loser: Contact, now: datetime) -> None:
    stopped = queued.cancel_for_contact(connection, loser.id, _EVERY, "identity_mismatch", now)
    logger.warning("number_recycled", contact=loser.id, cancelled=stopped)


def _linked(person: Contact, at: datetime) -> Entry:
    return Entry.of(
        person,
        ConsentType.IDENTITY_LINKED,
        purposes=(),
        occurred_at=at,
        source=Source.CHANNEL,
        actor="meta",
        payload={"phone": person.phone, "wa_user_id": person.wa_user_id},
    )
