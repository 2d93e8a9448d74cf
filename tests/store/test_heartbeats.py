"""Signs of life stand in rows until their process stops, or they are old."""

from datetime import timedelta

from storekit import NOON

from integration.domain.alarms.heartbeats import Heartbeat
from integration.store import heartbeats
from integration.store.db import Database


def beat(process: str, name: str, minutes: int = 0) -> Heartbeat:
    return Heartbeat(name, process, NOON - timedelta(minutes=minutes), 60)


def test_the_rows_of_a_process_are_replaced_and_those_of_others_stay(database: Database) -> None:
    with database.write() as connection:
        heartbeats.replace(connection, "a", [beat("a", "reactor", 2), beat("a", "poller", 2)])
        heartbeats.replace(connection, "b", [beat("b", "reactor", 1)])
        heartbeats.replace(connection, "a", [beat("a", "reactor")])
        assert heartbeats.known(connection) == [beat("b", "reactor", 1), beat("a", "reactor")]
        heartbeats.forget_others(connection, "a")
        assert heartbeats.known(connection) == [beat("a", "reactor")]
        heartbeats.replace(connection, "a", [])
        assert heartbeats.known(connection) == []


def test_rows_of_processes_that_vanished_go(database: Database) -> None:
    with database.write() as connection:
        heartbeats.replace(connection, "a", [beat("a", "reactor", 60 * 24 * 8)])
        heartbeats.replace(connection, "b", [beat("b", "reactor")])
        before = NOON - timedelta(days=7)
        assert len(connection.execute(heartbeats.old(before)).all()) == 1
        assert [heartbeats.forget(connection, before) for _ in range(2)] == [1, 0]
        assert heartbeats.known(connection) == [beat("b", "reactor")]
