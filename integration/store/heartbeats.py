"""The last beats of what runs, by process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from integration.domain.alarms.heartbeats import Heartbeat
from integration.store.tables import heartbeat


def replace(connection: Connection, process: str, beats: Sequence[Heartbeat]) -> None:
    """Put a process's beats in the place of its former ones."""
    connection.execute(delete(heartbeat).where(heartbeat.c.process == process))
    rows = [{"name": b.name, "process": b.process, "at": b.at, "period": b.period} for b in beats]
    if rows:
        connection.execute(insert(heartbeat), rows)


def forget_others(connection: Connection, process: str) -> None:
    """Delete what other processes have left behind, where there can be no other."""
    connection.execute(delete(heartbeat).where(heartbeat.c.process != process))


def known(connection: Connection) -> list[Heartbeat]:
    """Every row."""
    columns = (heartbeat.c.name, heartbeat.c.process, heartbeat.c.at, heartbeat.c.period)
    return [Heartbeat(*row) for row in connection.execute(select(*columns).order_by(heartbeat.c.at))]


def old(before: datetime) -> Select[Any]:
    """Rows of processes that vanished."""
    return select(heartbeat.c.name).where(heartbeat.c.at < before)


def forget(connection: Connection, before: datetime) -> int:
    """Delete rows of processes that vanished before then; returns how many."""
    return connection.execute(delete(heartbeat).where(heartbeat.c.at < before)).rowcount
