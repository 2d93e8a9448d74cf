"""Opening the databases: SQLite by default, PostgreSQL by URL, the same code on both."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

WRITE = {"ladenbote_write": True}
#: what transactions announce to other processes: bodies came in, messages may be due, numbers or shops changed
ANNOUNCED = ("inbox", "due", "numbers")


class Database:
    """One database. Writers of a process share one lock, so SQLite's own never has to spin.

    `write` is a transaction that may change rows, `read` one that may not.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._lock = threading.Lock() if self.is_sqlite else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or rolls back if the block raises."""
        if self._lock:
            with self._lock, self._begun() as connection:
                yield connection
        else:
            with self._begun() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent look at the data: every query sees the same moment."""
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**level) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(**WRITE) as connection, connection.begin():
            yield connection


def announce(connection: Connection, what: str) -> None:
    """Wake the other processes when this transaction commits (`store.listen`); SQLite has only one."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_notify('ladenbote', :what)"), {"what": what})


def lock_people(connection: Connection) -> None:
    """Let one transaction at a time make contacts and append to ledgers; whoever comes later waits.

    Both hold people and the ledger's end, in whatever order their bodies speak of them: without this two of them could
    wait for each other. SQLite needs nothing: BEGIN IMMEDIATE lets one writer in.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ladenbote:people'))"))


def queue_up(connection: Connection, name: str) -> None:
    """Let one transaction at a time do `name`; whoever comes later waits until the other one is over.

    SQLite needs nothing: BEGIN IMMEDIATE lets one writer in.
    """
    if connection.dialect.name != "sqlite":
        query = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(query, {"name": f"ladenbote:{name}"})


def exclusive(connection: Connection, name: str) -> bool:
    """Whether this transaction alone may do `name` now; a second process is told False and tries later.

    SQLite needs nothing: BEGIN IMMEDIATE lets one writer in.
    """
    if connection.dialect.name == "sqlite":
        return True
    query = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
    return bool(connection.execute(query, {"name": f"ladenbote:{name}"}).scalar())


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    plain = make_url(url)
    if plain.drivername == "postgresql":
        plain = plain.set(drivername="postgresql+psycopg")
    engine = create_engine(plain, pool_size=8, hide_parameters=True, **_json())
    event.listen(engine, "connect", _configure_postgres)
    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": 10, "check_same_thread": False}, hide_parameters=True, **_json()
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_postgres(connection: Any, _record: Any) -> None:
    connection.execute("SET TIME ZONE 'UTC'")  # times come as we keep them
    connection.commit()


def _json() -> dict[str, Any]:
    return {"json_serializer": lambda value: orjson.dumps(value).decode(), "json_deserializer": orjson.loads}


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("ladenbote_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
