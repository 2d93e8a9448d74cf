"""Opt-ins: the request for a confirmation, START, and what staff enters (docs/reference/law.md section 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from integration.domain.consent.consent import (
    SERVICE_SCOPE,
    ConsentEvent,
    ConsentType,
    Flag,
    Purpose,
    Situation,
    Source,
)
from integration.domain.consent.standing import Standing, fold
from integration.domain.consent.wordings import MARKETING_SCOPES
from integration.domain.contacts.contacts import Contact, e164
from integration.domain.errors import LadenboteError
from integration.domain.notifications import BY_KIND, request_variables
from integration.domain.templates.selection import slot_for
from integration.domain.templates.templates import carried
from integration.flow.contacts.language import language_for
from integration.flow.messages import queue
from integration.flow.messages.queue import Candidate
from integration.flow.world import Company, Sender, Shop, World
from integration.store.consent import optin_links
from integration.store.consent.ledger import Entry, Wording
from integration.store.consent.optin_links import OptinLink
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import lock_people
from integration.store.ids import new_id
from integration.store.messages.messages import Message

REQUEST = "doi_request"


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody was signed up in a way that needs a confirmation. `place` is where, as the person knows it."""

    contact: Contact
    sender: Sender
    event_id: str
    at: datetime
    shop_name: str
    place: str
    address: str


def needs_confirmation(entry: Entry) -> bool:
    """Whether an entry is a sign-up for marketing that only the phone itself can complete."""
    marketing = any(scope != SERVICE_SCOPE for scope in entry.purposes)
    return entry.type is ConsentType.GRANTED and marketing and entry.source in (Source.CHECKOUT, Source.FORM)


def sign_up(world: World, shop: Shop, contact: Contact, event_id: str, at: datetime, place: str = "") -> SignUp:
    """A sign-up that reached us through a shop; `place` is its name unless something else is better known."""
    return SignUp(contact, world.senders[shop.sender], event_id, at, shop.name, place or shop.name, shop.address)


def request_confirmations(
    world: World, connection: Connection, sign_ups: Sequence[SignUp], now: datetime
) -> list[Message]:
    """Queue the one request of each sign-up; send decides on it like on every message. Too old ones get none."""
    limit = {s.event_id: world.companies[s.contact.company].policy.doi_max_delay for s in sign_ups}
    asked = [_request(world, s, limit[s.event_id], now) for s in sign_ups if now - s.at <= limit[s.event_id]]
    return queue.put(world, connection, [Candidate(item) for item in asked], now)


def _request(world: World, sign_up: SignUp, limit: timedelta, now: datetime) -> Message:
    person, language = sign_up.contact, language_for(world, sign_up.sender, sign_up.contact)
    slot = slot_for(person.company, REQUEST, language, sign_up.address)
    words = request_variables(sign_up.shop_name, sign_up.place, sign_up.at, slot.language)
    template = world.catalogue.template(sign_up.sender.account, slot, words)
    return Message(
        id=new_id(),
        company=person.company,
        sender=sign_up.sender.slug,
        contact_id=person.id,
        kind=REQUEST,
        purpose=Purpose.DOI_REQUEST,
        key=f"{person.company}/{REQUEST}/{sign_up.event_id}",
        template=template.name,
        language=template.language,
        variables=words,
        components=carried(template, words, {}),
        occurred_at=sign_up.at,
        send_after=now,
        expires_at=sign_up.at + min(limit, BY_KIND[REQUEST].expires_after),
        buttons=[[payload, title] for payload, title in template.buttons],
    )


def pending_scopes(company: Company, ledger: Sequence[ConsentEvent], now: datetime) -> tuple[str, ...]:
    """The marketing scopes that a "yes" would switch on now."""
    situation = Situation(now=now, company=company.slug, zones=(), country=None, template=None)
    asked = {s for e in ledger if e.type is ConsentType.GRANTED for s in e.purposes if s != SERVICE_SCOPE}
    states = {scope: fold(ledger, scope, situation, company.policy) for scope in sorted(asked)}
    within = timedelta(days=company.policy.doi_days)
    return tuple(
        scope
        for scope, state in states.items()
        if state.standing is Standing.PENDING and state.grant and now - state.grant.occurred_at <= within
    )


def own_grant(
    person: Contact, link: OptinLink | None, shown: Wording, at: datetime, evidence: Mapping[str, Any], per_month: int
) -> Entry:
    """START from the person's own phone. With a code the wording stood beside it; without, it was not shown yet."""
    return Entry.of(
        person,
        ConsentType.GRANTED,
        purposes=link.purposes if link else MARKETING_SCOPES,
        occurred_at=at,
        source=Source(link.source) if link else Source.KEYWORD,
        actor="customer",
        payload={**evidence, "link": link.code if link else None, "phone": person.phone},
        flags=frozenset() if link else frozenset({Flag.WORDING_NOT_SHOWN}),
        promised_per_month=link.promised_per_month if link else per_month,
        wording=shown,
    )


def answered(
    person: Contact, scopes: tuple[str, ...], yes: bool, at: datetime, button: bool, evidence: Mapping[str, Any]
) -> Entry:
    """The answer to a confirmation request, from the WhatsApp account itself."""
    return Entry.of(
        person,
        ConsentType.CONFIRMED if yes else ConsentType.DECLINED,
        purposes=scopes,
        occurred_at=at,
        source=Source.CHAT_BUTTON if button else Source.KEYWORD,
        actor="customer",
        payload={**evidence, "phone": person.phone},
    )


def complete(world: World, connection: Connection, person: Contact, scopes: Sequence[str], now: datetime) -> None:
    """What a form was told waits for the phone's own yes, too: the birthday, and that somebody came by its link."""
    ledger = world.ledger.events(connection, person.company, contacts.subjects(connection, [person]))
    situation = Situation(now=now, company=person.company, zones=(), country=None, template=None)
    policy = world.companies[person.company].policy
    states = [fold(ledger.get(person.id, []), scope, situation, policy) for scope in scopes]
    waiting = {s.grant.event_id for s in states if s.grant and s.grant.source is Source.FORM}
    told = [world.ledger.payload(connection, id_) or {} for id_ in sorted(waiting)]
    for code in {payload["link"] for payload in told if payload.get("link")}:
        optin_links.came(connection, code)
    birthday = next((payload["born_on"] for payload in told if payload.get("born_on")), None)
    if birthday:
        identity_resolution.correct(connection, person, {"born_on": date.fromisoformat(birthday)})


def by_staff(
    world: World,
    company: str,
    phone: str,
    country: str,
    *,
    purposes: tuple[str, ...],
    text: str,
    at: datetime,
    by: str,
    name: str = "",
    reference: str = "",
) -> str:
    """Staff enters a signed form: the grant counts for order messages; marketing waits for a message from the phone.

    `text` is the text on the paper, `at` when it was signed, `reference` where the paper or its scan is kept. Returns
    the contact's id. Raises LadenboteError when the phone is none or an erased person's, or the time is to come.
    """
    number, now = e164(phone, country), world.clock()
    if number is None:
        raise LadenboteError("This is not a phone number. Write it like +491711234567.")
    if at > now:
        raise LadenboteError("The date of the signature lies in the future.")
    with world.database.write() as connection:
        lock_people(connection)
        listed = world.ledger.suppressed(connection, company, [number])
        if listed - contacts.living(connection, company, listed):
            raise LadenboteError("This person was erased; only a message from the phone itself signs them up again.")
        [person] = identity_resolution.resolve(connection, [Person(company, number, name=name)], now)
        world.ledger.append(connection, [_on_paper(person, purposes, text, at, {"by": by, "paper": reference})], now)
    return person.id


def _on_paper(
    person: Contact, purposes: tuple[str, ...], text: str, at: datetime, evidence: Mapping[str, Any]
) -> Entry:
    shown = Wording("paper", person.locale or "de", text, purposes)
    flaws = {Flag.WORDING_MISSING: not text.strip(), Flag.WHATSAPP_NOT_NAMED: not shown.names_whatsapp}
    return Entry.of(
        person,
        ConsentType.GRANTED,
        purposes=purposes,
        occurred_at=at,
        source=Source.IN_STORE,
        actor="owner",
        payload={**evidence, "phone": person.phone},
        flags=frozenset(flag for flag, flawed in flaws.items() if flawed),
        phone_only=True,
        wording=shown if text.strip() else None,
    )
