"""Each run of a sweep: started, ended, what it did, how it failed."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from integration.store.ids import new_id
from integration.store.tables import job_run


def started(connection: Connection, job: str, now: datetime) -> str:
    """Record a run; returns its id."""
    id_ = new_id()
    connection.execute(insert(job_run), [{"id": id_, "job": job, "started_at": now}])
    return id_


def ended(connection: Connection, id_: str, now: datetime, result: str, error: str | None = None) -> None:
    """Record how a run ended."""
    values = {"ended_at": now, "result": result[:255], "error": error}
    connection.execute(update(job_run).where(job_run.c.id == id_).values(**values))


def failing(connection: Connection, times: int, most: int = 500) -> dict[str, str]:
    """Jobs whose last `times` runs, among the newest of all, ended in an error: the last one."""
    query = select(job_run.c.job, job_run.c.error).where(job_run.c.ended_at.is_not(None))
    last: dict[str, list[str | None]] = {}
    for job, error in connection.execute(query.order_by(job_run.c.id.desc()).limit(most)):
        last.setdefault(job, []).append(error)
    newest = {job: errors[:times] for job, errors in last.items() if len(errors) >= times}
    return {job: str(errors[0]) for job, errors in newest.items() if all(errors)}


def forget(connection: Connection, before: datetime, most: int = 5000) -> int:
    """Delete old runs; returns how many."""
    old = select(job_run.c.id).where(job_run.c.started_at < before).limit(most)
    return connection.execute(delete(job_run).where(job_run.c.id.in_(old))).rowcount
