"""Withdrawals and objections that came by letter, e-mail or phone and are entered by staff."""

from dataclasses import dataclass
from datetime import datetime

from integration.domain.consent.consent import ConsentType, Source
from integration.flow.consent.optout import Withdrawal, withdraw_by_id
from integration.flow.privacy import requests
from integration.flow.world import World
from integration.store.consent.ledger import OBJECTED
from integration.store.contacts import contacts
from integration.store.db import lock_people

#: on the suppression list: no message at all
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """What staff enters of a withdrawal: what ends, by which way it came (letter, email, phone), and when (`at`)."""

    everything: bool
    objection: bool
    way: str
    by: str
    at: datetime
    note: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def withdrawal(self) -> Withdrawal:
        """An objection ends all advertising (GDPR Art. 21)."""
        return Withdrawal(
            everything=self.everything,
            at=self.at,
            source=Source.STAFF,
            actor="owner",
            evidence={"way": self.way, "by": self.by, "note": self.note},
            type=ConsentType.OBJECTED if self.objection else ConsentType.WITHDRAWN,
            channel="any",
            scopes=() if self.objection else self.scopes,
        )


def by_staff(world: World, contact_id: str, told: StaffEntry) -> bool:
    """Staff enters what came by letter, e-mail or phone. Returns False when the contact is unknown."""
    if not withdraw_by_id(world, contact_id, told.withdrawal):
        return False
    if told.objection or told.everything:
        with world.database.write() as connection:
            requests.end_kind(world, connection, contact_id, "objection", world.clock())
    return True


def by_number(world: World, company: str, phone: str, told: StaffEntry) -> str | None:
    """The same for a phone (E.164). Returns the contact's id, None when nobody has the number: then it is listed.

    Who is listed as having objected gets order messages if they are ordered, and advertising only after an opt-in from
    the phone itself: no checkout, import or API lifts it (docs/reference/law.md section 6).
    """
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        known = contacts.with_phones(connection, [(company, phone)]).get((company, phone))
        if known is None:
            reason = STOPPED if told.everything else OBJECTED
            world.ledger.suppress(connection, company, phone, None, reason, now)
    if known:
        by_staff(world, known, told)
    return known
