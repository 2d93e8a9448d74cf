"""Rights of people over their data: requests with their day of answer, restriction, correction, erasure.

Erasure (reference/law.md section 8) runs in two parts, because there are two databases. The first is one transaction:
everything is withdrawn and cancelled, the person is on the suppression list, the profile is empty. The second destroys
the person's key and looks through the raw bodies; a crash in between is made up for by the sweep `privacy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from integration import log
from integration.domain.consent import ConsentType, Purpose, Source
from integration.domain.contacts import Contact, e164
from integration.domain.events import ObjectType, object_key
from integration.domain.ports import PrivacyRequest
from integration.flow import carts
from integration.flow.world import World
from integration.store import contacts, erasure, messages, privacy_requests, requests, retention, vouchers
from integration.store.db import lock_people
from integration.store.ids import new_id
from integration.store.ledger import Entry
from integration.store.requests import Request

#: a finished first part: keys and bodies are still to go
ERASING, ERASED = "erasing", "erased"
#: an unconfirmed sign-up is forgotten after so long (law.md section 10)
UNCONFIRMED = timedelta(days=30)
KINDS = ("access", "erasure", "rectification", "restriction", "objection")
#: what a shop passes on, by the right that it is; one that has left its platform is erased person by person
RIGHTS = {"export": "access", "erase": "erasure", "shop": "erasure"}
logger = log.get("privacy")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """How a request names a person; any may be missing. `email` is that of the shop's orders."""

    phone: str | None = None
    wa_user_id: str | None = None
    email: str | None = None
    orders: tuple[str, ...] = ()


def requested(
    world: World,
    connection: Connection,
    company: str,
    kind: str,
    who: Identifiers,
    source: str,
    received_at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> list[str]:
    """Note a request that came through a shop, a letter or the page; returns the ids of the requests.

    One per contact that the identifiers lead to; one without contact when they lead to nobody: it wants an answer too.
    """
    if kind not in KINDS:
        raise ValueError(f"no such request: {kind}")
    found = erasure.people(connection, company, who.phone, who.wa_user_id, who.email, who.orders)
    told = {**(detail or {}), "email": who.email, "phone": who.phone, "orders": list(who.orders)}
    concerned: list[str | None] = [*found] or [None]
    return [_open(world, connection, company, id_, kind, source, told, received_at) for id_ in concerned]


def passed_on(world: World, connection: Connection, slug: str, asked: Sequence[PrivacyRequest], at: datetime) -> None:
    """What people asked for through their shop becomes a request with its day of answer, each once."""
    shop = world.shops[slug]
    for one in privacy_requests.add(connection, world.vault, slug, asked, at):
        phone = e164(one.phone, shop.context.country)
        who = Identifiers(phone=phone, email=one.email or None, orders=_objects(slug, one))
        told = {"shop": slug, "reference": one.reference, "asked": one.kind, "typed": one.phone}
        requested(world, connection, shop.company, RIGHTS[one.kind], who, "shop", at, told)


def _objects(slug: str, one: PrivacyRequest) -> tuple[str, ...]:
    """The keys of what the shop names: its orders, and the customer whose own consent it keeps."""
    orders = [object_key(slug, ObjectType.ORDER, id_) for id_ in one.orders]
    return (*orders, object_key(slug, ObjectType.CUSTOMER, one.customer_id)) if one.customer_id else tuple(orders)


def requested_by_chat(
    world: World, connection: Connection, person: Contact, evidence: Mapping[str, Any], at: datetime
) -> None:
    """Somebody wrote that their data be deleted; the same chat account is enough to know who asks."""
    if requests.open_of(connection, person.id, "erasure") is None:
        _open(world, connection, person.company, person.id, "erasure", "chat", evidence, at)


def keep_by_chat(connection: Connection, person: Contact, now: datetime) -> None:
    """The person tapped No: nothing is deleted, nothing is sent either."""
    wish = requests.open_of(connection, person.id, "erasure")
    if wish:
        requests.end(connection, wish.id, "done", "withdrawn by the person", now)


def erase_by_chat(world: World, connection: Connection, person: Contact, now: datetime) -> None:
    """The person tapped "delete everything" under our own question."""
    erase(world, connection, person, "chat", now)


def erase_contact(world: World, contact_id: str, source: str) -> bool:
    """Erase somebody now, both parts; False when the contact is unknown or erased already."""
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        contacts.lock(connection, [contact_id])
        person = contacts.by_id(connection, [contact_id]).get(contact_id)
        if person is None or person.erased_at:
            return False
        erase(world, connection, person, source, now)
    finish(world)
    return True


def forget_unconfirmed(world: World, before: datetime) -> int:
    """Sign-ups that nobody confirmed are forgotten, without a suppression: they may come again. Returns how many."""
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        ids = list(connection.execute(retention.unconfirmed(before).limit(retention.MOST)).scalars())
        for person in contacts.by_id(connection, ids).values():
            erase(world, connection, person, "retention", now, suppress=False)
    finish(world)
    return len(ids)


def erase(
    world: World, connection: Connection, person: Contact, source: str, now: datetime, *, suppress: bool = True
) -> None:
    """The first part, in this transaction. `finish` does the second."""
    subjects = sorted(contacts.subjects(connection, [person]))
    world.ledger.append(connection, [_erased(person, subject, source, now) for subject in subjects], now)
    messages.cancel_for_contact(connection, person.id, set(Purpose), "suppressed", now)
    identifiers = [i for i in (person.phone, person.wa_user_id) if i]
    if suppress:
        world.ledger.suppress(connection, person.company, person.phone, person.wa_user_id, ERASED, now)
    carts.forget_contact(world, connection, person)
    vouchers.forget_contact(connection, person.id)
    bodies = erasure.forget_person(connection, person.id, now)
    wish = requests.open_of(connection, person.id, "erasure")
    id_ = wish.id if wish else _open(world, connection, person.company, person.id, "erasure", source, {}, now)
    left = {"subjects": subjects, "identifiers": identifiers, "bodies": bodies}
    requests.hand_over(connection, id_, world.vault.seal(orjson.dumps(left), id_), ERASING, now)
    logger.info("person_erased", company=person.company, request=id_)


def finish(world: World) -> int:
    """The second part of every erasure that has had its first; returns how many."""
    with world.database.read() as connection:
        waiting = requests.handed_over(connection, ERASING)
    for wish in waiting:
        _finish(world, wish)
    return len(waiting)


def replay(world: World) -> int:
    """At the start: people whose erasure a restored backup has forgotten are erased again; returns how many."""
    stones = erasure.tombstones(world.keys)
    now, again = world.clock(), 0
    with world.database.write() as connection:
        world.ledger.suppress_again(connection)
        lock_people(connection)
        for person in contacts.of_subjects(connection, stones):
            erase(world, connection, person, "restore", now)
            again += 1
    finish(world)
    return again


def restrict(world: World, contact_id: str, *, on: bool, by: str) -> bool:
    """GDPR Art. 18: restricted data are kept and not used, until that is lifted. False when nobody is known."""
    kind = ConsentType.RESTRICTED if on else ConsentType.UNRESTRICTED
    return _record(world, contact_id, kind, {"by": by}) is not None


def correct(
    world: World, contact_id: str, *, name: str | None = None, locale: str | None = None, born_on: date | None = None,
    phone: str | None = None, country: str = "", by: str,
) -> bool:  # fmt: skip
    """GDPR Art. 16: put a person's data right; what was and what is now stand in the ledger, encrypted.

    False when nobody is known, or the new phone is none or somebody else's.
    """
    number = e164(phone, country) if phone else None
    if phone and number is None:
        return False
    values = {"name": name, "locale": locale, "born_on": born_on, "phone": number}
    changes = {key: value for key, value in values.items() if value is not None}
    with world.database.write() as connection:
        lock_people(connection)
        contacts.lock(connection, [contact_id])
        person = contacts.by_id(connection, [contact_id]).get(contact_id)
        if person is None or not contacts.correct(connection, person, changes):
            return False
        was = {key: str(getattr(person, key)) for key in changes}
        told = {"by": by, "was": was, "is": {key: str(value) for key, value in changes.items()}}
        world.ledger.append(connection, [_entry(person, ConsentType.CORRECTED, told, world.clock())], world.clock())
    return True


def due(received_at: datetime) -> datetime:
    """One month later (GDPR Art. 12(3)): the same day, or the month's last."""
    year, month = received_at.year + received_at.month // 12, received_at.month % 12 + 1
    for day in range(received_at.day, 27, -1):
        try:
            return received_at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return received_at.replace(year=year, month=month, day=min(received_at.day, 27))


def _open(
    world: World,
    connection: Connection,
    company: str,
    contact_id: str | None,
    kind: str,
    source: str,
    detail: Mapping[str, Any],
    at: datetime,
) -> str:
    id_ = new_id()
    sealed = world.vault.seal(orjson.dumps(dict(detail)), id_)
    requests.add(connection, Request(id_, company, contact_id, kind, source, sealed, at, due(at)))
    return id_


def _finish(world: World, wish: Request) -> None:
    left = orjson.loads(world.vault.open(wish.detail, wish.id))
    now = world.clock()
    with world.database.read() as connection:
        marketed = bool(wish.contact_id) and erasure.was_marketed_to(connection, wish.contact_id or "")
    keep_until = datetime(now.year + 3, 12, 31, 23, 59, tzinfo=now.tzinfo) if marketed else None
    erasure.destroy_keys(world.keys, wish.company, left["subjects"], keep_until, now)
    erasure.forget_bodies(world.database, left["bodies"], _needles(left["identifiers"]))
    with world.database.write() as connection:
        requests.hand_over(connection, wish.id, world.vault.seal(b"{}", wish.id), ERASED, now)


def _needles(identifiers: Sequence[str]) -> list[bytes]:
    """How a phone or BSUID stands in raw bodies: Meta leaves out the plus sign."""
    return [identifier.removeprefix("+").encode() for identifier in identifiers]


def _record(world: World, contact_id: str, kind: ConsentType, told: Mapping[str, Any]) -> Contact | None:
    with world.database.write() as connection:
        lock_people(connection)
        contacts.lock(connection, [contact_id])
        person = contacts.by_id(connection, [contact_id]).get(contact_id)
        if person:
            world.ledger.append(connection, [_entry(person, kind, told, world.clock())], world.clock())
    return person


def _entry(person: Contact, kind: ConsentType, told: Mapping[str, Any], at: datetime) -> Entry:
    return Entry(
        company=person.company,
        subject=person.subject,
        type=kind,
        purposes=(),
        occurred_at=at,
        source=Source.STAFF,
        actor="owner",
        payload=told,
        phone=person.phone,
        wa_user_id=person.wa_user_id,
    )


def _erased(person: Contact, subject: str, source: str, at: datetime) -> Entry:
    """The header alone stays readable: the payload's key is never stored (law.md section 8, step 7)."""
    return Entry(
        company=person.company,
        subject=subject,
        type=ConsentType.ERASED,
        purposes=(),
        occurred_at=at,
        source=Source.KEYWORD if source == "chat" else Source.STAFF,
        actor="customer" if source == "chat" else "owner",
        payload={},
        forgotten=True,
    )
