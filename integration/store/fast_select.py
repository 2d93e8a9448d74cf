"""Reading on the hot path: a SELECT that is compiled once per database and gives plain tuples.

SQLAlchemy's own way costs some 100 µs a statement and more for each row; this one costs what the driver costs, and
the columns' own types (docs/benchmarks.md).
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import orjson
from sqlalchemy import CompoundSelect, Connection, Select, Text, TypeDecorator, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement

from integration.store.bulk_write import Bind, Process, Row, binding

Plan = tuple[str, Bind, Sequence[tuple[int, Process]]]


class Query:
    """A SELECT for the hot path. Lists of keys are open parameters, too: see `among`."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any]) -> None:
        self._statement = statement
        self._plans: dict[str, Plan] = {}

    def rows(self, connection: Connection, parameters: Row | None = None) -> list[tuple[Any, ...]]:
        """Every row; `parameters` are the statement's open ones."""
        dialect = connection.dialect
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = self._plan(dialect)
        sql, bind, todo = plan
        result = connection.exec_driver_sql(sql, bind(parameters or {}))
        found = cast(list[tuple[Any, ...]], result.cursor.fetchall())
        result.close()
        return [_processed(row, todo) for row in found] if todo else found

    def values(self, connection: Connection, parameters: Row | None = None) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.rows(connection, parameters)]

    def _plan(self, dialect: Dialect) -> Plan:
        compiled = self._statement.compile(dialect=dialect)
        types = [column.type.dialect_impl(dialect) for column in self._statement.selected_columns]
        processes = [type_.result_processor(dialect, None) for type_ in types]
        todo = [(place, process) for place, process in enumerate(processes) if process]
        return str(compiled), binding(compiled, dialect), todo


def _processed(row: Sequence[Any], todo: Sequence[tuple[int, Process]]) -> tuple[Any, ...]:
    values = list(row)
    for place, process in todo:
        if values[place] is not None:
            values[place] = process(values[place])
    return tuple(values)


class _Keys(TypeDecorator[Iterable[str]]):
    """A list of texts as one JSON value, which both databases take at any length."""

    impl = Text

    def bind_processor(self, dialect: Dialect) -> Process:
        """As JSON text."""
        return lambda keys: orjson.dumps(list(keys)).decode()


class among(ColumnElement[bool]):  # noqa: N801 - reads like an operator: where(among(event.c.key, "keys"))
    """Whether a column is one of the texts in the open parameter `name`.

    It has no type: SQLite would be asked whether a Boolean `= 1`, and could not use an index.
    """

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.keys = bindparam(name, type_=_Keys())


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, keys = compiler.process(element.column, **more), compiler.process(element.keys, **more)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - compiled parts


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **more: Any) -> str:
    column, keys = compiler.process(element.column, **more), compiler.process(element.keys, **more)
    return f"{column} = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST({keys} AS JSONB))))"
