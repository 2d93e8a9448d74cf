"""One statement, many rows, with as little work per row as the driver allows.

SQLAlchemy compiles the statement and knows its types; running it for each row costs about 25 µs a row in Python
before the driver sees it. Here that is paid once per database, and a row costs its own values only (measured on the
whole pipeline: a quarter of the CPU per message; docs/benchmarks.md).

SQLite takes row after row. PostgreSQL gets all rows as one JSON value in one statement, which costs our process 1.2
instead of 16 µs a row; rows with whole bodies, which JSON would double, go one after the other there, too.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Insert, LargeBinary, Table, Update, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from integration.store.types import Money, UtcDateTime, aware, millionths

Row = Mapping[str, Any]
Statement = Insert | Update
Process = Callable[[Any], Any]
Bind = Callable[[Row], Any]
Write = Callable[[Connection, Sequence[Row]], int]


class Many:
    """An INSERT or UPDATE for lists of rows; the keys of a row are the names of the statement's open parameters."""

    def __init__(
        self,
        statement: Statement,
        columns: Sequence[str] | None = None,
        on: Mapping[str, Statement] | None = None,
        large: bool = False,
    ) -> None:
        self._statement = statement
        self._columns = columns
        self._on = on or {}
        self._large = large
        self._plans: dict[str, Write] = {}

    @classmethod
    def insert(cls, table: Table, *, ignore: bool = False, large: bool = False) -> "Many":
        """INSERT of whole rows into a table: every column must have its key.

        `ignore` skips rows that exist, `large` says that they hold whole bodies.
        """
        on: dict[str, Statement] = {
            "sqlite": insert_sqlite(table).on_conflict_do_nothing(),
            "postgresql": insert_postgres(table).on_conflict_do_nothing(),
        }
        return cls(insert(table), [column.name for column in table.columns], on if ignore else None, large)

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Execute for each row, nothing for no rows; returns how many were written.

        No two rows may concern the same one of the table: PostgreSQL would take either.
        """
        if not rows:
            return 0
        dialect = connection.dialect
        write = self._plans.get(dialect.name)
        if write is None:
            write = self._plans[dialect.name] = self._plan(dialect)
        return write(connection, rows)

    def _plan(self, dialect: Dialect) -> Write:
        statement = self._on.get(dialect.name, self._statement)
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        if dialect.name == "sqlite" or self._large:
            return _row_by_row(compiled, dialect)
        return _all_at_once(statement, {b.key: b.type for b in compiled.bind_names if b.required}, dialect)


def _row_by_row(compiled: SQLCompiler, dialect: Dialect) -> Write:
    sql, bind = str(compiled), binding(compiled, dialect)

    def write(connection: Connection, rows: Sequence[Row]) -> int:
        return connection.exec_driver_sql(sql, [bind(row) for row in rows]).rowcount

    return write


def _all_at_once(statement: Statement, types: Mapping[str, TypeEngine[Any]], dialect: Dialect) -> Write:
    """The statement, reading its open parameters from the rows of one JSON value."""
    compiled = _from_json(statement, types).compile(dialect=dialect)
    sql, bind, todo = str(compiled), binding(compiled, dialect), _json_forms(types)

    def write(connection: Connection, rows: Sequence[Row]) -> int:
        if todo:
            rows = [{**row, **{name: form(row[name]) for name, form in todo}} for row in rows]
        return connection.exec_driver_sql(sql, bind({"rows": rows})).rowcount

    return write


def _from_json(statement: Statement, types: Mapping[str, TypeEngine[Any]]) -> Statement:
    fields = [column(name, type_) for name, type_ in types.items()]
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB())).table_valued(*fields)
    given = rows.render_derived(name="given", with_types=True)
    if isinstance(statement, Insert):
        return statement.from_select(list(types), select(given))

    def from_row(element: Any, **_more: Any) -> Any:
        return given.c[element.key] if isinstance(element, BindParameter) and element.required else None

    return cast(Statement, replacement_traverse(statement, {}, from_row))


def _json_forms(types: Mapping[str, TypeEngine[Any]]) -> list[tuple[str, Process]]:
    """What JSON cannot hold, or must not: bytes, money, and times without a zone."""
    forms: dict[type[Any], Process] = {LargeBinary: _hex, UtcDateTime: aware, Money: millionths}
    return [(name, form) for name, type_ in types.items() for kind, form in forms.items() if isinstance(type_, kind)]


def _hex(value: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them."""
    return None if value is None else "\\x" + value.hex()


def binding(compiled: SQLCompiler, dialect: Dialect) -> Bind:
    """A row as the driver takes it: all values in one go, then those that need another form."""
    names = list(compiled.positiontup or compiled.params)
    bound = {name: parameter for parameter, name in compiled.bind_names.items()}
    processes = {name: bound[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    fixed = {
        name: process(bound[name].value) if process else bound[name].value
        for name, process in processes.items()
        if not bound[name].required
    }
    todo = [(place, p) for place, name in enumerate(names) if (p := processes[name]) and name not in fixed]
    pick = itemgetter(*names) if len(names) > 1 else lambda row: tuple(row[name] for name in names)

    def values(row: Row) -> tuple[Any, ...]:
        found = list(pick({**row, **fixed} if fixed else row))
        for place, process in todo:
            found[place] = process(found[place])
        return tuple(found)

    return values if compiled.positional else lambda row: dict(zip(names, values(row), strict=True))


def insert_or_ignore(connection: Connection, table: Any) -> Any:
    """INSERT … ON CONFLICT DO NOTHING on either database."""
    upsert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgres
    return upsert(table).on_conflict_do_nothing()
