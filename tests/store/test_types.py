"""Column types and ids."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import StatementError

from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.types import Json, UtcDateTime

METADATA = MetaData()
THING = Table(
    "thing", METADATA, Column("id", Integer, primary_key=True), Column("at", UtcDateTime), Column("data", Json)
)
MOMENTS = [
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, 0, 1, UTC),
    datetime(2026, 3, 29, 1, 0, 0, 2, UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2999, 12, 31, 23, 59, 59, 999_999, UTC),
]


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as opened:
        METADATA.create_all(opened)
        yield opened
        opened.rollback()


def test_a_naive_time_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        connection.execute(insert(THING), {"id": 1, "at": datetime(2026, 1, 1)})  # noqa: DTZ001 - the point


def test_a_naive_time_is_refused_in_a_question(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        connection.execute(select(THING).where(THING.c.at < datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


def test_microseconds_survive_and_come_back_in_utc(connection: Connection) -> None:
    connection.execute(insert(THING), [{"id": n, "at": at} for n, at in enumerate(MOMENTS)])
    found = connection.execute(select(THING.c.at).order_by(THING.c.id)).scalars().all()
    assert found == MOMENTS
    assert all(at is not None and at.tzinfo is UTC for at in found)


def test_another_zone_is_the_same_moment(connection: Connection) -> None:
    berlin = timezone(timedelta(hours=2))
    connection.execute(insert(THING), {"id": 1, "at": datetime(2026, 7, 1, 14, 0, tzinfo=berlin)})
    found = connection.execute(select(THING.c.at)).scalar_one()
    assert (found, found.utcoffset()) == (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), timedelta(0))


def test_the_database_orders_and_compares_by_moment(connection: Connection) -> None:
    connection.execute(insert(THING), [{"id": n, "at": at} for n, at in enumerate(reversed(MOMENTS))])
    assert connection.execute(select(THING.c.at).order_by(THING.c.at)).scalars().all() == MOMENTS
    for at in MOMENTS:
        earlier = connection.execute(select(THING.c.at).where(THING.c.at < at)).scalars().all()
        assert sorted(m for m in earlier if m) == [m for m in MOMENTS if m < at]


def test_nothing_stays_nothing(connection: Connection) -> None:
    connection.execute(insert(THING), {"id": 1, "at": None, "data": None})
    assert connection.execute(select(THING.c.at, THING.c.data)).one() == (None, None)
    assert connection.execute(text("SELECT count(*) FROM thing WHERE data IS NULL")).scalar() == 1


def test_json_keeps_shape_and_letters(connection: Connection) -> None:
    data = {"name": "Jörg 😀 <b>", "items": [1, {"a": None}], "text": "\n\t\"'"}
    connection.execute(insert(THING), {"id": 1, "data": data})
    assert connection.execute(select(THING.c.data)).scalar_one() == data


def test_ids_sort_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {len(id_) for id_ in ids} == {36}
