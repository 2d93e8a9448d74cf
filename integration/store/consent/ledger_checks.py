"""Verifying the ledger: the chain from end to end, what that found, and parts of it for others to verify."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from integration.domain.consent.ledger import FIELDS, GENESIS, first_break, plain
from integration.store.bulk_write import insert_or_ignore
from integration.store.consent.ledger import head
from integration.store.tables import checkpoint, consent, ledger_head


@dataclass(frozen=True, slots=True)
class Check:
    """What the last verification of a company's chain found. `faults` are (code, seq), none when it is whole."""

    company: str
    seq: int
    broken_at: datetime | None
    checked_at: datetime | None
    checked_seq: int | None
    faults: tuple[tuple[str, int], ...]


def verify(connection: Connection, company: str) -> int | None:
    """The seq where a company's chain breaks (edited, removed or cut rows), None when it is whole."""
    query = select(consent).where(consent.c.company == company).order_by(consent.c.seq)
    last, last_hash = 0, GENESIS

    def counted(rows: Iterable[RowMapping]) -> Iterable[RowMapping]:
        nonlocal last, last_hash
        for row in rows:
            last, last_hash = row["seq"], row["hash"]
            yield row

    with connection.execute(query.execution_options(yield_per=500)) as result:
        broken = first_break(counted(result.mappings()))
    end = head(connection, company)
    if broken or (last, last_hash) == end:
        return broken
    return last if end[0] == last else last + 1


def length(connection: Connection, company: str) -> int:
    """How many rows a company's chain has."""
    return connection.execute(
        select(func.count()).select_from(consent).where(consent.c.company == company)
    ).scalar_one()


def companies(connection: Connection) -> list[str]:
    """Every company that has a chain, or had one that was signed."""
    known = select(ledger_head.c.company).union(select(consent.c.company), select(checkpoint.c.company))
    return list(connection.execute(known.order_by("company")).scalars())


def latest(connection: Connection) -> list[Check]:
    """The last verification of every company's chain."""
    found = ledger_head.c
    query = select(found.company, found.seq, found.broken_at, found.checked_at, found.checked_seq, found.faults)
    rows = connection.execute(query.order_by(found.company))
    return [Check(*row[:5], tuple((code, seq) for code, seq in row[5] or ())) for row in rows]


def of_company(connection: Connection, company: str) -> Check | None:
    """The last verification of one company's chain."""
    return next((check for check in latest(connection) if check.company == company), None)


def note(connection: Connection, company: str, rows: int, faults: Sequence[tuple[str, int]], now: datetime) -> None:
    """Note what verifying the first `rows` of a chain found; a chain that is broken stays so since when it was.

    Whoever removed a whole chain took its head along: it gets one anew, so that it counts as broken.
    """
    if faults:
        head_row = {"company": company, "seq": 0, "hash": GENESIS}
        connection.execute(insert_or_ignore(connection, ledger_head), head_row)
    since = func.coalesce(ledger_head.c.broken_at, bindparam("since", now, ledger_head.c.broken_at.type))
    values = {"checked_at": now, "checked_seq": rows, "faults": [list(fault) for fault in faults]}
    query = update(ledger_head).where(ledger_head.c.company == company)
    connection.execute(query.values(**values, broken_at=since if faults else None))


def kind_of_break(connection: Connection, company: str, seq: int) -> str:
    """How the chain breaks at `seq`, as `verify` found it: edited, removed, cut or added."""
    rows = select(func.min(consent.c.seq)).where(consent.c.company == company, consent.c.seq >= seq)
    first = connection.execute(rows).scalar()
    if first is not None:
        return "edited" if first == seq else "removed"
    return "cut" if head(connection, company)[0] >= seq else "added"


def extract(connection: Connection, company: str, first: int, last: int) -> tuple[str, list[list[Any]]]:
    """The plain headers of a company's rows `first` to `last` as the hash takes them, and the hash before them."""
    columns = (*(consent.c[name] for name in FIELDS), consent.c.prev_hash)
    query = select(*columns).where(consent.c.company == company, consent.c.seq.between(first, last))
    rows = connection.execute(query.order_by(consent.c.seq)).mappings().all()
    return (rows[0]["prev_hash"] if rows else GENESIS), [plain(row) for row in rows]
