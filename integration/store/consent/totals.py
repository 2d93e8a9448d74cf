"""The ledger's running totals: what an overview shows without folding every person's consents (tables.consents)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert_postgres
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite

from integration.domain.consent.consent import ConsentEvent
from integration.store.bulk_write import insert_or_ignore
from integration.store.contacts.listing import header
from integration.store.tables import (
    consent,
    consent_counted,
    consent_joined,
    consent_total,
    contact,
    ledger_head,
)

_KEPT = contact.alias("kept")


class Key(NamedTuple):
    """What a total counts: kind is standing, reach, wording or day (tables.consents)."""

    kind: str
    name: str
    code: str


class Act(NamedTuple):
    """One row of the ledger as it is counted."""

    seq: int
    subject: str
    wording_hash: str | None
    event: ConsentEvent


def behind(connection: Connection) -> dict[str, tuple[int, int]]:
    """Companies whose ledger has grown since it was counted: (counted up to, its end)."""
    both = select(ledger_head.c.company, consent_counted.c.seq, ledger_head.c.seq)
    joined = both.outerjoin(consent_counted, consent_counted.c.company == ledger_head.c.company)
    rows = connection.execute(joined.where(ledger_head.c.seq > 0)).all()
    return {row[0]: (row[1] or 0, row[2]) for row in rows if (row[1] or 0) < row[2]}


def fresh(connection: Connection, company: str, after: int, most: int) -> list[Act]:
    """The next rows that are not counted yet."""
    query = select(consent).where(consent.c.company == company, consent.c.seq > after)
    return [_act(row) for row in connection.execute(query.order_by(consent.c.seq).limit(most))]


def of_subjects(connection: Connection, company: str, subjects: Sequence[str], upto: int) -> dict[str, list[Act]]:
    """Every row of these subjects up to `upto`, in order."""
    query = select(consent).where(
        consent.c.company == company, consent.c.subject.in_(sorted(subjects)), consent.c.seq <= upto
    )
    found: dict[str, list[Act]] = {}
    for row in connection.execute(query.order_by(consent.c.seq)):
        found.setdefault(row.subject, []).append(_act(row))
    return found


def move(connection: Connection, company: str, before: int, after: int) -> bool:
    """The ledger is counted up to `after`; False when somebody else has counted meanwhile."""
    connection.execute(insert_or_ignore(connection, consent_counted), {"company": company, "seq": 0})
    mine = (consent_counted.c.company == company, consent_counted.c.seq == before)
    return connection.execute(update(consent_counted).where(*mine).values(seq=after)).rowcount == 1


def counted(connection: Connection, company: str) -> int:
    """Up to which row the ledger is counted; nobody else counts it until this transaction ends."""
    connection.execute(insert_or_ignore(connection, consent_counted), {"company": company, "seq": 0})
    query = select(consent_counted.c.seq).where(consent_counted.c.company == company)
    return int(connection.execute(query.with_for_update()).scalar_one())


def apart(connection: Connection, company: str, most: int) -> dict[str, str]:
    """Contacts (id and subject) into which others were merged that are counted apart from them; at most so many."""
    known = and_(consent_joined.c.company == contact.c.company, consent_joined.c.subject == contact.c.subject)
    query = (
        select(_KEPT.c.id, _KEPT.c.subject)
        .join_from(contact, _KEPT, contact.c.merged_into == _KEPT.c.id)
        .outerjoin(consent_joined, known)
        .where(contact.c.company == company, contact.c.merged_into.is_not(None))
        .where(func.coalesce(consent_joined.c.lead, contact.c.subject) != _KEPT.c.subject)
    )
    return {row[0]: row[1] for row in connection.execute(query.distinct().limit(most))}


def merged(connection: Connection, kept: Sequence[str]) -> dict[str, str]:
    """The subjects of the contacts that were merged into these, each with the id of the one that was kept."""
    query = select(contact.c.subject, contact.c.merged_into).where(contact.c.merged_into.in_(kept))
    return {row[0]: row[1] for row in connection.execute(query)}


def leads(connection: Connection, company: str, subjects: Sequence[str]) -> dict[str, str]:
    """Under which subject each of these is counted; most under their own."""
    query = select(consent_joined.c.subject, consent_joined.c.lead)
    found = connection.execute(query.where(consent_joined.c.company == company, consent_joined.c.subject.in_(subjects)))
    return {subject: subject for subject in subjects} | {row[0]: row[1] for row in found}


def members(connection: Connection, company: str, found: Sequence[str]) -> dict[str, str]:
    """Every subject that is counted under these leads, with its lead."""
    query = select(consent_joined.c.subject, consent_joined.c.lead)
    rows = connection.execute(query.where(consent_joined.c.company == company, consent_joined.c.lead.in_(found)))
    return {lead: lead for lead in found} | {row[0]: row[1] for row in rows}


def join(connection: Connection, company: str, groups: Mapping[str, str]) -> None:
    """Count these subjects under these leads from now on."""
    upsert = upsert_sqlite if connection.dialect.name == "sqlite" else upsert_postgres
    statement = upsert(consent_joined)
    moved = statement.on_conflict_do_update(
        index_elements=list(consent_joined.primary_key), set_={"lead": statement.excluded.lead}
    )
    rows = [{"company": company, "subject": subject, "lead": lead} for subject, lead in groups.items()]
    connection.execute(moved, rows)


def add(connection: Connection, company: str, changes: Mapping[Key, int]) -> None:
    """Change totals by so many."""
    rows = [{"company": company, **key._asdict(), "people": count} for key, count in changes.items() if count]
    if not rows:
        return
    upsert = upsert_sqlite if connection.dialect.name == "sqlite" else upsert_postgres
    statement = upsert(consent_total)
    changed = statement.on_conflict_do_update(
        index_elements=list(consent_total.primary_key),
        set_={"people": consent_total.c.people + statement.excluded.people},
    )
    connection.execute(changed, rows)


def of_company(connection: Connection, company: str, kind: str) -> dict[tuple[str, str], int]:
    """The totals of one kind by (name, code), those that are zero left out."""
    query = select(consent_total.c.name, consent_total.c.code, consent_total.c.people).where(
        consent_total.c.company == company, consent_total.c.kind == kind, consent_total.c.people != 0
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def with_phone(connection: Connection, companies: Sequence[str]) -> int:
    """How many people have a phone number; who was merged or erased has none any more."""
    query = select(func.count(contact.c.phone)).where(contact.c.company.in_(companies), contact.c.phone.is_not(None))
    return connection.execute(query).scalar_one()


def _act(row: Any) -> Act:
    return Act(row.seq, row.subject, row.wording_hash, header(row))
