"""Files of consents from other systems: the file in pieces, how far it is, and what became of each row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from integration.domain.consent.imports import Choices
from integration.store.bulk_write import Many
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.tables import consent_import, import_piece, import_row

_ADD_ROWS = Many.insert(import_row)
MOST = 1000


@dataclass(frozen=True, slots=True)
class Import:
    """One file. `state` is new, checking, ready, running, done or failed (`problem` says why).

    `cursor` counts the rows that are dealt with in this state, `counts` the verdicts so far.
    """

    id: str
    company: str
    file_name: str
    file_hash: str
    size: int
    encoding: str
    separator: str
    choices: Choices
    state: str
    cursor: int
    counts: Mapping[str, int]
    problem: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None


_COLUMNS = tuple(consent_import.c[name] for name in Import.__dataclass_fields__)


def add(connection: Connection, new: Import) -> None:
    """Store what is known of a file."""
    row = {name: getattr(new, name) for name in Import.__dataclass_fields__}
    connection.execute(insert(consent_import).values(row | {"choices": _plain(new.choices), "counts": {}}))


def add_piece(connection: Connection, vault: Vault, id_: str, n: int, body: bytes) -> None:
    """Store the next piece of the file, encrypted."""
    row = {"import_id": id_, "n": n, "body": vault.seal(body, f"{id_}/{n}")}
    connection.execute(insert(import_piece).values(row))


def pieces(database: Database, vault: Vault, id_: str) -> Iterator[bytes]:
    """The file's bytes, one piece at a time; each is a transaction of its own."""
    n = 0
    while True:
        query = select(import_piece.c.body).where(import_piece.c.import_id == id_, import_piece.c.n == n)
        with database.read() as connection:
            body = connection.execute(query).scalar()
        if body is None:
            return
        yield vault.open(body, f"{id_}/{n}")
        n += 1


def find(connection: Connection, id_: str) -> Import | None:
    """An import by its id."""
    row = connection.execute(select(*_COLUMNS).where(consent_import.c.id == id_)).first()
    return _import(row) if row else None


def of_company(connection: Connection, company: str, most: int = 50) -> list[Import]:
    """A company's imports, the newest first."""
    query = select(*_COLUMNS).where(consent_import.c.company == company)
    return [_import(row) for row in connection.execute(query.order_by(consent_import.c.created_at.desc()).limit(most))]


def at_work(connection: Connection) -> list[str]:
    """The ids of imports that have rows to be dealt with, the oldest first."""
    query = select(consent_import.c.id).where(consent_import.c.state.in_(("checking", "running")))
    return list(connection.execute(query.order_by(consent_import.c.created_at)).scalars())


def done_with(connection: Connection, company: str, file_hash: str, purposes: Sequence[str]) -> datetime | None:
    """When this very file was imported for these purposes, None when it was not."""
    query = select(consent_import.c.ended_at, consent_import.c.choices).where(
        consent_import.c.company == company, consent_import.c.file_hash == file_hash, consent_import.c.state == "done"
    )
    rows = connection.execute(query.order_by(consent_import.c.ended_at.desc()))
    return next((row[0] for row in rows if row[1].get("purposes") == list(purposes)), None)


def turn(connection: Connection, id_: str, before: Iterable[str], state: str, **more: Any) -> bool:
    """Bring an import from one of the states `before` to the next one; False when it is in another by now."""
    if "choices" in more:
        more["choices"] = _plain(more["choices"])
    changed = update(consent_import).where(consent_import.c.id == id_, consent_import.c.state.in_(tuple(before)))
    return connection.execute(changed.values(state=state, **more)).rowcount == 1


def advance(connection: Connection, item: Import, cursor: int, counts: Mapping[str, int]) -> bool:
    """Take a step; False when somebody else has taken it."""
    still = (consent_import.c.state == item.state, consent_import.c.cursor == item.cursor)
    changed = update(consent_import).where(consent_import.c.id == item.id, *still)
    changed = changed.values(cursor=cursor, counts=dict(counts))
    return connection.execute(changed).rowcount == 1


def add_rows(connection: Connection, id_: str, found: Iterable[tuple[int, str, str]]) -> None:
    """What became of rows: (row, verdict, reason)."""
    _ADD_ROWS.run(
        connection,
        [{"import_id": id_, "row": row, "verdict": verdict, "reason": reason} for row, verdict, reason in found],
    )


def rows(connection: Connection, id_: str, after: int = 0, most: int = MOST) -> list[tuple[int, str, str]]:
    """What became of the rows after this one, at most so many."""
    query = select(import_row.c.row, import_row.c.verdict, import_row.c.reason).where(
        import_row.c.import_id == id_, import_row.c.row > after
    )
    return [tuple(row) for row in connection.execute(query.order_by(import_row.c.row).limit(most))]


def by_reason(connection: Connection, id_: str) -> list[tuple[str, str, int]]:
    """How many rows became what and why."""
    query = select(import_row.c.verdict, import_row.c.reason, func.count()).where(import_row.c.import_id == id_)
    query = query.group_by(import_row.c.verdict, import_row.c.reason).order_by(func.count().desc())
    return [tuple(row) for row in connection.execute(query)]


def forget_rows(connection: Connection, id_: str) -> None:
    """Begin anew with the rows."""
    connection.execute(delete(import_row).where(import_row.c.import_id == id_))


def forget_file(connection: Connection, id_: str) -> None:
    """The file itself is no longer needed: what it proved is in the ledger."""
    connection.execute(delete(import_piece).where(import_piece.c.import_id == id_))


def left_alone(before: datetime) -> Any:
    """Imports that nobody has started since."""
    return select(consent_import.c.id).where(
        consent_import.c.state.in_(("new", "ready")), consent_import.c.created_at < before
    )


def forget_left_alone(connection: Connection, before: datetime) -> int:
    """Give up imports that nobody started, and their files. Returns how many."""
    ids = list(connection.execute(left_alone(before).limit(MOST)).scalars())
    for id_ in ids:
        forget_file(connection, id_)
        forget_rows(connection, id_)
    connection.execute(delete(consent_import).where(consent_import.c.id.in_(ids)))
    return len(ids)


def _plain(choices: Choices) -> dict[str, Any]:
    return {
        "columns": dict(choices.columns),
        "channel": choices.channel,
        "purposes": list(choices.purposes),
        "wording": choices.wording,
        "source": choices.source,
        "country": choices.country,
        "per_month": choices.per_month,
    }


def _import(row: Any) -> Import:
    kept = dict(row._mapping)
    said = kept["choices"]
    choices = Choices(**{**said, "purposes": tuple(said["purposes"])})
    return Import(**{**kept, "choices": choices})
