"""The table of sweeps, and the only place that knows APScheduler.

A sweep asks the store what is due; a delay or a retry is a time in a row, never a job of its own: APScheduler
deletes a job before it runs, so a crash would lose the message (docs/reference/design.md, "How it runs").
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from integration import log, metrics
from integration.flow.appointments import appointments
from integration.flow.automations import alerts, birthdays, vouchers
from integration.flow.carts import carts
from integration.flow.consent import evidence, totals
from integration.flow.costs import caps
from integration.flow.notifications import follow_ups
from integration.flow.privacy import erasure
from integration.flow.shops import reconciliation
from integration.flow.world import World
from integration.store import job_runs
from integration.store.leases import Lease
from jobs.sweeps import (
    alarms,
    attachments,
    consent_mirror,
    imports,
    ledger_check,
    number_health,
    rescue,
    retention,
    shop_health,
    template_sync,
)

#: half of them may wait for Meta or a shop that does not answer, and the others still have their turn
AT_ONCE = 8
#: the most rows that one turn of the consent totals counts
MOST_TOTALS = 20_000
Counts = int | Mapping[Any, int]
#: what it did, in `word=number` for the row of its run
Sweep = Callable[[World, datetime], str]
logger = log.get("schedule")


@dataclass(frozen=True, slots=True)
class Job:
    """A sweep and how often it runs. `at_start` runs it at once, too."""

    name: str
    sweep: Sweep
    every: timedelta
    at_start: bool = False


def counting(sweep: Callable[[World, datetime], Counts], word: str = "") -> Sweep:
    """A sweep that tells what `sweep` counted: one number under `word`, or several under words of their own."""

    def told(world: World, now: datetime) -> str:
        counts = sweep(world, now)
        numbers = {word: counts} if isinstance(counts, int) else counts
        return " ".join(f"{name}={number}" for name, number in numbers.items())

    return told


def _new_totals(world: World, _now: datetime) -> int:
    return totals.catch_up(world, MOST_TOTALS)


def _checkpoints(world: World, now: datetime) -> int:
    return len(evidence.take_checkpoints(world, now))


JOBS: tuple[Job, ...] = (
    Job("rescue", rescue.sweep, timedelta(seconds=30)),
    Job("template_sync", template_sync.sweep, timedelta(minutes=10), at_start=True),
    Job("template_submit", template_sync.submit, timedelta(seconds=15)),
    Job("number_health", number_health.sweep, timedelta(minutes=1), at_start=True),
    Job("shop_health", shop_health.sweep, timedelta(minutes=1), at_start=True),
    Job("attachments", attachments.sweep, timedelta(seconds=15)),
    Job("carts", counting(carts.sweep), timedelta(seconds=15)),
    Job("follow_ups", counting(follow_ups.sweep, "due"), timedelta(minutes=1)),
    Job("alert_subscriptions", counting(alerts.use_up, "used"), timedelta(minutes=10)),
    Job("appointments", counting(appointments.sweep, "made"), timedelta(minutes=1)),
    Job("birthdays", counting(birthdays.sweep, "made"), timedelta(minutes=30)),
    Job("vouchers", counting(vouchers.sweep, "attended"), timedelta(minutes=1)),
    Job("consent_mirror", consent_mirror.sweep, timedelta(minutes=5)),
    Job("consent_totals", counting(_new_totals, "counted"), timedelta(minutes=1)),
    Job("imports", imports.sweep, timedelta(seconds=20)),
    Job("ledger_check", ledger_check.sweep, timedelta(hours=6), at_start=True),
    Job("checkpoints", counting(_checkpoints, "signed"), timedelta(hours=1), at_start=True),
    Job("privacy", counting(erasure.sweep), timedelta(minutes=1), at_start=True),
    Job("cost_caps", counting(caps.release, "released"), timedelta(minutes=1), at_start=True),
    Job("alarms", alarms.sweep, timedelta(minutes=1), at_start=True),
    Job("reconciliation", counting(reconciliation.sweep), timedelta(minutes=10)),
    Job("retention", retention.sweep, timedelta(hours=1)),
)


class Schedule:
    """Runs the sweeps in the background; each run leaves a row."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._asked: set[str] = set()
        self._stopping = False
        self._pulse = world.pulses.begin("schedule")
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(AT_ONCE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin."""
        for job in JOBS:
            first = {"next_run_time": self._world.clock()} if job.at_start else {}
            every = IntervalTrigger(seconds=int(job.every.total_seconds()))
            self._scheduler.add_job(self._run, every, [job], id=job.name, **first)
        self._scheduler.start()

    def soon(self, name: str) -> None:
        """Run a sweep now instead of when its time comes, or once more if it runs already; call from any thread.

        The row in the timetable is left alone: APScheduler drops a run of it that comes while another one begins or
        ends.
        """
        [job] = [job for job in JOBS if job.name == name]
        with self._lock:
            if name in self._asked:
                return
            self._asked.add(name)
            if name in self._running:
                return
        self._scheduler.add_job(self._run_asked, args=[job])

    def stop(self) -> None:
        """Begin no further sweep, wait for the running ones and end."""
        self._stopping = True
        self._scheduler.shutdown(wait=True)
        self._world.pulses.end(self._pulse)

    def _run_asked(self, job: Job) -> None:
        if job.name in self._asked:  # else a run that began meanwhile has seen what it was asked for
            self._run(job)

    def _run(self, job: Job) -> None:
        self._pulse.beat()
        again = self._begin(job.name)
        while again and not self._stopping:
            try:
                run_job(self._world, job)
            except Exception as error:  # not even the row of the run could be written
                logger.error("run_failed", job=job.name, error=log.brief(error))
            again = self._again(job.name)

    def _begin(self, name: str) -> bool:
        """Whether nobody runs it; whoever begins has seen what was asked for until now."""
        with self._lock:
            if name in self._running:
                return False
            self._running.add(name)
            self._asked.discard(name)
            return True

    def _again(self, name: str) -> bool:
        """Whether somebody asked during a run; else it is over, in the same moment."""
        with self._lock:
            if name not in self._asked:
                self._running.discard(name)
                return False
            self._asked.discard(name)
            return True


def run_job(world: World, job: Job) -> None:
    """Run one sweep unless another process is at it, and record how it went."""
    lease = Lease(world.database, f"sweep:{job.name}")
    if not lease.hold():
        return
    try:
        _recorded(world, job)
    finally:
        lease.release()


def _recorded(world: World, job: Job) -> None:
    now = world.clock()
    with world.database.write() as connection:
        run = job_runs.started(connection, job.name, now)
    result, error = "", None
    try:
        result = job.sweep(world, now)
    except Exception as failure:
        error = log.brief(failure)
        metrics.JOB_FAILURES.labels(job.name).inc()
        logger.error("sweep_failed", job=job.name, error=error)
    with world.database.write() as connection:
        job_runs.ended(connection, run, world.clock(), result, error)
