"""Leases: who may do what only one process may do, until when. And the run lock."""

import fcntl
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, delete, or_, update

from integration.domain.errors import AlreadyRunning
from integration.store.ledger import insert_or_ignore
from integration.store.tables import lease


def take(connection: Connection, name: str, owner: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease; False while another owner holds it."""
    until = now + length
    mine_or_over = or_(lease.c.owner == owner, lease.c.until < now)
    taken = connection.execute(
        update(lease).where(lease.c.name == name, mine_or_over).values(owner=owner, until=until)
    ).rowcount
    if taken:
        return True
    row = {"name": name, "owner": owner, "until": until}
    return bool(connection.execute(insert_or_ignore(connection, lease), row).rowcount)


def release(connection: Connection, owner: str) -> None:
    """Give back everything that an owner holds."""
    connection.execute(delete(lease).where(lease.c.owner == owner))


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
