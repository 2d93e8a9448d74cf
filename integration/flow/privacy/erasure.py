"""Rights of people over their data: restriction, correction, erasure with its certificate, and what may delay it.

Erasure (docs/reference/law.md section 8) runs in two parts, because there are two databases. The first is one
transaction: everything is withdrawn and cancelled, the person is on the suppression list, the profile is empty. The
second destroys the person's key and looks through the raw bodies; a crash in between is made up for by the sweep
`privacy`.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Select

from integration import log
from integration.domain.consent.consent import ConsentType, Purpose, Source
from integration.domain.contacts.contacts import Contact, e164
from integration.flow.carts import carts
from integration.flow.consent.optout import Withdrawal, withdraw
from integration.flow.privacy import requests as subject_requests
from integration.flow.world import World
from integration.store.consent.ledger import DECLINED, Entry
from integration.store.contacts import contacts, identity_resolution
from integration.store.db import lock_people
from integration.store.messages import message_ids, queued
from integration.store.privacy import erasure, requests, retention
from integration.store.privacy.requests import Request

#: a finished first part: keys and bodies are still to go
ERASING, ERASED = "erasing", "erased"
#: an unconfirmed sign-up is forgotten after so long (docs/reference/law.md section 10)
UNCONFIRMED = timedelta(days=30)
#: consent is dormant after 730 days without use; 90 days later the profile goes (docs/reference/law.md section 10)
DORMANT = timedelta(days=730 + 90)
#: who said no is forgotten like an unconfirmed sign-up; the code of the number a year later
DECLINED_CODES = timedelta(days=365)
logger = log.get("privacy")


def erase_by_chat(world: World, connection: Connection, person: Contact, now: datetime) -> None:
    """The person tapped "delete everything" under our own question."""
    erase(world, connection, person, "chat", now)


def erase_contact(world: World, contact_id: str, source: str) -> str | None:
    """Erase somebody now, both parts; returns the request whose certificate tells of it.

    None when the contact is unknown or erased already.
    """
    now = world.clock()
    with world.database.write() as connection:
        person = _locked(connection, contact_id)
        if person is None or person.erased_at:
            return None
        id_ = erase(world, connection, person, source, now)
    finish(world)
    return id_


def hold(world: World, contact_id: str, ground: str, until: datetime, by: str) -> bool:
    """Erasure has to wait on one of `rights.GROUNDS` (GDPR Art. 17(3)): nothing is used, and it is asked again.

    Open requests end as refused on the ground; a new one is due on the day on which the ground ends.
    """
    now = world.clock()
    with world.database.write() as connection:
        person = _locked(connection, contact_id)
        if person is None or person.erased_at or ground not in subject_requests.GROUNDS:
            return False
        stop = Withdrawal(True, now, Source.STAFF, "owner", {"by": by, "ground": ground}, channel="any")
        withdraw(world, connection, [person], stop, now)
        told = {"by": by, "ground": ground}
        world.ledger.append(connection, [_entry(person, ConsentType.RESTRICTED, told, now)], now)
        while wish := requests.open_of(connection, person.id, "erasure"):
            subject_requests.settle(world, connection, wish, now)
            requests.end(connection, wish.id, "refused", f"{subject_requests.REFUSED}: {ground}", now)
        asked = until - subject_requests.FIRST_REMINDER
        subject_requests.opened(world, connection, person.company, person.id, "erasure", "hold", told, asked, until)
    return True


def forget_unconfirmed(world: World, before: datetime) -> int:
    """Sign-ups that nobody confirmed are forgotten, without a suppression: they may come again. Returns how many."""
    return _forget(world, retention.unconfirmed(before))


def forget_declined(world: World, before: datetime) -> int:
    """People who only said no are forgotten; a code of their number stays, so that nobody asks again for a year."""
    return _forget(world, retention.declined(before), DECLINED)


def forget_dormant(world: World, before: datetime) -> int:
    """Profiles with which nothing happened for so long are forgotten; they may come again."""
    return _forget(world, retention.dormant(before))


def _forget(world: World, query: Select[Any], listed_as: str = "") -> int:
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        ids = list(connection.execute(query.limit(retention.MOST)).scalars())
        for person in contacts.by_id(connection, ids).values():
            erase(world, connection, person, "retention", now, suppress=False)
            if listed_as:
                world.ledger.suppress(connection, person.company, person.phone, person.wa_user_id, listed_as, now)
    finish(world)
    return len(ids)


def erase(
    world: World, connection: Connection, person: Contact, source: str, now: datetime, *, suppress: bool = True
) -> str:
    """The first part, in this transaction; returns the id of its request. `finish` does the second."""
    subjects = sorted(contacts.subjects(connection, [person]))
    world.ledger.append(connection, [_erased(person, subject, source, now) for subject in subjects], now)
    queued.cancel_for_contact(connection, person.id, set(Purpose), "suppressed", now)
    world.stops.note([person.id])
    identifiers = [i for i in (person.phone, person.wa_user_id) if i]
    if suppress:
        world.ledger.suppress(connection, person.company, person.phone, person.wa_user_id, ERASED, now)
    counts = erasure.counted(connection, person.id, person.company, subjects)
    carts.forget_contact(world, connection, person)
    message_ids.hide(connection, world.vault, person.company, erasure.everybody(connection, person.id), person.phone)
    bodies = erasure.forget_person(connection, person.id, now)
    left = {
        "subjects": subjects,
        "identifiers": identifiers,
        "bodies": bodies,
        "counts": counts,
        "suppressed": suppress,
    }
    id_ = _wish(world, connection, person, source, now)
    requests.hand_over(connection, id_, world.vault.seal(orjson.dumps(left), id_), ERASING, now)
    logger.info("person_erased", company=person.company, request=id_)
    return id_


def _wish(world: World, connection: Connection, person: Contact, source: str, now: datetime) -> str:
    """The request that the certificate belongs to: the oldest open one, or a new one. The others end, and forget."""
    mine = requests.of_contact(connection, person.id)
    wishes = [wish for wish in mine if (wish.kind, wish.state) == ("erasure", "open")]
    id_ = wishes[-1].id if wishes else None
    for wish in mine:
        if wish.state == "open":
            subject_requests.settle(world, connection, wish, now)
            requests.end(connection, wish.id, "done", ERASED, now)
        if wish.outcome != ERASED:
            requests.replace_detail(connection, wish.id, world.vault.seal(b"{}", wish.id))
    return id_ or subject_requests.opened(world, connection, person.company, person.id, "erasure", source, {}, now)


def sweep(world: World, now: datetime) -> dict[str, int]:
    """Finish what erasures have begun, and destroy the keys of proofs whose time is over."""
    return {"erased": finish(world), "proofs": erasure.empty_vault(world.keys, now)}


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
    if _record(world, contact_id, kind, {"by": by}) is None:
        return False
    with world.database.write() as connection:
        subject_requests.end_kind(world, connection, contact_id, "restriction", world.clock())
    return True


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
        person = _locked(connection, contact_id)
        if person is None or person.erased_at or not identity_resolution.correct(connection, person, changes):
            return False
        was = {key: str(getattr(person, key)) for key in changes}
        told = {"by": by, "was": was, "is": {key: str(value) for key, value in changes.items()}}
        world.ledger.append(connection, [_entry(person, ConsentType.CORRECTED, told, world.clock())], world.clock())
        subject_requests.end_kind(world, connection, contact_id, "rectification", world.clock())
    return True


def _finish(world: World, wish: Request) -> None:
    left = subject_requests.details(world, wish)
    now = world.clock()
    with world.database.read() as connection:
        marketed = bool(wish.contact_id) and erasure.was_marketed_to(connection, wish.contact_id or "")
    years = world.retention.proof_years
    keep_until = datetime(now.year + years, 12, 31, 23, 59, tzinfo=now.tzinfo) if marketed else None
    erasure.destroy_keys(world.keys, wish.company, left["subjects"], keep_until, now)
    bodies = erasure.forget_bodies(world.database, left["bodies"], left["identifiers"])
    told = {
        "counts": {**left.get("counts", {}), "bodies": bodies},
        "proof_until": keep_until.isoformat() if keep_until else None,
        "suppressed": left.get("suppressed", True),
    }
    with world.database.write() as connection:
        requests.hand_over(connection, wish.id, world.vault.seal(orjson.dumps(told), wish.id), ERASED, now)


def _record(world: World, contact_id: str, kind: ConsentType, told: Mapping[str, Any]) -> Contact | None:
    with world.database.write() as connection:
        person = _locked(connection, contact_id)
        if person:
            world.ledger.append(connection, [_entry(person, kind, told, world.clock())], world.clock())
    return person


def _locked(connection: Connection, contact_id: str) -> Contact | None:
    lock_people(connection)
    contacts.lock(connection, [contact_id])
    return contacts.by_id(connection, [contact_id]).get(contact_id)


def _entry(person: Contact, kind: ConsentType, told: Mapping[str, Any], at: datetime) -> Entry:
    return Entry.of(
        person,
        kind,
        purposes=(),
        occurred_at=at,
        source=Source.STAFF,
        actor="owner",
        payload=told,
    )


def _erased(person: Contact, subject: str, source: str, at: datetime) -> Entry:
    """The header alone stays readable: the payload's key is never stored (docs/reference/law.md section 8, step 7)."""
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
