"""One statement, many rows, with as little work per row as the driver allows.

SQLAlchemy compiles the statement and knows its types; running it for each row costs about 25 µs a row in Python
before the driver sees it. Here that is paid once per dialect, and a row costs its own values only (measured on the
whole pipeline: a quarter of the CPU per message; docs/benchmarks.md).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Insert, Table, Update, insert
from sqlalchemy.engine import Dialect

Row = Mapping[str, Any]
Bind = Callable[[Row], Any]


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
        order = [_parameter(name, compiled.binds[name], dialect) for name in compiled.positiontup or compiled.binds]
        return str(compiled), _tuples(order) if compiled.positional else _dicts(order)


#: name, what turns a value into the driver's, and the value itself where the statement fixes it
Parameter = tuple[str, Callable[[Any], Any] | None, bool, Any]


def _parameter(name: str, bind: BindParameter[Any], dialect: Dialect) -> Parameter:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    fixed = None if bind.required or process is None else process(bind.value)
    return name, process, not bind.required, fixed if process else bind.value


def _tuples(order: list[Parameter]) -> Bind:
    def bind(row: Row) -> tuple[Any, ...]:
        return tuple([_value(row, parameter) for parameter in order])

    return bind


def _dicts(order: list[Parameter]) -> Bind:
    def bind(row: Row) -> dict[str, Any]:
        return {parameter[0]: _value(row, parameter) for parameter in order}

    return bind


def _value(row: Row, parameter: Parameter) -> Any:
    name, process, is_fixed, fixed = parameter
    if is_fixed:
        return fixed
    return process(row[name]) if process else row[name]
