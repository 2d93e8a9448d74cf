"""One statement, many rows, with as little work per row as the driver allows.

SQLAlchemy compiles the statement and knows its types; running it for each row costs about 25 µs a row in Python
before the driver sees it. Here that is paid once per dialect, and a row costs its own values only (measured on the
whole pipeline: a quarter of the CPU per message; docs/benchmarks.md).
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, insert
from sqlalchemy.engine import Dialect

Row = Mapping[str, Any]
Bind = Callable[[Row], Any]
Process = Callable[[Any], Any]


class Many:
    """An INSERT or UPDATE for lists of rows; the keys of a row are the names of the statement's open parameters."""

    def __init__(self, statement: Insert | Update, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._plans: dict[str, tuple[str, Bind]] = {}

    @classmethod
    def insert(cls, table: Table) -> "Many":
        """INSERT of whole rows into a table: every column must have its key."""
        return cls(insert(table), [column.name for column in table.columns])

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Execute for each row, in order; nothing for no rows."""
        if rows:
            sql, bind = self._plan(connection.dialect)
            connection.exec_driver_sql(sql, [bind(row) for row in rows])

    def _plan(self, dialect: Dialect) -> tuple[str, Bind]:
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = self._compiled(dialect)
        return plan

    def _compiled(self, dialect: Dialect) -> tuple[str, Bind]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = list(compiled.positiontup or compiled.binds)
        binds = [compiled.binds[name] for name in names]
        processes = [bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds]
        fixed = {
            name: process(bind.value) if process else bind.value
            for name, bind, process in zip(names, binds, processes, strict=True)
            if not bind.required
        }
        todo = [
            (place, process)
            for place, (name, process) in enumerate(zip(names, processes, strict=True))
            if process and name not in fixed
        ]
        return str(compiled), _bind(names, fixed, todo, positional=compiled.positional)


def _bind(names: list[str], fixed: Row, todo: Sequence[tuple[int, Process]], *, positional: bool) -> Bind:
    """A row as the driver takes it: all values in one go, then those that need another form."""
    pick = itemgetter(*names)

    def values(row: Row) -> tuple[Any, ...]:
        found = list(pick({**row, **fixed} if fixed else row))
        for place, process in todo:
            found[place] = process(found[place])
        return tuple(found)

    return values if positional else lambda row: dict(zip(names, values(row), strict=True))
