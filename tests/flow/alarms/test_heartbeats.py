"""A loop or thread that stands still is an alarm, and its end by itself is none."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from storekit import rows
from worlds import Clock

from integration.domain.alarms.alarms import told
from integration.domain.alarms.heartbeats import Heartbeat, Pulses
from integration.flow import answer
from integration.flow.alarms import heartbeats
from integration.flow.receive import Intake
from integration.flow.world import World
from integration.store import heartbeats as beats
from integration.store import tables
from integration.store.alarms import alarms
from integration.store.webhooks.inbox import InboxItem
from integration.web.live import Live
from jobs import schedule
from jobs.loops.heart import Heart
from jobs.loops.mailboxes import Mailboxes
from jobs.loops.poller import Poller
from jobs.loops.preparer import Preparer
from jobs.loops.reactor import Reactor
from jobs.loops.senders import SendLoops
from jobs.schedule import Schedule
from jobs.sweeps import alarms as sweep


class Watch:
    """A world whose seconds pass with its clock."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.clock, self._begun = clock, clock()
        self.world = replace(world, pulses=Pulses(self._seconds))

    def _seconds(self) -> float:
        return (self.clock() - self._begun).total_seconds()

    def beaten(self) -> list[str]:
        heartbeats.beat(self.world, self.clock())
        with self.world.database.read() as connection:
            return [a.about for a in alarms.current(connection) if a.cause == "loop_stopped"]


@pytest.fixture
def watch(world: World, clock: Clock) -> Watch:
    """The world of these tests."""
    return Watch(world, clock)


def wait_for(what: Callable[[], Any]) -> None:
    for _ in range(2000):
        if what():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_an_alarm_until_it_runs_again(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    world, clock = watch.world, watch.clock
    with monkeypatch.context() as patch:

        def die(_world: World) -> int:
            raise SystemExit  # what no loop catches

        patch.setattr(answer, "run", die)
        dead = Reactor(world, lambda: None)
        dead.start()
        dead._thread.join()
    heart = world.pulses.begin("heart")
    assert watch.beaten() == []
    clock.advance(minutes=6)
    heart.beat()
    assert watch.beaten() == ["reactor"]
    with world.database.read() as connection:
        [alarm] = alarms.current(connection)
    said = told(alarm.cause, alarm.about, alarm.facts, "de", ZoneInfo("Europe/Berlin"))
    assert "das Lesen der Meldungen von Shops und Meta" in said.sentence and "neu" in said.remedy
    again = Reactor(world, lambda: None)
    again.start()
    wait_for(lambda: world.pulses._known["reactor"].age() == 0)
    assert watch.beaten() == []
    again.stop()


def test_the_sweep_finds_what_stands_still_when_the_heart_does(watch: Watch) -> None:
    watch.world.pulses.begin("heart")
    watch.beaten()
    watch.clock.advance(minutes=6)
    sweep.sweep(watch.world, watch.clock())
    with watch.world.database.read() as connection:
        assert [(a.cause, a.about) for a in alarms.current(connection)] == [("loop_stopped", "heart")]


def test_a_commit_that_never_ends_is_found(watch: Watch) -> None:
    """The intake rests as long as nothing comes; then it beats with every commit."""
    world, pulse = watch.world, watch.world.pulses.begin("intake")
    heart, begun, go_on = world.pulses.begin("heart"), threading.Event(), threading.Event()

    class Stuck(Intake):
        def _store(self, items: list[InboxItem]) -> None:
            begun.set()
            assert go_on.wait(60)
            super()._store(items)

    def later() -> list[str]:
        watch.clock.advance(minutes=6)
        heart.beat()
        return watch.beaten()

    async def main() -> list[list[str]]:
        intake = Stuck(world.database, lambda _channel: None, pulse)
        seen = [later()]
        task = asyncio.create_task(intake.put(InboxItem("shop", "laden", "x", {}, b"{}", False, watch.clock())))
        assert await asyncio.to_thread(begun.wait, 60)
        seen.append(await asyncio.to_thread(later))
        go_on.set()
        await task
        await intake.close()
        return [*seen, later()]

    assert asyncio.run(main()) == [[], ["intake"], []]


def test_pages_that_nobody_reads_need_no_beat_and_a_read_that_hangs_is_found(watch: Watch) -> None:
    pulse, heart = watch.world.pulses.begin("live"), watch.world.pulses.begin("heart")
    seen: list[list[str]] = []

    class Stuck(Live):
        def _read(self) -> tuple[object, ...]:
            watch.clock.advance(minutes=6)
            heart.beat()
            seen.append(watch.beaten())
            return ()

    live = Stuck(watch.world.database, pulse)
    watch.clock.advance(minutes=6)
    heart.beat()
    seen.append(watch.beaten())
    asyncio.run(live._look())
    seen.append(watch.beaten())
    assert seen == [[], ["live"], []]


def test_every_loop_gives_signs_of_life_and_none_after_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "JOBS", ())

    def names() -> set[str]:
        return {name for (name,) in rows(world.database, tables.heartbeat, "name")}

    async def main() -> None:
        heart = Heart(world)
        parts = [Reactor(world, lambda: None), Poller(world, lambda: None), Preparer(world, lambda: None)]
        parts.append(Schedule(world))
        loops, mailboxes = SendLoops(world), Mailboxes(world, list, take)
        asking = asyncio.create_task(mailboxes.run())
        loops.match()
        for part in parts:
            part.start()
        expected = {"reactor", "poller", "preparer", "schedule", "mailboxes", "sender:nummer"}
        await asyncio.to_thread(wait_for, lambda: expected <= set(world.pulses._known))
        heart.start()
        await asyncio.to_thread(wait_for, lambda: expected | {"heart"} == names())
        for part in parts:
            await asyncio.to_thread(part.stop)
        mailboxes.stop()
        await asking
        await loops.stop()
        assert set(world.pulses._known) == {"heart"}
        await asyncio.to_thread(heart.stop)
        assert names() == set()

    async def take(*_letter: Any) -> Any:
        raise AssertionError("no letters here")

    asyncio.run(main())


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_process_that_vanished_left_is_swept_away_where_there_is_only_one(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        beats.replace(connection, "gone", [Heartbeat("heart", "gone", clock(), 60)])
    heartbeats.begin(world)
    left = [] if world.database.is_sqlite else [("heart", "gone")]
    assert [tuple(row) for row in rows(world.database, tables.heartbeat, "name", "process")] == left
