"""Queries of the hot path: they use an index, take any number of keys, and give the columns' own types."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from worlds import NOON, make_world, order, post

import integration.store
from integration.flow import react
from integration.store.bulk_write import binding
from integration.store.db import Database
from integration.store.fast_select import Query, among
from integration.store.shops import snapshots
from integration.store.tables import inbox, keys_metadata, metadata, snapshot
from integration.store.types import UtcDateTime

#: tables that hold a row per company, number or shop, or for what rests; parts of a query that are limited themselves
TINY = {"ledger_head", "number_state", "rule", "sender_state", "shop_state", "block", "service", "advertising"}


def queries() -> Iterator[Any]:
    for found in pkgutil.iter_modules(integration.store.__path__):
        module = importlib.import_module(f"integration.store.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Query):
                yield pytest.param(value, id=f"{found.name}.{name}")


def explained(database: Database, query: Query) -> list[str]:
    """What SQLite does for each step, given plausible parameters."""
    compiled = query._statement.compile(dialect=sqlite.dialect())
    values = {b.key: NOON if isinstance(b.type, UtcDateTime) else "1" for b in compiled.bind_names if b.required}
    with database.write() as connection:
        bound = binding(compiled, connection.dialect)(values)
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", bound)]


@pytest.mark.parametrize("query", list(queries()))
def test_every_query_finds_its_rows_by_an_index(empty: Database, query: Query) -> None:
    """A partial index holds few rows and may be read through; a table, or the index of its keys, may not."""
    scans = [step for step in explained(empty, query) if step.startswith("SCAN ") and " USING INDEX ix_" not in step]
    assert {step.split()[1] for step in scans} <= TINY | {"json_each"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('plans')}/plans.db")
    with database.write() as connection:
        metadata.create_all(connection)
        keys_metadata.create_all(connection)
    yield database
    database.close()


def test_any_number_of_keys_and_whatever_stands_in_them(database: Database, keys: Database) -> None:
    world = make_world(database, keys)
    odd = 'ä"\\,{}%s:x?'
    post(world, order(odd), order("2"), order("3"))
    react.run(world)
    wanted = [f"laden/order/{id_}" for id_ in (odd, "2", *map(str, range(1000, 41_000)))]
    with database.read() as connection:
        assert {s.object_id for s in snapshots.by_key(connection, wanted).values()} == {odd, "2"}
        assert snapshots.by_key(connection, wanted)["laden/order/2"].version == NOON


def test_values_have_their_types(database: Database, keys: Database) -> None:
    world = make_world(database, keys)
    post(world, order("1"))
    with database.read() as connection:
        rows = Query(select(inbox.c.received_at, inbox.c.has_messages, inbox.c.note)).rows(connection)
        assert rows == [(NOON, False, None)] and rows[0][1] is False
        assert Query(select(snapshot.c.key).where(among(snapshot.c.key, "keys"))).values(connection, {"keys": []}) == []
