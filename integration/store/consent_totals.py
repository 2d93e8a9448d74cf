"""The ledger's running totals: what an overview shows without folding every person's consents (tables.consents)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert_postgres
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite

from integration.domain.consent import ConsentEvent
from integration.store.ledger import insert_or_ignore
from integration.store.people import header
from integration.store.tables import consent, consent_counted, consent_total, ledger_head


class Key(NamedTuple):
    """What a total counts: kind is standing, wording or day (tables.consents)."""

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


def _act(row: Any) -> Act:
    return Act(row.seq, row.subject, row.wording_hash, header(row))
