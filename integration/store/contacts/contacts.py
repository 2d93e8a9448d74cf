"""Contacts: looked up, and what is noted about them. Who somebody is, `identities` finds out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from integration.domain.contacts.contacts import Contact
from integration.store.fast_select import Query, among
from integration.store.tables import (
    contact,
)

_COLUMNS = (
    contact.c.id,
    contact.c.company,
    contact.c.subject,
    contact.c.phone,
    contact.c.wa_user_id,
    contact.c.name,
    contact.c.locale,
    contact.c.country,
    contact.c.last_inbound_at,
    contact.c.erased_at,
    contact.c.region,
    contact.c.born_on,
    contact.c.asked_at,
    contact.c.identity_since,
    contact.c.phone_from,
    contact.c.unreachable_until,
)
_ALL = select(*_COLUMNS).where(contact.c.company == bindparam("company"))
_BY_PHONE = Query(_ALL.where(among(contact.c.phone, "values")))
_BY_USER = Query(_ALL.where(among(contact.c.wa_user_id, "values")))
_IDS = select(*_COLUMNS).where(among(contact.c.id, "ids")).order_by(contact.c.id)
_BY_ID, _FREE = Query(_IDS), Query(_IDS.with_for_update(skip_locked=True))
_MERGED_INTO = Query(select(contact.c.subject, contact.c.merged_into).where(among(contact.c.merged_into, "ids")))


def by_id(connection: Connection, ids: Iterable[str], *, lock: bool = False) -> dict[str, Contact]:
    """Contacts by id; with `lock` only those that no other transaction holds, held until this one ends."""
    query, wanted = _FREE if lock else _BY_ID, list(ids)
    return {row[0]: _contact(row) for row in query.rows(connection, {"ids": wanted})} if wanted else {}


def with_phones(connection: Connection, phones: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The contacts that have these phones, by (company, phone); none is made."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for company, phone in phones:
        wanted[company].add(phone)
    return {
        (company, person.phone): person.id
        for company, theirs in wanted.items()
        for row in _BY_PHONE.rows(connection, {"company": company, "values": theirs})
        if (person := _contact(row)).phone
    }


def of_company(connection: Connection, company: str, phones: Iterable[str], users: Iterable[str]) -> Iterator[Contact]:
    """The contacts of a company that have one of these phones or BSUIDs, once for each that they have."""
    for query, values in ((_BY_PHONE, set(phones)), (_BY_USER, set(users))):
        for row in query.rows(connection, {"company": company, "values": values}) if values else ():
            yield _contact(row)


def lock(connection: Connection, ids: Iterable[str]) -> None:
    """Hold these contacts until the transaction ends, waiting for whoever holds them now."""
    wanted = sorted(ids)
    if wanted and connection.dialect.name != "sqlite":
        query = select(contact.c.id).where(contact.c.id.in_(wanted)).order_by(contact.c.id).with_for_update()
        connection.execute(query)


def subjects(connection: Connection, people: Iterable[Contact]) -> dict[str, str]:
    """Every ledger subject of these contacts, merged ones too: subject to contact id."""
    found = {person.subject: person.id for person in people}
    merged = _MERGED_INTO.rows(connection, {"ids": found.values()}) if found else ()
    return found | dict(merged)


def wrote(connection: Connection, at: Mapping[str, datetime]) -> None:
    """Remember when contacts last wrote: that opens the service window, and WhatsApp reaches them."""
    for contact_id, moment in at.items():
        connection.execute(
            update(contact)
            .where(contact.c.id == contact_id)
            .where((contact.c.last_inbound_at.is_(None)) | (contact.c.last_inbound_at < moment))
            .values(last_inbound_at=moment, unreachable_until=None)
        )


def unreachable(connection: Connection, until: Mapping[str, datetime | None]) -> None:
    """Note until when WhatsApp is not tried for these contacts; None: it may be tried at once."""
    for contact_id, end in until.items():
        connection.execute(update(contact).where(contact.c.id == contact_id).values(unreachable_until=end))


def ask(connection: Connection, ids: Iterable[str], at: datetime | None) -> None:
    """Note that an unclear STOP of these contacts is being asked about, or (None) that the question is answered."""
    connection.execute(update(contact).where(contact.c.id.in_(sorted(ids))).values(asked_at=at))


def living(connection: Connection, company: str, phones: Iterable[str]) -> set[str]:
    """Which of these phones a contact has now."""
    wanted = sorted(phones)
    query = select(contact.c.phone).where(contact.c.company == company, contact.c.phone.in_(wanted))
    return set(connection.execute(query).scalars()) if wanted else set()


def of_subjects(connection: Connection, subjects: Sequence[str]) -> list[Contact]:
    """The living contacts that the ledger knows under these subjects, their own or a merged one's."""
    found: dict[str, Contact] = {}
    for start in range(0, len(subjects), 500):
        chunk = subjects[start : start + 500]
        rows = connection.execute(
            select(contact.c.id, contact.c.merged_into).where(
                contact.c.subject.in_(chunk), contact.c.erased_at.is_(None)
            )
        )
        found |= by_id(connection, [row.merged_into or row.id for row in rows])
    return [person for person in found.values() if person.erased_at is None]


def _contact(row: Any) -> Contact:
    return Contact(*row)
