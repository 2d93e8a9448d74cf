"""Contacts as the dashboard shows them: who may be reached, and what they agreed to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from integration.domain.consent.consent import ConsentEvent, ConsentType, Flag, Source
from integration.domain.contacts.contacts import Contact
from integration.store.contacts.contacts import by_id
from integration.store.messages.listing import named
from integration.store.tables import consent, contact, inbound_message, snapshot, wording

PAGE = 50


def newest(connection: Connection, company: str) -> Contact | None:
    """Who came last and has a name."""
    query = select(contact.c.id).where(
        contact.c.company == company, contact.c.name != "", contact.c.erased_at.is_(None)
    )
    found = connection.execute(query.order_by(contact.c.created_at.desc()).limit(1)).scalar()
    return by_id(connection, [found]).get(found) if found else None


def contacts(connection: Connection, search: str = "", before: str = "", size: int = PAGE) -> list[Row[Any]]:
    """Contacts, the newest first, from id `before` on."""
    query = select(contact).where(contact.c.merged_into.is_(None))
    if search:
        query = query.where(contact.c.id.in_(named(connection, search)))
    if before:
        query = query.where(contact.c.id < before)
    return list(connection.execute(query.order_by(contact.c.id.desc()).limit(size)))


def contact_of(connection: Connection, id_: str) -> Row[Any] | None:
    """One contact; the one it was merged into when it was."""
    found = connection.execute(select(contact).where(contact.c.id == id_)).first()
    return contact_of(connection, found.merged_into) if found and found.merged_into else found


def subjects_of(connection: Connection, person: Row[Any]) -> list[str]:
    """Every ledger subject of a contact, merged ones too."""
    merged = select(contact.c.subject).where(contact.c.merged_into == person.id)
    return [person.subject, *connection.execute(merged).scalars()]


def consents(connection: Connection, company: str, subjects: list[str]) -> list[Row[Any]]:
    """Everything that these subjects agreed to or took back, with the wording shown, the newest first."""
    shown = and_(wording.c.company == consent.c.company, wording.c.hash == consent.c.wording_hash)
    query = select(consent, wording.c.text.label("wording_text"), wording.c.version.label("wording_version"))
    query = query.outerjoin(wording, shown).where(consent.c.company == company, consent.c.subject.in_(subjects))
    return list(connection.execute(query.order_by(consent.c.occurred_at.desc(), consent.c.seq.desc())))


def headers(connection: Connection, people: Sequence[Row[Any]]) -> dict[str, list[ConsentEvent]]:
    """The ledger's plain headers by contact id, for the fold."""
    owners = {(person.company, person.subject): person.id for person in people}
    merged = select(contact.c.company, contact.c.subject, contact.c.merged_into)
    merged = merged.where(contact.c.merged_into.in_([person.id for person in people]))
    owners |= {(row.company, row.subject): row.merged_into for row in connection.execute(merged)}
    found: dict[str, list[ConsentEvent]] = {person.id: [] for person in people}
    companies, subjects = sorted({key[0] for key in owners}), sorted({key[1] for key in owners})
    query = select(consent).where(consent.c.company.in_(companies), consent.c.subject.in_(subjects))
    for row in connection.execute(query.order_by(consent.c.company, consent.c.seq)):
        if (row.company, row.subject) in owners:
            found[owners[row.company, row.subject]].append(header(row))
    return found


def inbound_of(connection: Connection, contact_id: str, size: int = 20) -> list[Row[Any]]:
    """What a contact wrote lately, the newest first."""
    query = select(inbound_message).where(inbound_message.c.contact_id == contact_id)
    return list(connection.execute(query.order_by(inbound_message.c.at.desc()).limit(size)))


def orders_of(connection: Connection, contact_id: str) -> list[dict[str, Any]]:
    """The facts of a contact's orders, the newest first."""
    query = select(snapshot.c.facts).where(snapshot.c.contact_id == contact_id, snapshot.c.object_type == "order")
    return [dict(facts) for facts in connection.execute(query.order_by(snapshot.c.first_seen_at.desc())).scalars()]


def header(row: Row[Any]) -> ConsentEvent:
    """A row of the ledger as decisions see it."""
    return ConsentEvent(
        event_id=row.event_id,
        company=row.company,
        type=ConsentType(row.type),
        purposes=tuple(row.purposes),
        occurred_at=row.occurred_at,
        source=Source(row.source),
        channel=row.channel,
        via=row.via,
        flags=frozenset(Flag(flag) for flag in row.flags),
        account=row.account,
        bsuid=row.bsuid,
        promised_per_month=row.promised_per_month,
    )
