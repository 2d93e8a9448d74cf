"""Claims that no two processes share, and no transaction that waits for another in a ring."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from storekit import a_message, child, database_errors, ended, reopened, rows
from worlds import NOON, Clock, RememberingChannel, make_world, order, post, post_meta

from integration.domain.actions import Action
from integration.domain.errors import Refused
from integration.domain.messages.channel import Inbound, MetaUpdate, StatusUpdate
from integration.flow import answer, react, send
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger_checks
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.messages import queued as queued_messages

PEOPLE = [f"+49171392{n:04}" for n in range(1000, 1024)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    return make_world(database, keys, clock)


def queue(world: World, count: int) -> set[str]:
    """That many allowed messages, to a dozen people."""
    post(world, *(order(number=str(n), phone=PEOPLE[n % 12]) for n in range(count)))
    react.run(world)
    found = rows(world.database, tables.message, "id", "status")
    assert {state for _, state in found} == {"queued"}
    return {id_ for id_, _ in found}


def test_two_processes_claim_every_message_once(world: World, database_url: str, keys: Database) -> None:
    queued = queue(world, 240)
    processes = [child("claimer.py", database_url, keys.url) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    claimed = [ended(process).split() for process in processes]
    together = Counter(id_ for one in claimed for id_ in one)
    assert [process.returncode for process in processes] == [0, 0]
    assert together == Counter(queued), "each exactly once"
    assert sum(bool(one) for one in claimed) > 1, "each had a share"
    attempts = rows(world.database, tables.attempt, "message_id")
    assert Counter(id_ for (id_,) in attempts) == Counter(queued)


def test_threads_of_one_process_share_nothing_either(world: World) -> None:
    queued = queue(world, 200)
    claimed: list[str] = []

    def work() -> None:
        misses = 0
        while misses < 3:
            batch = send.claim(world, "nummer", 9)
            claimed.extend(item.message.id for item in batch)
            misses = 0 if batch else misses + 1
            time.sleep(0 if batch else 0.05)

    together(*[work] * 4)
    assert Counter(claimed) == Counter(queued)


@pytest.mark.databases("postgresql")
def test_a_person_whose_row_is_held_is_passed_over_not_waited_for(world: World) -> None:
    queue(world, 24)
    [held] = rows_of(world, PEOPLE[0])
    batch: list[send.Dispatch] = []
    claiming = threading.Thread(target=lambda: batch.extend(send.claim(world, "nummer", 100)))
    with world.database.write() as connection:
        contacts.lock(connection, [held])
        claiming.start()
        claiming.join(5)
        waited = claiming.is_alive()
    claiming.join(60)
    assert not waited
    assert {item.message.contact_id for item in batch} == {c for (c,) in rows(world.database, tables.contact, "id")} - {
        held
    }
    assert {item.message.contact_id for item in send.claim(world, "nummer", 100)} == {held}


@pytest.mark.databases("postgresql")
def test_a_stop_waits_for_a_claim_under_way_and_forbids_the_next(world: World) -> None:
    """The claim holds the person; STOP cancels what the claim did not take."""
    queue(world, 24)
    [anna] = rows_of(world, PEOPLE[0])
    stopped = threading.Event()

    def stop() -> None:
        with world.database.write() as connection:
            contacts.lock(connection, [anna])
            queued_messages.cancel_for_contact(connection, anna, ["order_confirmation"], "withdrawn", NOON)
        stopped.set()

    with world.database.write() as connection:
        due = messages.due(connection, "nummer", NOON, 100)
        [question, *_] = [q for q in send._locked(world, connection, due) if q.contact.id == anna]
        thread = threading.Thread(target=stop)
        thread.start()
        assert not stopped.wait(0.3), "STOP must wait for the transaction that decides"
        messages.start(connection, [question.message], NOON)
    thread.join()
    states = Counter(s for (c, s) in rows(world.database, tables.message, "contact_id", "status") if c == anna)
    assert states == {"sending": 1, "cancelled": 1}


@pytest.mark.databases("postgresql")
def test_a_person_merged_during_a_claim_is_not_an_error(world: World, keys: Database, monkeypatch) -> None:
    """Between looking and locking, the BSUID's contact became the phone's: the message belongs to another row now."""
    with world.database.write() as connection:
        [user] = identity_resolution.resolve(connection, [Person("firma", None, "DE.1")], NOON)
        identity_resolution.resolve(connection, [Person("firma", PEOPLE[0])], NOON)
        messages.add(connection, [a_message(user.id)], NOON)
    look = messages.due

    def due_then_merged(*arguments):
        found = look(*arguments)
        with world.database.write() as another:
            identity_resolution.resolve(another, [Person("firma", PEOPLE[0], "DE.1")], NOON)
        return found

    monkeypatch.setattr(messages, "due", due_then_merged)
    send.claim(world, "nummer", 10)


def test_stops_claims_statuses_and_orders_of_the_same_people_at_once(
    world: World, keys: Database, database_url: str
) -> None:
    """Four workers for three seconds: no deadlock, and no fact is lost."""
    queue(world, 72)
    one_writer = world.database.is_sqlite  # its processes would only wait for one another
    workers = [reopened(world.database if one_writer else Database(database_url), keys) for _ in range(4)]
    for worker in workers:
        object.__setattr__(worker, "senders", world.senders)
    stopped = Refused(131050, 400, "stopped", Action.OPT_OUT)
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    channel.fates.update(dict.fromkeys(PEOPLE[::4], stopped))
    began = time.monotonic()
    sent: list[messages.Result] = []
    numbers = {"stop": 0, "order": 100, "status": 0}

    def going() -> bool:
        """Three seconds long; on a busy machine until everybody had a turn."""
        turns = numbers["stop"] > 2 and numbers["status"] > 0 and sent
        return time.monotonic() - began < (3 if turns else 60)

    def sending(me: World) -> None:
        results: list[messages.Result] = []
        while going():
            batch = send.claim(me, "nummer", 5, results)
            results = [asyncio.run(send.dispatch(me, me.senders["nummer"].channel, item)) for item in batch]
            sent.extend(results)
        send.claim(me, "nummer", 0, results)

    def answering(me: World) -> None:
        while going():
            numbers["stop"] += 1
            n = numbers["stop"]
            user = f"DE.{n % 30}"
            said = Inbound(f"in{n}", None if n % 3 else PEOPLE[n % 24], user, "Anna", NOON, "text", "STOP")
            pairs = StatusUpdate(f"w{n}", "sent", NOON, phone=PEOPLE[n % 24], wa_user_id=f"DE.{n % 24}")
            post_meta(me, MetaUpdate(messages=(said,), statuses=(pairs,)))
            answer.run(me)

    def statuses(me: World) -> None:
        while going():
            for result in list(sent)[-8:]:
                numbers["status"] += 1
                found = [
                    StatusUpdate(result.wa_message_id or "", kind, NOON, attempt_id=result.attempt.id)
                    for kind in ("read", "sent", "delivered")
                ]
                post_meta(me, MetaUpdate(statuses=tuple(found)))
            answer.run(me)

    def reacting(me: World) -> None:
        while going():
            batch = range(numbers["order"], numbers["order"] + 6)
            numbers["order"] += 6
            post(me, *(order(number=str(n), phone=PEOPLE[(n * 7) % 24]) for n in batch))
            react.run(me)
            with me.database.write() as connection:
                messages.expire(connection, NOON)
                queued_messages.release(connection, "template_not_approved", NOON)

    def safely(work: Callable[[World], None], me: World) -> Callable[[], None]:
        def run() -> None:
            try:
                work(me)
            except Exception as error:
                failures.append(f"{work.__name__}: {error!r}")
                raise

        return run

    failures: list[str] = []
    tasks = [safely(w, me) for w, me in zip((sending, answering, statuses, reacting), workers, strict=True)]
    collectors = [database_errors(worker.database) for worker in workers]
    errors = [collector.__enter__() for collector in collectors]
    together(*tasks)
    for collector in collectors:
        collector.__exit__(None, None, None)
    drain(world)
    for worker in workers:
        worker.database.close()
    assert failures == []
    assert [kind for found in errors for kind in found if "Deadlock" in kind] == []
    assert {s for (s,) in rows(world.database, tables.inbox, "state")} == {"done"}
    assert len(rows(world.database, tables.inbound_message, "id")) == numbers["stop"]
    orders = [o for (o,) in rows(world.database, tables.message, "object_id") if o]
    assert Counter(orders) == Counter([*map(str, range(72)), *map(str, range(100, numbers["order"]))])
    with world.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None
    assert numbers["stop"] > 2 and numbers["status"] > 0 and sent, "everybody had a turn"


def together(*work: Callable[[], None]) -> None:
    """Run each in a thread of its own; an error in one is an error here."""
    errors: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "stuck"
    assert errors == []


def drain(world: World) -> None:
    """Deal with everything that still waits, failed tries too."""
    assert isinstance(world.clock, Clock)
    with world.database.write() as connection:
        connection.execute(update(tables.inbox).values(try_after=NOON - timedelta(days=1)))
    for _ in range(100):
        if not answer.run(world) + react.run(world):
            return
    raise AssertionError("work never ends")


def rows_of(world: World, phone: str) -> list[str]:
    with world.database.read() as connection:
        return list(connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == phone)).scalars())
