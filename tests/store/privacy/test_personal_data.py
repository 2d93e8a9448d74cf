"""Every column says what becomes of the person in it, and what is derived from that does what it says."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import orjson
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
)
from storekit import rows
from worlds import NOON

from integration.store import personal_data, tables
from integration.store.db import Database
from integration.store.privacy import subject_data
from integration.store.privacy.retention_rules import CLOCKS, Retention
from integration.store.tables.personal import Personal, leads, nobody, person
from integration.store.types import Id, Json, Money, UtcDateTime

#: what a column is called that leads to a person, wherever it stands
NAMES = {
    "contact_id",
    "phone",
    "wa_user_id",
    "email",
    "subject",
    "wa_message_id",
    "customer_id",
    "born_on",
    "merged_into",
}
FREE = (Text, LargeBinary, JSON)
EVERY = [*tables.metadata.sorted_tables, *tables.keys_metadata.sorted_tables]
ANNA, BERTA = "anna", "berta"
MARK = "Beispiel"


def leading(column: Column[Any]) -> bool:
    """Whether a column says all four for its row."""
    said = column.info.get("person")
    return isinstance(said, Personal) and "row" not in (said.merge, said.erase, said.export, said.retain)


def undeclared(table: Table) -> Iterator[str]:
    """What a table leaves open."""
    whole = bool(table.info.get("nobody"))
    leading_ones = [column for column in table.c if leading(column)]
    if any("person" in column.info for column in table.c) and (whole or len(leading_ones) != 1):
        yield f"{table.name}: exactly one column leads to a person"
    for column in table.c:
        free = isinstance(column.type, FREE)
        if len(column.info.keys() & {"person", "nobody"}) != 1 and (free or not whole):
            yield f"{table.name}.{column.name}: says nothing"
        if column.name in NAMES and "person" not in column.info:
            yield f"{table.name}.{column.name}: leads to a person"
        if refers(column) and not moves(column):
            yield f"{table.name}.{column.name}: leads to a contact"


def refers(column: Column[Any]) -> bool:
    return column.name == "contact_id" or any(key.target_fullname == "contact.id" for key in column.foreign_keys)


def moves(column: Column[Any]) -> bool:
    said = column.info.get("person")
    return isinstance(said, Personal) and said.leads == "contact.id"


def test_every_column_says_what_becomes_of_the_person_in_it() -> None:
    assert [complaint for table in EVERY for complaint in undeclared(table)] == []


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ([Column("id", Id)], "new.id: says nothing"),
        ([Column("note", String(20), info=nobody("x")), Column("words", Text)], "new.words: says nothing"),
        ([Column("phone", String(20), info=nobody("x"))], "new.phone: leads to a person"),
        ([Column("contact_id", Id, info=nobody("x"))], "new.contact_id: leads to a contact"),
        ([Column("who", Id, ForeignKey("contact.id"), info=nobody("x"))], "new.who: leads to a contact"),
        ([Column("name", Text, info=person("x"))], "new: exactly one column leads to a person"),
    ],
)
def test_a_new_column_that_says_nothing_is_noticed(columns: list[Column[Any]], complaint: str) -> None:
    assert complaint in list(undeclared(Table("new", MetaData(), *columns)))


def test_a_new_table_without_a_person_may_say_so_once_but_for_free_words() -> None:
    made = Table("new", MetaData(), Column("id", Id), Column("said", Json), info=nobody("x"))
    assert list(undeclared(made)) == ["new.said: says nothing"]


def test_whoever_says_all_four_is_complete() -> None:
    who = leads("contact.id", merge="move", erase="delete", export="hide", retain="stay", why="x")
    assert list(undeclared(Table("new", MetaData(), Column("contact_id", Id, info=who)))) == []


def declared() -> Iterable[tuple[Column[Any], Personal]]:
    for table in EVERY:
        yield from ((column, said) for column in table.c if (said := personal_data.personal(column)))


def test_what_code_of_its_own_does_is_named_and_exists() -> None:
    for column, said in declared():
        assert said.why, column
        if "own" in (said.merge, said.erase) or said.code:
            assert exists(said.code), f"{column}: {said.code}"


def exists(path: str) -> bool:
    """Whether a dotted name leads to a function, or to a module."""
    module, _, name = path.rpartition(".")
    try:
        return hasattr(import_module(module), name) or bool(import_module(path))
    except ModuleNotFoundError:
        return hasattr(getattr(import_module(module.rpartition(".")[0]), module.rpartition(".")[2]), name)


def test_every_rule_of_retention_that_a_column_names_is_one() -> None:
    by_code = {"row", "stay", "own", "bodies", "declined_codes"}
    assert {said.retain for _, said in declared()} == CLOCKS.keys() | by_code


def test_what_moves_meets_no_row_of_the_same_name() -> None:
    for column, said in declared():
        unique = [
            c for c in column.table.constraints if type(c).__name__ in ("UniqueConstraint", "PrimaryKeyConstraint")
        ]
        if said.merge == "move":
            assert not any(column.name in constraint.columns for constraint in unique), column


# A row in every table, for somebody, with a mark in every text.


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as connection:
        for who in (ANNA, BERTA):
            made: dict[str, dict[str, Any]] = {}
            for table in reversed([tables.contact, *personal_data.of_persons()]):
                if table.name not in made:
                    made[table.name] = row(table, who, made)
            connection.execute(insert(tables.contact).values(made.pop("contact")))
            for name, values in made.items():
                connection.execute(insert(tables.metadata.tables[name]).values(values))
    return database


def row(table: Table, who: str, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if table is tables.contact:
        return {column.name: a_value(column, who) for column in table.c} | {"id": who, "erased_at": None}
    values = {column.name: a_value(column, who) for column in table.c}
    column = personal_data.lead(table)
    assert column is not None
    target = column.info["person"].leads.partition(".")
    return values | {column.name: who if target[0] == "contact" and target[2] == "id" else made[target[0]][target[2]]}


def a_value(column: Column[Any], who: str) -> Any:
    kind = column.type
    if isinstance(kind, String):
        return (f"{MARK}-{who}-{column.name}" if (kind.length or 99) > 30 else f"{who}-{column.name}")[: kind.length]
    made: dict[type, Any] = {UtcDateTime: NOON, JSON: {"mark": MARK}, LargeBinary: MARK.encode(), Money: Decimal(1)}
    made |= {Boolean: True, Date: date(1990, 1, 1), Integer: len(who)}
    return next(value for type_, value in made.items() if isinstance(kind, type_))


def of(connection: Connection, table: Table, who: str) -> list[dict[str, Any]]:
    found = connection.execute(select(table).where(personal_data.theirs(table, [who])))
    return [dict(one._mapping) for one in found]


def test_merging_moves_what_says_so_and_nothing_of_anybody_else(filled: Database) -> None:
    moved = [c.table for c, said in declared() if said.merge == "move" and c.name == "contact_id"]
    assert len(moved) > 10
    with filled.write() as connection:
        personal_data.move(connection, keep=BERTA, drop=ANNA)
        for table in moved:
            assert of(connection, table, ANNA) == [] and len(of(connection, table, BERTA)) == 2, table.name


def test_erasure_deletes_and_empties_what_says_so_and_nothing_of_anybody_else(filled: Database) -> None:
    with filled.write() as connection:
        before = {table.name: of(connection, table, BERTA) for table in personal_data.of_persons()}
        personal_data.forget(connection, [ANNA])
        assert before == {table.name: of(connection, table, BERTA) for table in personal_data.of_persons()}
    for column, said in declared():
        if column.table.metadata is tables.metadata and personal_data.lead(column.table) is not None:
            left = [value for (value,) in rows(filled, column.table, column.name)]
            if said.erase == "delete":
                assert len(left) == 1, column
            if said.erase == "blank":
                assert personal_data.empty(column) in left and len(left) == 2, column


def test_an_export_shows_every_table_that_says_so(filled: Database) -> None:
    assert {"messages", "written", "phone", "answers", "shop", "carts", "vouchers", "requests"} <= set(
        subject_data.parts()
    )
    with filled.read() as connection:
        for part in subject_data.parts():
            [found] = [subject_data.shown(part, one) for one in subject_data.of(connection, part, ANNA)]
            table = personal_data.exported()[part]
            assert set(found) == {
                name for name in personal_data.shown(table) if a_value(table.c[name], ANNA) is not None
            }
            assert not any(name in found for name in ("contact_id", "lease_until", "content_hash"))
            assert orjson.dumps(found), part


@pytest.mark.parametrize("name", CLOCKS)
def test_retention_deletes_and_empties_what_says_so_when_it_is_old(filled: Database, name: str) -> None:
    rule = Retention(name)
    named = [column for column, said in declared() if said.retain == name]
    assert {column.table for column in named} == {clock.at.table for clock in CLOCKS[name]}
    with filled.write() as connection:
        assert rule.forget(connection, NOON) == 0
        later = NOON + timedelta(seconds=1)
        assert (
            len(list(connection.execute(rule.found(later)))) == rule.forget(connection, later) == 2 * len(CLOCKS[name])
        )
        assert rule.forget(connection, later) == 0
    for column in named:
        left = [value for (value,) in rows(filled, column.table, column.name)]
        gone = column is personal_data.lead(column.table)
        assert left == ([] if gone else [personal_data.empty(column)] * 2), column
