"""Links and QR codes that people opt in by, and the wordings behind them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from integration.store.ledger import Wording, save_wordings
from integration.store.tables import optin_link, wording


@dataclass(frozen=True, slots=True)
class OptinLink:
    """One code and what it stands for. `source` is qr or keyword, `ended_at` when it stopped counting."""

    code: str
    company: str
    sender: str
    wording_hash: str
    language: str
    purposes: tuple[str, ...]
    promised_per_month: int | None
    source: str
    label: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None


_COLUMNS = tuple(optin_link.c[name] for name in OptinLink.__dataclass_fields__)


def add(connection: Connection, link: OptinLink, shown: Wording) -> None:
    """Store a link and the wording that it stands for."""
    save_wordings(connection, [(link.company, shown)], link.created_at)
    row = {name: getattr(link, name) for name in OptinLink.__dataclass_fields__}
    connection.execute(insert(optin_link).values(row | {"purposes": list(link.purposes)}))


def find(connection: Connection, company: str, codes: Iterable[str]) -> dict[str, OptinLink]:
    """The company's links that still count, by code."""
    wanted = sorted(set(codes))
    query = select(*_COLUMNS).where(
        optin_link.c.company == company, optin_link.c.code.in_(wanted), optin_link.c.ended_at.is_(None)
    )
    return {row[0]: _link(row) for row in connection.execute(query)} if wanted else {}


def taken(connection: Connection, code: str) -> bool:
    """Whether any company has ever used this code."""
    return connection.execute(select(optin_link.c.code).where(optin_link.c.code == code)).first() is not None


def of_company(connection: Connection, company: str) -> list[OptinLink]:
    """Every link of a company, the newest first."""
    query = select(*_COLUMNS).where(optin_link.c.company == company).order_by(optin_link.c.created_at.desc())
    return [_link(row) for row in connection.execute(query)]


def end(connection: Connection, code: str, at: datetime) -> None:
    """Let a code count no more: whoever sends it is shown the wording first."""
    connection.execute(update(optin_link).where(optin_link.c.code == code).values(ended_at=at))


def wording_of(connection: Connection, company: str, hash_: str) -> Wording | None:
    """A stored wording by its hash."""
    columns = (wording.c.version, wording.c.language, wording.c.text, wording.c.purposes)
    row = connection.execute(select(*columns).where(wording.c.company == company, wording.c.hash == hash_)).first()
    return Wording(row[0], row[1], row[2], tuple(row[3])) if row else None


def _link(row: Any) -> OptinLink:
    return replace(OptinLink(*row), purposes=tuple(row.purposes))
