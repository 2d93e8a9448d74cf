"""What only one process may do at a time: send from one number, run one sweep, use one SQLite file."""

import fcntl
import os
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from integration.domain.errors import AlreadyRunning
from integration.store.db import Database


class Lease:
    """Held by a connection of its own: PostgreSQL frees it the moment its process dies, however it dies.

    On SQLite the run lock lets only one process work, so every lease is free.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = f"ladenbote:{name}"
        self._connection: Connection | None = None

    def hold(self) -> bool:
        """Take the lease, or make sure that it is still ours; False while another process holds it."""
        if self._database.is_sqlite:
            return True
        try:
            if self._connection is None:
                return self._take()
            self._connection.execute(text("SELECT 1"))  # the lock lives exactly as long as this connection
            return True
        except DBAPIError:
            self.release()
            return False

    def release(self) -> None:
        """Give the lease back."""
        if self._connection is not None:
            self._connection.close()  # which is what frees the lock
            self._connection = None

    def _take(self) -> bool:
        # an engine of its own: leases are held for long, and must not use up the pool
        engine = create_engine(self._database.engine.url, poolclass=NullPool, hide_parameters=True)
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        query = text("SELECT pg_try_advisory_lock(hashtext(:name))")
        if connection.execute(query, {"name": self._name}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False


class RunLock:
    """Held by `ladenbote run` on SQLite: the operating system frees it when the process dies, however it dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock. Raises AlreadyRunning."""
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            file.seek(0)
            pid = file.read().strip() or "?"
            file.close()
            raise AlreadyRunning(
                f"Another `ladenbote run` (process {pid}) already works on this database. "
                "Stop it first, or use PostgreSQL for several processes."
            ) from held
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back."""
        if self._file:
            self._file.close()
            self._file = None
