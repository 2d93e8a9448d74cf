"""The public privacy page: who visits it shows who they are by a message from their own WhatsApp.

The page draws a code, the visitor sends it to us, and we answer in the chat with six digits that only whoever holds the
phone can read; typed into the page that drew the code, they open it. Nobody enters a phone number, so nobody can find
out whether we know one, and no message goes to anybody who did not write first.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import quote

from sqlalchemy import Connection

from integration.domain.consent.consent import Source
from integration.domain.contacts.contacts import Contact
from integration.domain.conversations.replies import Reply
from integration.domain.messages.channel import Inbound
from integration.flow.consent.optout import Withdrawal, withdraw_by_id
from integration.flow.privacy import erasure
from integration.flow.privacy import requests as subject_requests
from integration.flow.world import World
from integration.store.contacts import contacts
from integration.store.ids import new_id
from integration.store.privacy import requests, verifications
from integration.store.privacy.verifications import Visit

#: the code must be sent and the digits typed within this time, then the page stays open for a while
OPENING, OPEN = timedelta(minutes=15), timedelta(minutes=30)
TRIES, MOST_PER_HOUR = 5, 1_000
#: what the visitor cannot do alone: somebody has to look (GDPR Art. 16 and 18)
ASKED = ("rectification", "restriction")
_LETTERS, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"
_SENT = re.compile(r"\W*(?:meine\s+|my\s+)?(?:daten|data)\s+([a-z][2-9][a-z2-9]{6})\W*", re.IGNORECASE)


def sent_code(text: str) -> str | None:
    """The code in "DATEN K7ABCDEF", None when a text is anything else."""
    found = _SENT.fullmatch(text.strip())
    return found[1].upper() if found else None


def digits(pin: str) -> Reply:
    """The answer in the chat."""
    return Reply(
        f"Dein Code für die Datenschutz-Seite: {pin}. Er gilt 15 Minuten. Gib ihn nur auf der Seite ein, die du selbst "
        "geöffnet hast, und sag ihn niemandem.",
        f"Ihr Code für die Datenschutz-Seite: {pin}. Er gilt 15 Minuten. Geben Sie ihn nur auf der Seite ein, die Sie "
        "selbst geöffnet haben, und sagen Sie ihn niemandem.",
        f"Your code for the privacy page: {pin}. It is valid for 15 minutes. Enter it only on the page that you opened "
        "yourself, and tell it to nobody.",
    )


#: the code is unknown, used or too old
OVER = Reply(
    "Dieser Code gilt nicht mehr. Öffne die Datenschutz-Seite noch einmal und tippe dort auf den Knopf.",
    "Dieser Code gilt nicht mehr. Öffnen Sie die Datenschutz-Seite noch einmal und tippen Sie dort auf den Knopf.",
    "This code is no longer valid. Open the privacy page again and tap the button there.",
)


def answered(world: World, connection: Connection, item: Inbound, person: Contact, now: datetime) -> Reply:
    """Somebody sent a code: tie their visit to them, and say the digits."""
    found = verifications.waiting(connection, person.company, sent_code(item.text) or "", now)
    if found is None:
        return OVER
    pin = f"{secrets.randbelow(1_000_000):06}"
    verifications.met(connection, found.id, person.id, _hash(world, found.id, pin))
    return digits(f"{pin[:3]} {pin[3:]}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit as its page shows it: `person` once the digits were right."""

    visit: Visit
    person: Contact | None


class SelfService:
    """What the page does. Tokens are the browser's secret; only their keyed hashes are stored."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, company: str) -> str | None:
        """Begin a visit; returns the browser's token, None for an unknown company or when too many come at once."""
        now, token, id_ = self._world.clock(), secrets.token_urlsafe(24), new_id()
        if company not in self._world.companies:
            return None
        with self._world.database.write() as connection:
            if verifications.count(connection, now - timedelta(hours=1)) >= MOST_PER_HOUR:
                return None
            hashed = _hash(self._world, "", token)
            verifications.add(connection, Visit(id_, company, hashed, _code(), now, now + OPENING))
        return token

    def opened(self, token: str) -> Opened | None:
        """The visit of a browser, None when there is none or it is over."""
        with self._world.database.read() as connection:
            found = verifications.by_token(connection, _hash(self._world, "", token), self._world.clock())
            if found is None or found.entered_at is None or found.contact_id is None:
                return Opened(found, None) if found else None
            person = contacts.by_id(connection, [found.contact_id]).get(found.contact_id)
        return Opened(found, person) if person and not person.erased_at else None

    def enter(self, token: str, typed: str) -> bool:
        """Whether these are the digits; five tries, then the visit is over."""
        now, pin = self._world.clock(), "".join(filter(str.isdigit, typed))
        with self._world.database.write() as connection:
            found = verifications.by_token(connection, _hash(self._world, "", token), now)
            if found is None or found.entered_at:
                return False
            right = found.pin_hash is not None and compare_digest(found.pin_hash, _hash(self._world, found.id, pin))
            if right:
                verifications.entered(connection, found.id, now, now + OPEN)
            elif found.tries + 1 >= TRIES:
                verifications.end(connection, found.id)
            else:
                verifications.tried(connection, found.id)
        return right

    def link(self, visit: Visit, word: str) -> str:
        """The wa.me address that opens the chat with the code typed in; "" while no number is known."""
        senders = self._world.senders.values()
        number = next((s.number for s in senders if s.company == visit.company and s.number), "")
        return f"https://wa.me/{number.removeprefix('+')}?text={quote(f'{word} {visit.code}')}" if number else ""

    def withdraw(self, opened: Opened, *, everything: bool, scopes: tuple[str, ...] = ()) -> bool:
        """Withdraw at once, everything, all advertising or single purposes."""
        if opened.person is None:
            return False
        now, evidence = self._world.clock(), {"way": "privacy_page", "visit": opened.visit.id}
        stop = Withdrawal(everything, now, Source.FORM, "customer", evidence, channel="any", scopes=scopes)
        return withdraw_by_id(self._world, opened.person.id, stop)

    def ask(self, opened: Opened, kind: str, words: str) -> datetime | None:
        """Ask for a correction or for rest; returns the day by which it must be answered, None for any other wish.

        An open request of the same kind stays the one there is, with the later words beside the earlier ones.
        """
        if opened.person is None or kind not in ASKED or not words:
            return None
        now = self._world.clock()
        with self._world.database.write() as connection:
            known = requests.open_of(connection, opened.person.id, kind)
            if known is None:
                subject_requests.opened(
                    self._world, connection, opened.visit.company, opened.person.id, kind, "self", {"text": words}, now
                )
                return subject_requests.due(now)
            subject_requests.add_words(self._world, connection, known, words)
        return known.due_at

    def erase(self, opened: Opened) -> str | None:
        """Erase the visitor; returns the request whose certificate tells of it."""
        id_ = erasure.erase_contact(self._world, opened.person.id, "self") if opened.person else None
        self.leave(opened)
        return id_

    def leave(self, opened: Opened) -> None:
        """End the visit."""
        with self._world.database.write() as connection:
            verifications.end(connection, opened.visit.id)


def _code() -> str:
    rest = (secrets.choice(_LETTERS + _DIGITS) for _ in range(6))
    return secrets.choice(_LETTERS) + secrets.choice(_DIGITS) + "".join(rest)


def _hash(world: World, context: str, secret: str) -> str:
    return world.vault.mark(f"visit\0{context}\0{secret}".encode()).hex()
