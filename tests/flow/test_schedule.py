"""The table of sweeps: every run leaves a row, one that fails stops nobody, one process runs each."""

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from storekit import rows
from worlds import NOON, Clock

from integration import metrics
from integration.flow.world import World
from integration.store import tables
from integration.store.leases import Lease
from jobs import schedule
from jobs.schedule import JOBS, Job, Schedule, run_job

pytestmark = pytest.mark.databases("sqlite", "postgresql")

MINUTE = timedelta(minutes=1)


def by_the_clock(world: World) -> World:
    """The same world in real time: APScheduler knows no other."""
    return replace(world, clock=lambda: datetime.now(NOON.tzinfo))


def runs(world: World) -> list[tuple[str, datetime, datetime | None, str | None, str | None]]:
    return [tuple(r) for r in rows(world.database, tables.job_run, "job", "started_at", "ended_at", "result", "error")]


def failures(job: str) -> float:
    return metrics.REGISTRY.get_sample_value("ladenbote_job_failures_total", {"job": job}) or 0


def test_a_run_is_recorded_from_start_to_end(world: World, clock: Clock) -> None:
    def sweep(_world: World, now: datetime) -> str:
        assert now == NOON
        [(job, started, ended, *_)] = runs(world)
        assert (job, started, ended) == ("count", NOON, None), "a run that hangs can be seen"
        clock.advance(seconds=3)
        return "counted=7"

    run_job(world, Job("count", sweep, MINUTE))
    assert runs(world) == [("count", NOON, NOON + timedelta(seconds=3), "counted=7", None)]


def test_a_failing_sweep_is_recorded_and_counted_without_its_words(world: World, clock: Clock) -> None:
    def sweep(_world: World, _now: datetime) -> str:
        raise ValueError("Anna Beispiel +491713920012")

    before = failures("fails")
    run_job(world, Job("fails", sweep, MINUTE))
    run_job(world, Job("works", lambda _w, _n: "fine", MINUTE))
    [(job, _, ended, _, error), (_, _, _, result, none)] = runs(world)
    assert (job, ended) == ("fails", NOON)
    assert error is not None and error.startswith("ValueError (test_schedule.py:")
    assert "Anna" not in error
    assert (result, none) == ("fine", None)
    assert failures("fails") == before + 1
    assert failures("works") == 0


def test_a_long_result_is_cut(world: World) -> None:
    run_job(world, Job("talks", lambda _w, _n: "x" * 900, MINUTE))
    assert len(runs(world)[0][3] or "") == 255


@pytest.mark.databases("postgresql")
def test_another_processes_lease_skips_the_run(world: World) -> None:
    other = Lease(world.database, "sweep:count")
    assert other.hold()
    run_job(world, Job("count", lambda _w, _n: "", MINUTE))
    run_job(world, Job("another", lambda _w, _n: "", MINUTE))
    assert [job for job, *_ in runs(world)] == ["another"]
    other.release()
    run_job(world, Job("count", lambda _w, _n: "", MINUTE))
    assert [job for job, *_ in runs(world)] == ["another", "count"]


def test_the_lease_is_given_back_after_a_failure(world: World) -> None:
    def sweep(_world: World, _now: datetime) -> str:
        raise ValueError

    for _ in range(2):
        run_job(world, Job("fails", sweep, MINUTE))
    assert len(runs(world)) == 2


def test_the_table_names_each_sweep_once_and_short_enough_for_its_column() -> None:
    names = [job.name for job in JOBS]
    assert names == sorted(set(names), key=names.index)
    assert all(len(name) <= 32 for name in names)
    assert {"rescue", "template_sync", "number_health", "ledger_check", "retention"} <= set(names)
    assert all(job.every >= timedelta(seconds=1) for job in JOBS)


def test_late_runs_are_made_up_once_and_never_beside_each_other(world: World, monkeypatch) -> None:
    monkeypatch.setattr(schedule, "JOBS", tuple(Job(j.name, lambda _w, _n: "", j.every) for j in JOBS))
    running = Schedule(world)
    running.start()
    try:
        found = running._scheduler.get_jobs()
        assert len(found) == len(JOBS)
        for job in found:
            assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
        assert {job.args[0].name: job.trigger.interval for job in found} == {j.name: j.every for j in JOBS}
    finally:
        running.stop()


def test_sweeps_run_at_start_and_by_the_clock_and_stop_waits(world: World, monkeypatch) -> None:
    calls: list[str] = []
    begun = threading.Event()

    def slow(_world: World, _now: datetime) -> str:
        begun.set()
        time.sleep(0.4)
        calls.append("slow")
        return ""

    def broken(_world: World, _now: datetime) -> str:
        calls.append("broken")
        raise ValueError

    table = (
        Job("slow", slow, timedelta(hours=1), at_start=True),
        Job("broken", broken, timedelta(seconds=1), at_start=True),
        Job("later", lambda _w, _n: calls.append("later") or "", timedelta(hours=1)),
    )
    monkeypatch.setattr(schedule, "JOBS", table)
    running = Schedule(by_the_clock(world))
    running.start()
    assert begun.wait(60)
    deadline = time.monotonic() + 60
    while calls.count("broken") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.stop()
    assert calls.count("slow") == 1, "stop waits for what runs"
    assert calls.count("broken") >= 2, "a failing sweep runs again"
    assert "later" not in calls
    assert all(ended for _, _, ended, _, _ in runs(world))


def test_who_asks_during_a_run_gets_another_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(_world: World, _now: datetime) -> str:
        begun.release()
        assert go_on.wait(60)
        return ""

    monkeypatch.setattr(schedule, "JOBS", (Job("slow", slow, timedelta(hours=1), at_start=True),))
    running = Schedule(by_the_clock(world))
    running.start()
    try:
        assert begun.acquire(timeout=60)
        for _ in range(3):
            running.soon("slow")
        go_on.set()
        assert begun.acquire(timeout=60), "asked for while it ran: it runs once more"
    finally:
        running.stop()
    assert len(runs(world)) == 2, "three who ask together get one more run"


@pytest.mark.parametrize("moment", ["begin", "end"])
def test_who_asks_while_a_run_begins_or_ends_is_heard(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Between APScheduler's picking it and our knowing of it, and between our end of it and APScheduler's."""
    asked, ran, seen = threading.Event(), threading.Semaphore(0), []

    def sweep(_world: World, _now: datetime) -> str:
        seen.append(asked.is_set())
        ran.release()
        return ""

    monkeypatch.setattr(schedule, "JOBS", (Job("sweep", sweep, timedelta(hours=1), at_start=True),))
    running = Schedule(by_the_clock(world))
    plain = running._run

    def ask_once() -> None:
        if not asked.is_set():
            asked.set()
            running.soon("sweep")

    def run(job: Job) -> None:
        if moment == "begin":
            ask_once()
        plain(job)
        if moment == "end":
            ask_once()
            skipped.wait(1)  # APScheduler looks at its timetable now

    skipped = threading.Event()
    monkeypatch.setattr(running, "_run", run)
    running.start()
    try:
        while not (seen and seen[-1]):
            assert ran.acquire(timeout=10), "what was asked for never ran"
    finally:
        running.stop()


def test_a_run_that_cannot_be_recorded_does_not_end_its_sweep_for_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def fail(_world: World, job: Job) -> None:
        tries.append(job.name)
        raise OSError("disk full")

    monkeypatch.setattr(schedule, "run_job", fail)
    running = Schedule(world)
    for _ in range(2):
        running._run(JOBS[0])
    assert tries == [JOBS[0].name] * 2


def test_the_whole_table_runs_on_an_empty_database(world: World) -> None:
    for job in JOBS:
        run_job(world, job)
    assert [(job, error) for job, _, _, _, error in runs(world)] == [(job.name, None) for job in JOBS]
