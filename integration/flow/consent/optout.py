"""Withdrawals, whatever way they came: they take effect in the transaction that records them.

See docs/reference/law.md section 6.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from integration.domain.consent.consent import (
    ALL_MARKETING,
    EVERYTHING,
    MARKETING,
    SCOPES,
    ConsentType,
    Purpose,
    Source,
)
from integration.domain.contacts.contacts import Contact
from integration.flow.world import World
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts
from integration.store.db import lock_people
from integration.store.messages import queued

#: answers to the person's own messages go on even after STOP ALLES
_ANSWERS = {Purpose.SUPPORT_REPLY, Purpose.OPTOUT_CONFIRMATION}


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What ends and how it came. `channel` any: "no more advertising" by letter or phone ends every channel.

    Everything, all advertising, or only what `scopes` names.
    """

    everything: bool
    at: datetime
    source: Source
    actor: str
    evidence: Mapping[str, Any]
    type: ConsentType = ConsentType.WITHDRAWN
    channel: str = "whatsapp"
    scopes: tuple[str, ...] = ()

    @property
    def purposes(self) -> tuple[str, ...]:
        """The scopes that its ledger row names."""
        return self.scopes or (EVERYTHING if self.everything else ALL_MARKETING,)

    @property
    def stopped(self) -> Set[Purpose]:
        """Whose waiting messages are cancelled; those about one article are decided on when their time comes."""
        if self.scopes:
            return {purpose for purpose in Purpose if SCOPES[purpose] in self.scopes}
        return set(Purpose) - _ANSWERS if self.everything else MARKETING


def withdraw(
    world: World, connection: Connection, people: Iterable[Contact], withdrawal: Withdrawal, now: datetime
) -> None:
    """Record it for these people and cancel what waits for them. They must be locked (`contacts.lock`)."""
    concerned = list(people)
    world.stops.note([person.id for person in concerned])
    world.ledger.append(connection, [_entry(person, withdrawal) for person in concerned], now)
    contacts.ask(connection, [person.id for person in concerned], None)
    for person in concerned:
        queued.cancel_for_contact(connection, person.id, withdrawal.stopped, "withdrawn", now)


def withdraw_by_id(world: World, contact_id: str, withdrawal: Withdrawal) -> bool:
    """A withdrawal that did not come by chat: letter, phone, the page behind a link. False when nobody is known."""
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        contacts.lock(connection, [contact_id])
        person = contacts.by_id(connection, [contact_id]).get(contact_id)
        if person is None:
            return False
        withdraw(world, connection, [person], withdrawal, now)
    return True


def _entry(person: Contact, withdrawal: Withdrawal) -> Entry:
    return Entry.of(
        person,
        withdrawal.type,
        purposes=withdrawal.purposes,
        occurred_at=withdrawal.at,
        source=withdrawal.source,
        actor=withdrawal.actor,
        payload={**withdrawal.evidence, "phone": person.phone, "wa_user_id": person.wa_user_id},
        channel=withdrawal.channel,
    )


class OptOutPage:
    """What stands behind a link that stops messages without a login. The token names nobody to whoever reads it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def token(self, person: Contact) -> str:
        """The token of a person's link: the ledger's random reference and a mark that only we can make."""
        subject = UUID(person.subject).bytes
        return urlsafe_b64encode(subject + self._world.vault.mark(subject)).decode().rstrip("=")

    def company(self, token: str) -> str | None:
        """The name of the company whose messages this link stops; None when it is no link of ours."""
        person = self._person(token)
        return self._world.companies[person.company].name if person else None

    def stop(self, token: str, *, everything: bool) -> bool:
        """Withdraw at once; False when it is no link of ours."""
        person = self._person(token)
        evidence = {"way": "link"}
        withdrawal = Withdrawal(everything, self._world.clock(), Source.FORM, "customer", evidence, channel="any")
        return person is not None and withdraw_by_id(self._world, person.id, withdrawal)

    def _person(self, token: str) -> Contact | None:
        try:
            content = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        subject, mark = content[:16], content[16:]
        if len(subject) != 16 or not compare_digest(mark, self._world.vault.mark(subject)):
            return None
        with self._world.database.read() as connection:
            return next(iter(contacts.of_subjects(connection, [str(UUID(bytes=subject))])), None)
