"""What the tables say of the persons in them, as statements: whose a row is, what is emptied, moved, shown.

The tables say it in their columns' `info` (`integration.store.tables.personal`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Connection, LargeBinary, Table, Text, cast, delete, select, update

from integration.store.tables import contact, metadata
from integration.store.tables.personal import HIDE, Personal

#: who the rows of the other tables lead to
ROOT = contact.c.id


def personal(column: Column[Any]) -> Personal | None:
    """What a column says of persons; None where nobody is."""
    said = column.info.get("person")
    return said if isinstance(said, Personal) else None


def lead(table: Table) -> Column[Any] | None:
    """The column that leads from a row to its person; None where nobody is, or where code of its own finds them."""
    found = (column for column in table.c if (said := personal(column)) and said.leads)
    return next(found, None)


def columns(said: Callable[[Personal], bool]) -> Iterator[Column[Any]]:
    """The columns that say this, of every table."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.c if (one := personal(column)) and said(one))


def theirs(table: Table, ids: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row belongs to one of these contacts."""
    column, target = _step(table)
    if target is ROOT:
        return column.in_(ids)
    return column.in_(select(target).where(theirs(target.table, ids)))


def of_persons() -> list[Table]:
    """The tables with rows that belong to contacts, those first that are found by others."""
    return sorted((t for t in metadata.sorted_tables if lead(t) is not None), key=_depth, reverse=True)


def empty(column: Column[Any]) -> Any:
    """What is left in a column instead of a value."""
    said = personal(column)
    if said is not None and said.empty is not None:
        return said.empty
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return {}
    return b"" if isinstance(column.type, LargeBinary) else ""


def filled(column: Column[Any]) -> ColumnElement[bool]:
    """Whether there is still something in a column."""
    if column.nullable:
        return column.is_not(None)
    if isinstance(column.type, JSON):
        return cast(column, Text) != "{}"
    return column.is_distinct_from(empty(column))


def move(connection: Connection, keep: str, drop: str) -> None:
    """What hangs on one contact hangs on the other: they are one person."""
    for column in columns(lambda said: said.merge == "move"):
        connection.execute(update(column.table).where(column == drop).values({column.name: keep}))


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """Delete and empty what these contacts' erasure deletes and empties, as far as no code of its own does it."""
    for table in of_persons():
        mine = theirs(table, ids)
        if any(_erased(column) == "delete" for column in table.c):
            connection.execute(delete(table).where(mine))
        elif blank := {column.name: empty(column) for column in table.c if _erased(column) == "blank"}:
            connection.execute(update(table).where(mine).values(blank))


def rename(connection: Connection, ids: Sequence[str], names: Mapping[str, Callable[[str], str]]) -> None:
    """Replace the message ids of these contacts; `names` says how, by what erasure does with a column."""
    for column in columns(lambda said: said.erase in names):
        found = select(column).where(theirs(column.table, ids), column.is_not(None)).distinct()
        replace(connection, column, connection.execute(found).scalars().all(), names[_erased(column)])


def replace(connection: Connection, column: Column[Any], values: Iterable[str], name: Callable[[str], str]) -> None:
    """Put what `name` makes of these values in their place."""
    for value in values:
        if (other := name(value)) != value:
            connection.execute(update(column.table).where(column == value).values({column.name: other}))


def shown(table: Table) -> list[str]:
    """The columns that an access export shows of a row; that it leads to the person is clear."""
    told = [c for c in table.c if (said := personal(c)) and said.export != HIDE]
    return [str(c.name) for c in told if c is ROOT or c is not lead(table)]


def exported() -> dict[str, Table]:
    """The tables that an access export shows, by the part of it that their rows stand in, as they were written down."""
    found = ((lead(table), table) for table in metadata.tables.values())
    parts = {said.export: table for column, table in found if column is not None and (said := personal(column))}
    return {part: table for part, table in parts.items() if part != HIDE}


def _erased(column: Column[Any]) -> str:
    said = personal(column)
    return said.erase if said else ""


def _step(table: Table) -> tuple[Column[Any], Column[Any]]:
    """The column that leads on, and the column that it leads to."""
    column = lead(table)
    said = personal(column) if column is not None else None
    if column is None or said is None:
        raise ValueError(f"nobody is in {table.name}, or only code of its own finds them")
    name, _, target = said.leads.partition(".")
    return column, metadata.tables[name].c[target]


def _depth(table: Table) -> int:
    _, target = _step(table)
    return 0 if target is ROOT else 1 + _depth(target.table)
