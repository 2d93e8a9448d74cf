"""prepare: set aside, leased, prepared and decided on anew; a crash or a silent shop costs time, never a message."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from links import refusing
from sending import channel, deliver, prepared, said
from sqlalchemy import Connection, event
from storekit import rows
from worlds import NOON, Clock, order, post, post_meta

from integration.domain.errors import ShopUnreachable
from integration.flow import answer, react, send
from integration.flow.messages import prepare
from integration.flow.messages.prepare import LEASE
from integration.flow.messages.preparers import ASK_AGAIN, Later, Never, Ready
from integration.flow.preparers import PREPARERS
from integration.flow.world import World
from integration.store import tables
from integration.store.messages import messages, preparing
from integration.store.messages.messages import Message
from jobs.loops.preparer import Preparer
from jobs.sweeps import rescue

FRESH = timedelta(seconds=60)
TOLD = {"name": "Anna", "shop": "Laden", "order": "1001", "total": "1 €"}


@dataclass
class Plain:
    """Prepares order confirmations; does what `does` says, and lets pass whom the last look does not name."""

    does: list[Ready | Later | Never | Exception] = field(default_factory=list)
    asked: list[Message] = field(default_factory=list)
    untrue: set[str] = field(default_factory=set)
    keeps: timedelta = FRESH

    def prepare(self, world: World, item: Message) -> Ready | Later | Never:
        self.asked.append(item)
        found = self.does.pop(0) if self.does else Ready(TOLD)
        if isinstance(found, Exception):
            raise found
        return found

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        return {item.id for item in items} - self.untrue


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Plain:
    found = Plain()
    monkeypatch.setitem(PREPARERS, "order_confirmation", found)
    return found


def queue(world: World, *numbers: str) -> None:
    post(world, *(order(number=n) for n in numbers or ("1001",)))
    react.run(world)


def states(world: World) -> list[tuple[str, str | None]]:
    return [(status, reason) for status, reason in rows(world.database, tables.message, "status", "reason")]


def test_it_is_set_aside_prepared_and_decided_on_anew(world: World, plain: Plain) -> None:
    queue(world)
    deliver(world)
    assert (states(world), channel(world).sent) == ([("claimed", None)], [])
    prepared(world)
    assert rows(world.database, tables.message, "status", "lease_until", "prepared_at", "send_after") == [
        ("queued", None, NOON, NOON)
    ]
    deliver(world)
    [envelope] = channel(world).sent
    assert envelope.variables == TOLD
    stages = rows(world.database, tables.decision, "stage", "outcome")
    assert sorted(stages) == [("queue", "allow"), ("send", "allow")], "only the decision that it left by is kept"


def test_nobody_else_takes_what_is_being_prepared_before_a_slow_shop_has_had_its_time(
    world: World, plain: Plain, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(world)
    deliver(world)
    slow, meanwhile = plain.prepare, []

    def for_two_minutes(world_: World, item: Message) -> Ready | Later | Never:
        clock.advance(minutes=2)
        if not meanwhile:
            meanwhile.append(prepare.due(world_))
        return slow(world_, item)

    monkeypatch.setattr(plain, "prepare", for_two_minutes)
    prepared(world)
    assert meanwhile == [[]]


def test_kinds_without_preparation_never_stop(world: World) -> None:
    queue(world)
    deliver(world)
    assert len(channel(world).sent) == 1
    assert prepare.due(world) == []


def test_an_unused_preparation_costs_no_statement(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said_: list[str] = []
    queue(world, "1", "2")
    event.listen(world.database.engine, "before_cursor_execute", lambda *a: said_.append(a[2]))
    send.claim(world, "nummer", 1)
    without = len(said_)
    monkeypatch.setitem(PREPARERS, "another_kind", Plain())
    said_.clear()
    send.claim(world, "nummer", 1)
    assert len(said_) == without


def test_what_was_prepared_too_long_ago_is_prepared_again(world: World, plain: Plain, clock: Clock) -> None:
    queue(world)
    deliver(world)
    prepared(world)
    clock.now += FRESH + timedelta(seconds=1)
    deliver(world)
    assert (states(world), channel(world).sent) == ([("claimed", None)], [])
    prepared(world)
    deliver(world)
    assert (len(plain.asked), len(channel(world).sent)) == (2, 1)


def test_what_changed_since_is_prepared_again(world: World, plain: Plain) -> None:
    queue(world, "1", "2")
    deliver(world)
    prepared(world)
    plain.untrue = {plain.asked[0].id}
    deliver(world)
    assert sorted(states(world)) == [("accepted", None), ("claimed", None)]
    plain.untrue, plain.does = set(), [Never("superseded")]
    prepared(world)
    deliver(world)
    assert sorted(states(world)) == [("accepted", None), ("cancelled", "superseded")]


def test_a_message_waits_as_long_as_its_preparation_says(world: World, plain: Plain, clock: Clock) -> None:
    plain.does = [Later("quiet_hours", NOON + timedelta(hours=2))]
    queue(world)
    deliver(world)
    prepared(world)
    assert states(world) == [("queued", "quiet_hours")]
    deliver(world)
    assert len(plain.asked) == 1
    clock.now += timedelta(hours=2)
    deliver(world)
    prepared(world)
    deliver(world)
    assert len(channel(world).sent) == 1


def test_a_silent_shop_is_asked_once_for_all_until_they_expire(world: World, plain: Plain, clock: Clock) -> None:
    plain.does = [refusing(ShopUnreachable, "timeout")] * 500
    queue(world, "1", "2", "3")
    for _ in range(3):
        deliver(world)
        prepared(world)
        assert states(world) == [("queued", "shop_away")] * 3
        clock.now += ASK_AGAIN
    assert len(plain.asked) == 3
    clock.now = NOON + timedelta(hours=12, minutes=1)
    rescue.sweep(world, clock())
    assert (states(world), channel(world).sent) == ([("expired", "shop_away")] * 3, [])


def test_a_busy_shop_says_how_long(world: World, plain: Plain) -> None:
    plain.does = [refusing(ShopUnreachable, "limited", wait=1800)]
    queue(world)
    deliver(world)
    prepared(world)
    assert rows(world.database, tables.message, "send_after") == [(NOON + timedelta(minutes=30),)]


def test_a_fault_of_ours_stops_nobody_else(world: World, plain: Plain) -> None:
    plain.does = [ZeroDivisionError()]
    queue(world, "1", "2")
    deliver(world)
    prepared(world)
    deliver(world)
    assert sorted(states(world)) == [("accepted", None), ("queued", "not_prepared")]


def test_a_crash_gives_the_lease_back(world: World, plain: Plain, clock: Clock) -> None:
    queue(world)
    deliver(world)
    with world.database.write() as connection:
        dead = preparing.lease(connection, "laden", clock(), clock() + LEASE)
    assert dead
    assert prepare.due(world) == []
    clock.now += LEASE
    prepared(world)
    deliver(world)
    assert len(channel(world).sent) == 1
    with world.database.write() as connection:
        assert not preparing.cancelled(connection, dead, "superseded", clock()), "who lost the lease says nothing"
    assert states(world) == [("accepted", None)]


def test_two_never_prepare_the_same_message(world: World, plain: Plain, clock: Clock) -> None:
    queue(world, *(str(n) for n in range(12)))
    deliver(world)
    both = [threading.Thread(target=prepare.shop, args=(world, "laden", PREPARERS)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(item.id for item in plain.asked) == sorted(
        id_ for (id_,) in rows(world.database, tables.message, "id")
    )


def test_a_stop_during_the_preparation_wins(world: World, plain: Plain, clock: Clock) -> None:
    queue(world)
    deliver(world)
    with world.database.write() as connection:
        held = preparing.lease(connection, "laden", clock(), clock() + LEASE)
    post_meta(world, said("STOP ALLES"))
    answer.run(world)
    assert held
    with world.database.write() as connection:
        assert not preparing.prepared(connection, held, TOLD, clock())
    assert ("cancelled", "withdrawn") in states(world)


def test_what_is_set_aside_is_in_nobodys_way(world: World, plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(world, "1", "2", "3")
    assert send.claim(world, "nummer", 3) == []
    monkeypatch.delitem(PREPARERS, "order_confirmation")
    queue(world, "4")
    assert len(send.claim(world, "nummer", 1)) == 1


def test_a_prepared_message_keeps_its_place(world: World, plain: Plain, clock: Clock) -> None:
    """Else a long queue would make it wait until it must be prepared again, for ever."""
    queue(world)
    deliver(world)
    clock.advance(seconds=30)
    post(world, order(number="2", version=clock(), placed_at=clock().isoformat()))
    react.run(world)
    prepared(world)
    [item] = send.claim(world, "nummer", 1)
    assert item.message.order_number == "1001"


def test_the_loop_prepares_and_wakes_the_sender(world: World, plain: Plain) -> None:
    queue(world)
    deliver(world)
    woken = threading.Event()
    loop = Preparer(world, woken.set)
    loop.start()
    try:
        assert woken.wait(20)
    finally:
        loop.stop()
    assert states(world) == [("queued", None)]


def test_the_row_says_when_it_was_prepared(world: World, plain: Plain) -> None:
    queue(world)
    deliver(world)
    prepared(world)
    with world.database.read() as connection:
        [item] = messages.by_id(connection, [id_ for (id_,) in rows(world.database, tables.message, "id")])
    assert item.prepared_at == NOON
