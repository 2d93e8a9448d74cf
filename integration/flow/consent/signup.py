"""The public sign-up form: what was typed is a grant that waits for the phone's own yes.

See docs/reference/law.md section 5. Whoever fills it in learns nothing about a number: known, objecting, suppressed or
new, the answer is the same, and the way that always works, writing from the phone itself, is offered to everybody.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection

from integration import log
from integration.domain.automations.birthdays import birthday
from integration.domain.consent.consent import SERVICE_SCOPE, ConsentType, Source
from integration.domain.consent.wordings import BACK_IN_STOCK, names_birthday, shared_ending
from integration.domain.contacts.contacts import Contact, Phone, read_phone
from integration.domain.errors import LadenboteError
from integration.flow.consent import links, optin
from integration.flow.consent.optin import SignUp
from integration.flow.world import World
from integration.store.consent import optin_links
from integration.store.consent.ledger import Entry, Wording
from integration.store.consent.optin_links import OptinLink
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import lock_people

#: nobody fills in a form faster; a page that was open longer is shown anew
QUICKEST, LONGEST = timedelta(seconds=2), timedelta(hours=24)
OLDEST = 110
logger = log.get("signup")


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """A form as it is shown. `texts` stand beside the boxes; all of them end with `ending`, shown once below.

    `chat` opens WhatsApp with the message that always works, "" while the number is unknown.
    """

    link: OptinLink
    company: str
    texts: tuple[Wording, ...]
    ending: str
    asks_birthday: bool
    chat: str

    @property
    def leads(self) -> tuple[str, ...]:
        """What stands beside each box itself."""
        return tuple(shown.text.removesuffix(self.ending).strip() for shown in self.texts)


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody sent. `ticked` are places of boxes, `page` the address of the page around the form."""

    ticked: frozenset[int]
    phone: str
    country: str
    born_on: str = ""
    page: str = ""
    ip: str = ""
    token: str = ""


class SignUpDesk:
    """What stands behind the public form."""

    def __init__(self, world: World) -> None:
        self._world = world

    def form(self, code: str) -> SignUpForm | None:
        """The form of a link, None when there is none (any more)."""
        with self._world.database.read() as connection:
            link = optin_links.by_code(connection, code)
            if link is None or link.ended_at or not link.boxes or link.company not in self._world.companies:
                return None
            known = optin_links.wordings_of(connection, link.company, [box.wording_hash for box in link.boxes])
        texts = tuple(known[box.wording_hash] for box in link.boxes)
        written = [shown.text for shown in texts]
        company = self._world.companies[link.company].name
        birthday = any(map(names_birthday, written))
        return SignUpForm(link, company, texts, shared_ending(written), birthday, _chat(self._world, link))

    def alert_form(self, shop: str, item_id: str, alert: str = BACK_IN_STOCK) -> SignUpForm | None:
        """The form to ask for an alert about an article, None for an article that the shop does not have."""
        link = links.for_item(self._world, shop, item_id, alert)
        return self.form(link.code) if link else None

    def token(self, code: str) -> str:
        """A mark of when the form was shown; it comes back with what was filled in."""
        at = int(self._world.clock().timestamp()).to_bytes(8, "big")
        return urlsafe_b64encode(at + self._mark(code, at)).decode().rstrip("=")

    def take(self, form: SignUpForm, filled: Filled) -> str:
        """Record a sign-up and ask for its confirmation. Returns what is wrong with what was typed, "" when nothing."""
        phone = read_phone(filled.phone[:40], filled.country[:2])
        born_on = _birthday(filled.born_on) if form.asks_birthday and filled.born_on else None
        problem = self._problem(form, filled, phone, born_on)
        if problem or phone is None:
            return problem or "not_a_phone"
        now = self._world.clock()
        with self._world.database.write() as connection:
            lock_people(connection)
            person = self._person(connection, form.link, phone, now)
            if person:
                self._record(connection, form, filled, person, born_on, now)
        return ""

    def _problem(self, form: SignUpForm, filled: Filled, phone: Phone | None, born_on: date | None) -> str:
        if not filled.ticked & set(range(len(form.texts))):
            return "nothing_ticked"
        if phone is None:
            return "not_a_phone"
        if form.asks_birthday and filled.born_on and born_on is None:
            return "not_a_date"
        today = self._world.clock().date()
        if born_on and not _plausible(born_on, today):
            return "not_a_date"
        policy = self._world.companies[form.link.company].policy
        if born_on and birthday(born_on, born_on.year + policy.min_age) > today:
            return "too_young"
        return self._haste(form.link.code, filled.token)

    def _haste(self, code: str, token: str) -> str:
        try:
            content = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return "page_expired"
        at, mark = content[:8], content[8:]
        if len(at) != 8 or not compare_digest(mark, self._mark(code, at)):
            return "page_expired"
        age = self._world.clock() - datetime.fromtimestamp(int.from_bytes(at, "big"), UTC)
        if age > LONGEST:
            return "page_expired"
        return "too_quick" if age < QUICKEST else ""

    def _mark(self, code: str, at: bytes) -> bytes:
        return self._world.vault.mark(b"sign-up form " + code.encode() + at)

    def _person(self, connection: Connection, link: OptinLink, phone: Phone, now: datetime) -> Contact | None:
        """Who this phone is; nobody whose erasure only an own message can undo (docs/reference/law.md section 8)."""
        listed = self._world.ledger.suppressed(connection, link.company, [phone.number])
        if listed - contacts.living(connection, link.company, listed):
            logger.info("suppressed_sign_up", company=link.company)
            return None
        known = contacts.with_phones(connection, [(link.company, phone.number)])
        # a stranger may type any number: what is known of its owner stays as it is
        locale = "" if known else link.language
        [person] = identity_resolution.resolve(
            connection, [Person(link.company, phone.number, locale=locale, country=phone.country)], now
        )
        return person

    def _record(
        self,
        connection: Connection,
        form: SignUpForm,
        filled: Filled,
        person: Contact,
        born_on: date | None,
        now: datetime,
    ) -> None:
        places = [place for place in sorted(filled.ticked) if place < len(form.texts)]
        evidence = self._evidence(form, filled)
        entries = [_grant(form, place, person, evidence, born_on, now) for place in places]
        ids = self._world.ledger.append(connection, entries, now)
        asking = [id_ for id_, entry in zip(ids, entries, strict=True) if optin.needs_confirmation(entry)]
        if asking and self._waits(connection, person, entries, now):
            asked = self._sign_up(form, filled, person, asking[0], now)
            optin.request_confirmations(self._world, connection, [asked], now)
        if not asking:
            optin_links.came(connection, form.link.code)

    def _waits(self, connection: Connection, person: Contact, entries: list[Entry], now: datetime) -> bool:
        """Whether anything that was ticked still needs a yes: who has agreed before is not asked again."""
        subjects = contacts.subjects(connection, [person])
        ledger = self._world.ledger.events(connection, person.company, subjects).get(person.id, [])
        waiting = optin.pending_scopes(self._world.companies[person.company], ledger, now)
        return any(scope in waiting for entry in entries for scope in entry.purposes)

    def _sign_up(self, form: SignUpForm, filled: Filled, person: Contact, event_id: str, now: datetime) -> SignUp:
        sender = self._world.senders[form.link.sender]
        shop = next((shop for shop in self._world.shops.values() if shop.sender == sender.slug), None)
        name = shop.name if shop else form.company
        return SignUp(person, sender, event_id, now, name, name, shop.address if shop else "sie")

    def _evidence(self, form: SignUpForm, filled: Filled) -> Mapping[str, Any]:
        kept = {"ip": filled.ip} if filled.ip and self._world.companies[form.link.company].keep_ip else {}
        return {
            "link": form.link.code,
            "label": form.link.label,
            "page": filled.page,
            "typed": filled.phone[:40],
            "country": filled.country[:2],
            "language": form.link.language,
            "boxes": [shown.hash for shown in form.texts],
            **kept,
        }


def _grant(
    form: SignUpForm, place: int, person: Contact, evidence: Mapping[str, Any], born_on: date | None, now: datetime
) -> Entry:
    shown = form.texts[place]
    purposes = form.link.boxes[place].purposes
    birthday = {"born_on": born_on.isoformat()} if born_on and names_birthday(shown.text) else {}
    return Entry.of(
        person,
        ConsentType.GRANTED,
        purposes=purposes,
        occurred_at=now,
        source=Source.FORM,
        actor="customer",
        payload={**evidence, "phone": person.phone, **birthday},
        phone_only=True,
        promised_per_month=None if purposes == (SERVICE_SCOPE,) else form.link.promised_per_month,
        wording=shown,
    )


def _birthday(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _plausible(born_on: date, today: date) -> bool:
    return born_on <= today and today.year - born_on.year <= OLDEST


def _chat(world: World, link: OptinLink) -> str:
    try:
        return links.address(world, link)
    except LadenboteError:
        return ""
