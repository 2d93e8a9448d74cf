"""Links, QR codes and forms that people opt in by, and the wordings behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from integration.store.consent.ledger import Wording, save_wordings
from integration.store.tables import optin_link, wording


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a link's form: what ticking it agrees to, and the hash of the text beside it."""

    purposes: tuple[str, ...]
    wording_hash: str


@dataclass(frozen=True, slots=True)
class OptinLink:
    """One code and what it stands for. `source` is qr or keyword, `ended_at` when it stopped counting.

    `boxes` are what its form asks for, `item` the article of an alert, `came` how many agreed by it.
    """

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
    boxes: tuple[Box, ...] = ()
    item: str | None = None
    came: int = 0


_COLUMNS = tuple(optin_link.c[name] for name in OptinLink.__dataclass_fields__)


def add(connection: Connection, link: OptinLink, shown: Wording, beside: Sequence[Wording] = ()) -> None:
    """Store a link, the wording that it stands for, and those beside the boxes of its form."""
    save_wordings(connection, [(link.company, text) for text in (shown, *beside)], link.created_at)
    row = {name: getattr(link, name) for name in OptinLink.__dataclass_fields__}
    boxes = [{"purposes": list(box.purposes), "wording_hash": box.wording_hash} for box in link.boxes]
    connection.execute(insert(optin_link).values(row | {"purposes": list(link.purposes), "boxes": boxes}))


def find(connection: Connection, company: str, codes: Iterable[str]) -> dict[str, OptinLink]:
    """The company's links that still count, by code."""
    wanted = sorted(set(codes))
    query = select(*_COLUMNS).where(
        optin_link.c.company == company, optin_link.c.code.in_(wanted), optin_link.c.ended_at.is_(None)
    )
    return {row[0]: _link(row) for row in connection.execute(query)} if wanted else {}


def by_code(connection: Connection, code: str) -> OptinLink | None:
    """A link of any company, an ended one too."""
    row = connection.execute(select(*_COLUMNS).where(optin_link.c.code == code)).first()
    return _link(row) if row else None


def of_item(connection: Connection, company: str, item: str, alert: str) -> OptinLink | None:
    """The newest link for an alert about an article that still counts; `alert` is how its scope begins."""
    query = select(*_COLUMNS).where(
        optin_link.c.company == company, optin_link.c.item == item, optin_link.c.ended_at.is_(None)
    )
    newest = map(_link, connection.execute(query.order_by(optin_link.c.created_at.desc())))
    return next((link for link in newest if link.purposes == (f"{alert}{item}",)), None)


def taken(connection: Connection, code: str) -> bool:
    """Whether any company has ever used this code."""
    return connection.execute(select(optin_link.c.code).where(optin_link.c.code == code)).first() is not None


def of_company(connection: Connection, company: str) -> list[OptinLink]:
    """Every link that the owner made, the newest first; alerts make theirs by themselves."""
    query = select(*_COLUMNS).where(optin_link.c.company == company, optin_link.c.item.is_(None))
    return [_link(row) for row in connection.execute(query.order_by(optin_link.c.created_at.desc()))]


def alerts(connection: Connection, company: str) -> tuple[int, int]:
    """For how many articles alerts can be asked for by a link, and how often that was done."""
    query = select(func.count(optin_link.c.item.distinct()), func.coalesce(func.sum(optin_link.c.came), 0))
    row = connection.execute(query.where(optin_link.c.company == company, optin_link.c.item.is_not(None))).one()
    return row[0], row[1]


def came(connection: Connection, code: str) -> None:
    """Count one more person who agreed by this link."""
    counted = update(optin_link).where(optin_link.c.code == code).values(came=optin_link.c.came + 1)
    connection.execute(counted)


def end(connection: Connection, code: str, at: datetime) -> None:
    """Let a code count no more: whoever sends it is shown the wording first."""
    still = update(optin_link).where(optin_link.c.code == code, optin_link.c.ended_at.is_(None))
    connection.execute(still.values(ended_at=at))


def wording_of(connection: Connection, company: str, hash_: str) -> Wording | None:
    """A stored wording by its hash."""
    return wordings_of(connection, company, [hash_]).get(hash_)


def wordings_of(connection: Connection, company: str, hashes: Iterable[str]) -> dict[str, Wording]:
    """Stored wordings by their hashes."""
    columns = (wording.c.hash, wording.c.version, wording.c.language, wording.c.text, wording.c.purposes)
    query = select(*columns).where(wording.c.company == company, wording.c.hash.in_(sorted(set(hashes))))
    return {row[0]: Wording(row[1], row[2], row[3], tuple(row[4])) for row in connection.execute(query)}


def all_wordings(connection: Connection, company: str, most: int = 200) -> list[Row[Any]]:
    """Every text that was ever shown or kept, the newest first."""
    query = select(wording).where(wording.c.company == company)
    return list(connection.execute(query.order_by(wording.c.first_seen_at.desc(), wording.c.hash).limit(most)))


def _link(row: Any) -> OptinLink:
    boxes = tuple(Box(tuple(box["purposes"]), box["wording_hash"]) for box in row.boxes)
    return replace(OptinLink(*row), purposes=tuple(row.purposes), boxes=boxes)
