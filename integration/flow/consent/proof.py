"""The proof sheet of one person: everything that the ledger holds, what was sent on it, and the chain behind it.

Making one is itself an event (`proof_exported`), whose row is the chain's end when the end is signed: so the sheet's
newest checkpoint covers everything in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Row

from integration import log
from integration.domain.consent import proof
from integration.domain.consent.checkpoint import Checkpoint
from integration.domain.consent.consent import MARKETING, ConsentType, Source
from integration.domain.consent.ledger import FIELDS, plain
from integration.domain.contacts.contacts import Contact, e164
from integration.domain.errors import LadenboteError
from integration.flow.consent import evidence
from integration.flow.templates.rendered import Words
from integration.flow.world import Company, World
from integration.store.consent import checkpoints, ledger_checks
from integration.store.consent import proof as store
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts, listing
from integration.store.crypto import signature_fits
from integration.store.db import lock_people
from integration.store.ids import new_id

#: rows of other people that one part of the chain may carry on its way to the next checkpoint
MOST_BETWEEN = 2_000
Document = dict[str, Any]
logger = log.get("proof")


def make(world: World, contact_id: str, by: str) -> Document | None:
    """The signed file of a person as JSON types; None when nobody has this id. `by` is who asked for it."""
    now, id_ = world.clock(), new_id()
    with world.database.write() as connection:
        lock_people(connection)
        person = _person(connection, contact_id)
        if person is None:
            return None
        world.ledger.append(connection, [_exported(person, id_, by, now)], now)
        end = evidence.sign_end(world, connection, person.company, now)
    evidence.keep_elsewhere(world, [end])
    with world.database.read() as connection:
        document = _document(world, connection, person, id_, now)
    logger.info("proof_exported", company=person.company, document=id_)
    signature = world.vault.sign(proof.signed_bytes(document))
    return {"proof": document, "key": world.vault.public_key, "signature": signature}


def verify(content: bytes, key: str = "", elsewhere: Sequence[Checkpoint] = ()) -> proof.Verdict:
    """Verify a file that `make` made; needs no database and no secret."""
    try:
        file = orjson.loads(content)
    except orjson.JSONDecodeError:
        file = None
    return proof.verify(file, signature_fits, key, elsewhere)


def find(world: World, asked: str, country: str) -> str:
    """The contact behind an id or a phone, erased people too. Raises LadenboteError when it is not exactly one."""
    with world.database.read() as connection:
        found = [asked] if listing.contact_of(connection, asked) else with_phone(world, connection, asked, country)
    if not found:
        raise LadenboteError("Nobody is known by this number. Write it like +491711234567, or give the contact's id.")
    if len(found) > 1:
        raise LadenboteError(f"Several people are meant; give one of these contact ids: {', '.join(found)}.")
    return found[0]


def with_phone(world: World, connection: Connection, typed: str, country: str) -> list[str]:
    """The contacts that have this number now, and the erased that had it."""
    phone = e164(typed, country)
    if phone is None:
        return []
    living = contacts.with_phones(connection, [(company, phone) for company in world.companies])
    erased = [
        id_
        for company in world.companies
        for id_ in store.erased_with(connection, company, world.vault.keyed_hash(company, phone))
    ]
    return [*living.values(), *erased]


def _person(connection: Connection, contact_id: str) -> Contact | None:
    row = listing.contact_of(connection, contact_id)
    return contacts.by_id(connection, [row.id])[row.id] if row else None


def _exported(person: Contact, document: str, by: str, now: datetime) -> Entry:
    return Entry.of(
        person,
        ConsentType.PROOF_EXPORTED,
        purposes=(),
        occurred_at=now,
        source=Source.STAFF,
        actor="owner",
        payload={"document": document, "by": by},
        forgotten=person.erased_at is not None,
    )


def _document(world: World, connection: Connection, person: Contact, id_: str, now: datetime) -> Document:
    company = world.companies[person.company]
    zone = ZoneInfo(company.time_zone)
    subjects = list(contacts.subjects(connection, [person]))
    rows = store.consents(connection, person.company, subjects)
    payloads, words = world.ledger.evidence(connection, person.company, subjects), Words(connection)
    return {
        "format": proof.FORMAT,
        "id": id_,
        **_times("made", now, zone),
        "time_zone": company.time_zone,
        "company": {"slug": company.slug, "name": company.name, "town": company.town},
        "person": _profile(person, subjects),
        "check": _check(connection, person.company),
        "events": [event(row, payloads.get(row.event_id), zone) for row in rows],
        "wordings": wordings(rows),
        "messages": [_message(row, allowed, words, zone) for row, allowed in store.sent(connection, person.id)],
        "chain": list(_chain(connection, company, [row.seq for row in rows])),
    }


def _profile(person: Contact, subjects: Sequence[str]) -> Document:
    return {
        "contact": person.id,
        "subjects": list(subjects),
        "name": person.name,
        "phone": person.phone,
        "wa_user_id": person.wa_user_id,
        "erased_at": _utc(person.erased_at) if person.erased_at else None,
    }


def _check(connection: Connection, company: str) -> Document:
    """What the last verification of the whole chain found."""
    last = ledger_checks.of_company(connection, company)
    at = _utc(last.checked_at) if last and last.checked_at else None
    whole = last.broken_at is None if last and last.checked_at else None
    return {"checked_at": at, "rows": last.checked_seq if last else None, "whole": whole}


def event(row: Row[Any], payload: Mapping[str, Any] | None, zone: ZoneInfo) -> Document:
    """One ledger row in full, with what could be read of its evidence."""
    values = dict(zip(FIELDS, plain(row._mapping), strict=True))
    times = _times("occurred", row.occurred_at, zone) | _times("recorded", row.recorded_at, zone)
    return {**values, **times, "hash": row.hash, "evidence": payload}


def wordings(rows: Sequence[Row[Any]]) -> list[Document]:
    """The texts that these ledger rows name, each once."""
    shown = {row.wording_hash: row for row in rows if row.wording_text is not None}
    return [
        {"hash": hash_, "version": row.wording_version, "language": row.wording_language, "text": row.wording_text}
        for hash_, row in shown.items()
    ]


def _message(row: Row[Any], allowed: Row[Any] | None, words: Words, zone: ZoneInfo) -> Document:
    return {
        "id": row.id,
        "kind": row.kind,
        "purpose": row.purpose,
        "advertising": row.promotion or row.purpose in MARKETING,
        **_times("sent", row.sent_at, zone),
        "wa_message_id": row.wa_message_id,
        "status": row.status,
        "template": row.template,
        "text": words.of(row),
        "buttons": [title for _, title in row.buttons or ()],
        "components": row.components,
        "basis": list(allowed.basis) if allowed else [],
        "rules": allowed.facts.get("rules") if allowed else None,
    }


def _chain(connection: Connection, company: Company, seqs: Sequence[int]) -> Iterator[Document]:
    """Parts of the chain that hold all these rows; each ends at a checkpoint, unless that one is too far off."""
    left = list(seqs)
    while left:
        first = left[0]
        end = checkpoints.first_from(connection, company.slug, first)
        if end is None or end.seq - first > MOST_BETWEEN:
            end, last = None, first
        else:
            last = end.seq
        prev_hash, rows = ledger_checks.extract(connection, company.slug, first, last)
        yield {"prev_hash": prev_hash, "rows": rows, "checkpoint": orjson.loads(end.line()) if end else None}
        left = [seq for seq in left if seq > last]


def _times(name: str, at: datetime, zone: ZoneInfo) -> Document:
    """A moment in UTC and as the clock on the wall showed it."""
    return {f"{name}_at": _utc(at), f"{name}_local": at.astimezone(zone).isoformat()}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
