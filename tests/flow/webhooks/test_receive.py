"""receive: many bodies share a commit, and nobody hears 200 before it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from storekit import rows
from worlds import NOON

from integration.flow.receive import BATCH, ENOUGH, Intake
from integration.store import tables
from integration.store.db import Database
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

pytestmark = pytest.mark.databases("sqlite", "postgresql")


class Failing(Exception):
    """The database is gone."""


def item(topic: str = "t", channel: str = "shop") -> InboxItem:
    return InboxItem(channel, "laden", topic, {}, b"{}" * 400, False, NOON)


def play(database: Database, work: Callable[[Intake], Coroutine[Any, Any, Any]]) -> tuple[Any, list[str]]:
    """Run with an intake; what came of it, and which channels were announced."""
    told: list[str] = []

    async def main() -> Any:
        intake = Intake(database, told.append)
        try:
            return await asyncio.wait_for(work(intake), 60)
        finally:
            await intake.close()

    return asyncio.run(main()), told


@pytest.fixture
def commits(database: Database) -> Iterator[list[int]]:
    """Grows by one with every commit."""
    found: list[int] = []

    def committed(_connection: object) -> None:
        found.append(1)

    event.listen(database.engine, "commit", committed)
    yield found
    event.remove(database.engine, "commit", committed)


@pytest.fixture
def breaks(database: Database) -> Iterator[dict[str, bool]]:
    """While `on`, a commit fails."""
    state = {"on": True}

    def commit(_connection: object) -> None:
        if state["on"]:
            raise Failing("the body of Anna Beispiel")

    event.listen(database.engine, "commit", commit)
    yield state
    event.remove(database.engine, "commit", commit)


def stored(database: Database) -> list[str]:
    with database.read() as connection:
        return [r.topic for r in inbox.due(connection, "shop", NOON, 10_000)]


def test_many_bodies_share_few_commits_and_keep_their_order(database: Database, commits: list[int]) -> None:
    async def work(intake: Intake) -> None:
        await asyncio.gather(*(intake.put(item(str(n))) for n in range(600)))

    _, told = play(database, work)
    assert stored(database) == [str(n) for n in range(600)]
    assert 600 / BATCH <= len(commits) <= 6
    assert len(told) == len(commits)


def test_a_steady_stream_shares_commits_too(database: Database, commits: list[int]) -> None:
    async def client(intake: Intake, n: int) -> None:
        for k in range(15):
            await intake.put(item(f"{n}/{k}"))

    async def work(intake: Intake) -> None:
        await asyncio.gather(*(client(intake, n) for n in range(32)))

    play(database, work)
    assert len(stored(database)) == 480
    assert len(commits) < 480 / 4
    order = stored(database)
    for n in range(32):
        mine = [t for t in order if t.startswith(f"{n}/")]
        assert mine == [f"{n}/{k}" for k in range(15)], "one client's bodies stay in order"


def test_200_means_that_another_connection_sees_it(database: Database, database_url: str) -> None:
    other = Database(database_url)
    unseen: list[str] = []

    async def put(intake: Intake, topic: str) -> None:
        await intake.put(item(topic))
        if topic not in stored(other):
            unseen.append(topic)

    async def work(intake: Intake) -> None:
        for wave in range(3):
            await asyncio.gather(*(put(intake, f"{wave}/{n}") for n in range(12)))

    play(database, work)
    other.close()
    assert unseen == []


def test_one_body_alone_does_not_wait_for_others(database: Database, commits: list[int]) -> None:
    async def work(intake: Intake) -> None:
        for n in range(3):
            await asyncio.sleep(0.02)
            await intake.put(item(str(n)))

    play(database, work)
    assert len(commits) == 3


def test_enough_bodies_do_not_wait_for_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.flow.receive.LONGEST_GATHER", 65.0)  # longer than `play` waits

    async def work(intake: Intake) -> None:
        few = [asyncio.create_task(intake.put(item(str(n)))) for n in range(ENOUGH - 1)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in few), "a busy intake waits for more"
        await asyncio.gather(*few, intake.put(item("last")))

    play(database, work)
    assert len(stored(database)) == ENOUGH


def test_a_failing_commit_is_told_to_all_and_stores_nothing(database: Database, breaks: dict[str, bool]) -> None:
    async def work(intake: Intake) -> list[Any]:
        return await asyncio.gather(*(intake.put(item(str(n))) for n in range(20)), return_exceptions=True)

    answers, told = play(database, work)
    assert {type(answer) for answer in answers} == {Failing}
    assert stored(database) == []
    assert rows(database, tables.inbox_body, "id") == []
    assert told == [], "nobody is woken for nothing"


def test_after_a_failure_the_intake_works_again(database: Database, breaks: dict[str, bool]) -> None:
    async def work(intake: Intake) -> None:
        with pytest.raises(Failing):
            await intake.put(item("lost"))
        breaks["on"] = False
        await intake.put(item("kept"))

    play(database, work)
    assert stored(database) == ["kept"]


def test_a_failure_between_the_two_tables_leaves_no_half_body(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO inbox_away"))

    async def work(intake: Intake) -> None:
        await intake.put(item())

    with pytest.raises(Exception, match="inbox"):
        play(database, work)
    assert rows(database, tables.inbox_body, "id") == []


def test_callers_that_hang_up_do_not_take_others_with_them(database: Database) -> None:
    async def work(intake: Intake) -> list[Any]:
        tasks = [asyncio.create_task(intake.put(item(str(n)))) for n in range(30)]
        await asyncio.sleep(0)
        for task in tasks[::3]:
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers, _ = play(database, work)
    assert [isinstance(a, asyncio.CancelledError) for a in answers] == [n % 3 == 0 for n in range(30)]
    kept = {str(n) for n in range(30) if n % 3}
    assert kept <= set(stored(database))


def test_a_caller_that_hangs_up_during_the_commit_harms_nobody(database: Database) -> None:
    async def work(intake: Intake) -> None:
        first = asyncio.create_task(intake.put(item("a")))
        second = asyncio.create_task(intake.put(item("b")))
        while intake._waiting or intake._writer is None:
            await asyncio.sleep(0)
        first.cancel()
        await second
        await intake.put(item("c"))

    play(database, work)
    assert stored(database) == ["a", "b", "c"]


def test_closing_finishes_what_waits(database: Database) -> None:
    async def main() -> list[Any]:
        intake = Intake(database, lambda _channel: None)
        tasks = [asyncio.create_task(intake.put(item(str(n)))) for n in range(300)]
        await asyncio.sleep(0)
        await intake.close()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert set(asyncio.run(main())) == {None}
    assert len(stored(database)) == 300


def test_each_channel_is_announced_after_the_commit(database: Database, database_url: str) -> None:
    seen: list[tuple[str, int]] = []
    other = Database(database_url)

    async def main() -> None:
        intake = Intake(database, lambda channel: seen.append((channel, len(rows(other, tables.inbox, "id")))))
        await asyncio.gather(intake.put(item()), intake.put(item(channel="meta")))
        await intake.close()

    asyncio.run(main())
    other.close()
    assert sorted(seen) == [("meta", 2), ("shop", 2)]


def test_a_listener_that_fails_does_not_lose_who_waits(database: Database) -> None:
    """More bodies than one commit takes, and whoever is told about the first commit raises."""

    def broken(_channel: str) -> None:
        raise RuntimeError("the loop is closing")

    async def main() -> None:
        intake = Intake(database, broken)
        waiting = [asyncio.create_task(intake.put(item(str(n)))) for n in range(BATCH + 10)]
        await asyncio.wait_for(asyncio.gather(*waiting), 60)

    asyncio.run(main())
    assert len(stored(database)) == BATCH + 10
