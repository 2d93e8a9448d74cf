"""The run lock and the leases: one process at a time, freed however it dies."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from storekit import child, ended

from integration.domain.errors import AlreadyRunning
from integration.store.db import Database
from integration.store.leases import Lease, RunLock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ladenbote.db"


@pytest.fixture
def holder(request: pytest.FixtureRequest, file: Path) -> Iterator[int]:
    process = child("holder.py", "lock", str(file))
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    yield process.pid
    process.kill()
    ended(process)


def soon(lease: Lease) -> bool:
    """Whether a lease can be had within a minute, which only a hung process takes."""
    deadline = time.monotonic() + 60
    while not lease.hold():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_second_process_is_refused_with_a_sentence(file: Path, holder: int) -> None:
    with pytest.raises(AlreadyRunning, match=rf"process {holder}\) already works on this database"):
        RunLock(file).acquire()


def test_a_refused_process_does_not_spoil_the_lock(file: Path, holder: int) -> None:
    for _ in range(2):
        with pytest.raises(AlreadyRunning, match=str(holder)):
            RunLock(file).acquire()


def test_kill_9_frees_the_lock(file: Path, holder: int) -> None:
    os.kill(holder, 9)
    lock, deadline = RunLock(file), time.monotonic() + 60
    while True:
        try:
            lock.acquire()
            break
        except AlreadyRunning:
            assert time.monotonic() < deadline, "a dead process must not keep the lock"
            time.sleep(0.02)
    lock.release()


def test_the_same_process_locks_once_and_again_after_release(file: Path) -> None:
    first, second = RunLock(file), RunLock(file)
    first.acquire()
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_two_databases_do_not_meet(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path / "a.db"), RunLock(tmp_path / "b.db")
    first.acquire()
    second.acquire()
    first.release()
    second.release()


def test_a_lease_has_one_holder(database: Database) -> None:
    mine, theirs, other = Lease(database, "sender:a"), Lease(database, "sender:a"), Lease(database, "sender:b")
    assert mine.hold() and mine.hold()
    assert theirs.hold() is database.is_sqlite, "on SQLite the run lock stands for every lease"
    assert other.hold()
    mine.release()
    assert soon(theirs)
    theirs.release()
    other.release()


def test_a_lease_that_was_never_held_can_be_released(database: Database) -> None:
    Lease(database, "sender:a").release()


@pytest.mark.databases("postgresql")
def test_kill_9_frees_a_lease_at_once(database: Database, database_url: str) -> None:
    process = child("holder.py", "lease", database_url)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    lease = Lease(database, "sender:nummer")
    assert not lease.hold()
    process.kill()
    ended(process)
    assert soon(lease)
    lease.release()


@pytest.mark.databases("postgresql")
def test_a_lease_whose_connection_broke_is_not_believed(database: Database) -> None:
    """Another process may have taken it meanwhile: it must be asked for again."""
    lease, rival = Lease(database, "sweep:x"), Lease(database, "sweep:x")
    assert lease.hold()
    with database.write() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    database.engine.dispose()
    assert soon(rival)
    assert not lease.hold()
    assert not lease.hold(), "still the rival's"
    rival.release()
    assert soon(lease)
    lease.release()


@pytest.mark.databases("postgresql")
def test_many_numbers_leave_connections_for_the_work(database: Database) -> None:
    """One lease per number: a hundred numbers must not use the connection pool up."""
    database.engine.pool._timeout = 0.3  # type: ignore[attr-defined]
    leases = [Lease(database, f"sender:{n}") for n in range(25)]
    try:
        assert all(lease.hold() for lease in leases)
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    finally:
        for lease in leases:
            lease.release()
