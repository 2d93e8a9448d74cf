"""The ledger's signed ends."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from integration.domain.consent.checkpoint import Checkpoint
from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import checkpoint, consent, ledger_head

_COLUMNS = tuple(checkpoint.c[name] for name in Checkpoint.__dataclass_fields__)


def unsigned(connection: Connection) -> list[tuple[str, int, str]]:
    """(company, seq, hash) of the chains whose present end has no checkpoint yet."""
    has = select(checkpoint.c.seq).where(
        checkpoint.c.company == ledger_head.c.company, checkpoint.c.seq == ledger_head.c.seq
    )
    query = select(ledger_head.c.company, ledger_head.c.seq, ledger_head.c.hash).where(
        ledger_head.c.seq > 0, ~has.exists()
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(ledger_head.c.company))]


def overdue(connection: Connection, before: datetime) -> dict[str, datetime]:
    """Companies with ledger rows from before `before` that no checkpoint covers: the oldest one's time."""
    signed = select(checkpoint.c.company, func.max(checkpoint.c.seq).label("seq")).group_by(checkpoint.c.company)
    last = signed.subquery()
    query = (
        select(ledger_head.c.company, consent.c.recorded_at)
        .join_from(ledger_head, last, last.c.company == ledger_head.c.company, isouter=True)
        .join(
            consent,
            (consent.c.company == ledger_head.c.company) & (consent.c.seq == func.coalesce(last.c.seq, 0) + 1),
        )
        .where(consent.c.recorded_at <= before)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def add(connection: Connection, new: Checkpoint) -> None:
    """Store a checkpoint."""
    row = {name: getattr(new, name) for name in Checkpoint.__dataclass_fields__}
    connection.execute(insert_or_ignore(connection, checkpoint), row)


def of_company(connection: Connection, company: str) -> list[Checkpoint]:
    """Every checkpoint of a company, the oldest first."""
    query = select(*_COLUMNS).where(checkpoint.c.company == company).order_by(checkpoint.c.seq)
    return [Checkpoint(*row) for row in connection.execute(query)]


def first_from(connection: Connection, company: str, seq: int) -> Checkpoint | None:
    """The first checkpoint of a company that covers row `seq`."""
    query = select(*_COLUMNS).where(checkpoint.c.company == company, checkpoint.c.seq >= seq)
    row = connection.execute(query.order_by(checkpoint.c.seq).limit(1)).first()
    return Checkpoint(*row) if row else None


def latest(connection: Connection) -> list[Checkpoint]:
    """The newest checkpoint of each company."""
    companies = connection.execute(select(checkpoint.c.company).distinct().order_by(checkpoint.c.company)).scalars()
    return [of_company(connection, company)[-1] for company in list(companies)]


def hashes(connection: Connection, company: str, seqs: list[int]) -> dict[int, str]:
    """The hashes of the company's rows with these numbers."""
    found: dict[int, str] = {}
    for start in range(0, len(seqs), 500):
        chunk = seqs[start : start + 500]
        query = select(consent.c.seq, consent.c.hash).where(consent.c.company == company, consent.c.seq.in_(chunk))
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found
