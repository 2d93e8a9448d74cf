"""poll: pages and cursors, faults and backing off, single objects, and what they lead to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from links import QUICK, SLOW, PlainLink, linked, placed, refusing
from storekit import rows
from worlds import NOON, Clock, make_world, parcel, post

from integration.domain.errors import ShopBusy, ShopRefused, ShopUnreachable
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text
from integration.flow import react
from integration.flow.ports import Hook
from integration.flow.shops import diagnose, poll
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.shops import refetches, shops, streams
from integration.store.shops.streams import LONGEST_WAIT, State
from jobs.loops.poller import Poller
from jobs.sweeps import shop_health


@pytest.fixture
def link() -> PlainLink:
    return PlainLink()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    made = linked(make_world(database, keys, clock), link)
    poll.begin(made)
    return made


def state(world: World, name: str = "orders") -> State:
    with world.database.read() as connection:
        return streams.of(connection, "laden")[name]


def test_the_first_reading_begins_before_the_connection(world: World) -> None:
    since = NOON - timedelta(days=1) - timedelta(days=30)
    assert state(world).cursor == {"since": since.isoformat(), "seen": 0}
    assert state(world).caught_up_at is None
    poll.begin(world)
    assert len(rows(world, tables.stream, "name")) == 1


def test_a_first_reading_is_knowledge_only(world: World, link: PlainLink) -> None:
    link.orders = [placed(n, NOON - timedelta(days=9)) for n in range(5)]
    assert poll.shop(world, "laden") == 5
    assert len(rows(world, tables.snapshot, "key")) == 5
    assert rows(world, tables.message, "id") == []
    assert {o for (o,) in rows(world, tables.event, "outcome")} == {"before_connection"}
    assert (state(world).read, state(world).left, state(world).caught_up_at) == (5, 0, NOON)


def test_every_page_is_read_and_nothing_twice(world: World, link: PlainLink, clock: Clock) -> None:
    link.orders = [placed(n) for n in range(5)]
    poll.shop(world, "laden")
    assert [c["seen"] for _, c in link.calls] == [0, 2, 4]
    assert len(rows(world, tables.message, "id")) == 5
    clock.advance(minutes=2)
    link.calls.clear()
    assert poll.shop(world, "laden") == 0
    assert len(link.calls) == 1, "an idle poll is one request"
    assert len(rows(world, tables.message, "id")) == 5


def test_progress_is_told_while_it_is_read(world: World, link: PlainLink) -> None:
    link.orders = [placed(n) for n in range(5)]
    turns = iter([False, True, True])
    poll.shop(world, "laden", lambda: next(turns))
    assert (state(world).read, state(world).left, state(world).caught_up_at) == (2, 3, None)
    poll.shop(world, "laden")
    assert (state(world).read, state(world).left) == (5, 0)


def test_a_crash_between_pages_loses_and_doubles_nothing(
    world: World, link: PlainLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    link.orders = [placed(n) for n in range(4)]
    advance = streams.advance

    def dies(connection, slug, known, page, now):
        advance(connection, slug, known, page, now)
        raise KeyboardInterrupt  # what nobody catches, inside the transaction

    monkeypatch.setattr(streams, "advance", dies)
    with pytest.raises(KeyboardInterrupt):
        poll.shop(world, "laden")
    assert rows(world, tables.snapshot, "key") == []
    monkeypatch.setattr(streams, "advance", advance)
    poll.shop(world, "laden")
    assert len(rows(world, tables.message, "id")) == 4


def test_the_interval_follows_the_news(world: World, link: PlainLink, clock: Clock) -> None:
    link.orders = [placed(1)]
    poll.shop(world, "laden")
    assert state(world).due_at == NOON + QUICK
    waits = []
    for _ in range(9):
        clock.now = state(world).due_at
        poll.shop(world, "laden")
        waits.append(state(world).due_at - clock.now)
    assert waits == sorted(waits)
    assert waits[0] > QUICK
    assert waits[-1] == SLOW
    clock.now = state(world).due_at
    link.orders.append(placed(2, clock.now))
    poll.shop(world, "laden")
    assert state(world).due_at == clock.now + QUICK


def test_a_shop_that_does_not_answer_is_left_alone_longer_each_time(
    world: World, link: PlainLink, clock: Clock
) -> None:
    link.fail["orders"] = refusing(ShopUnreachable, "timeout")
    waits = []
    for _ in range(8):
        assert poll.shop(world, "laden") == 0
        waits.append(state(world).due_at - clock.now)
        clock.now = state(world).due_at
    assert waits[0] < waits[1] < waits[2]
    assert waits[-1] == LONGEST_WAIT
    assert state(world).error == {
        "code": "timeout", "de": "Der Shop antwortet nicht.", "en": "The shop does not answer.",
    }  # fmt: skip
    link.fail.clear()
    link.orders = [placed(1, clock.now)]
    poll.shop(world, "laden")
    assert (state(world).error, state(world).failures) == (None, 0)
    assert len(rows(world, tables.message, "id")) == 1


def test_a_shop_may_say_how_long_to_wait(world: World, link: PlainLink) -> None:
    link.fail["orders"] = refusing(ShopBusy, "limited", wait=400)
    poll.shop(world, "laden")
    assert state(world).due_at == NOON + timedelta(seconds=400)


def test_a_refused_stream_does_not_stop_its_neighbours(
    database: Database, keys: Database, clock: Clock, link: PlainLink
) -> None:
    link.names = ("products", "orders")
    world = linked(make_world(database, keys, clock), link)
    poll.begin(world)
    link.fail["products"] = refusing(ShopRefused, "scope")
    link.orders = [placed(1)]
    assert poll.shop(world, "laden") == 1
    assert state(world, "products").error
    assert state(world, "orders").error is None


def test_a_poison_object_holds_nobody_up(world: World, link: PlainLink, clock: Clock) -> None:
    good, bad = placed(1), placed(2)
    link.orders = [good, replace(bad, facts={**bad.facts, "refunds": [{}]})]
    poll.shop(world, "laden")
    assert [k for (k,) in rows(world, tables.snapshot, "key")] == [good.key]
    assert state(world).cursor["seen"] == 2
    assert [(k, t > 0) for k, t in rows(world, tables.reread, "key", "tries")] == [(bad.key, True)]
    clock.advance(minutes=10)
    link.orders = [good, bad]
    poll.shop(world, "laden")
    assert len(rows(world, tables.snapshot, "key")) == 2
    assert rows(world, tables.reread, "key") == []


def test_a_thin_hint_is_read_from_the_shop(world: World, link: PlainLink) -> None:
    poll.shop(world, "laden")
    link.orders = [placed(7)]
    post(world, topic="thin", body=b"7")
    react.run(world)
    assert poll.due(world) == ["laden"]
    assert poll.shop(world, "laden") == 1
    assert len(rows(world, tables.message, "id")) == 1
    assert poll.due(world) == []


def test_an_order_that_is_gone_cancels_its_message(world: World, link: PlainLink) -> None:
    link.orders = [placed(7)]
    poll.shop(world, "laden")
    link.orders = []
    with world.database.write() as connection:
        refetches.want(connection, "laden", [(ObjectType.ORDER, "7")], world.clock())
    poll.shop(world, "laden")
    assert rows(world, tables.message, "status") == [("cancelled",)]


def test_an_object_that_cannot_be_read_is_given_up(world: World, link: PlainLink, clock: Clock) -> None:
    link.fail["7"] = refusing(ShopUnreachable)
    with world.database.write() as connection:
        refetches.want(connection, "laden", [(ObjectType.ORDER, "7")], world.clock())
    for _ in range(20):
        poll.shop(world, "laden")
        clock.advance(hours=6)
    assert link.calls.count(("read", "7")) == refetches.MOST_TRIES
    with world.database.write() as connection:
        refetches.want(connection, "laden", [(ObjectType.ORDER, "7")], world.clock())
    poll.shop(world, "laden")
    assert link.calls.count(("read", "7")) == refetches.MOST_TRIES + 1  # a new hint is a new beginning
    assert state(world).error is None, "one broken object is no broken shop"


def test_asked_for_anew_while_it_was_read_is_read_again(world: World, clock: Clock) -> None:
    def want() -> None:
        with world.database.write() as connection:
            refetches.want(connection, "laden", [(ObjectType.ORDER, "7")], world.clock())

    want()
    with world.database.write() as connection:
        [item] = refetches.due(connection, "laden", clock(), 9)
    clock.advance(seconds=1)
    want()
    with world.database.write() as connection:
        refetches.done(connection, item)
    assert len(rows(world, tables.reread, "key")) == 1


def test_examining_keeps_what_was_found_and_mends_the_webhooks(world: World, link: PlainLink, clock: Clock) -> None:
    world = linked(world, link, Hook("https://bote.example/hooks/laden", "geheim"))
    link.findings = [
        Finding("version", Level.OK, Text("Alt", "Old")),
        Finding("key", Level.FAULT, Text("Falsch", "Wrong"), Text("Ändern", "Change")),
    ]
    assert shop_health.sweep(world, clock()) == "examined=1 faults=1"
    assert link.subscribed == [("https://bote.example/hooks/laden", "geheim")]
    with world.database.read() as connection:
        found = shops.examination(connection, "laden")
    assert found
    assert (found.at, list(found.findings)) == (NOON, link.findings[::-1]), "what is wrong comes first"
    assert shop_health.sweep(world, clock()) == "examined=0 faults=0"
    clock.advance(days=1)
    assert shop_health.sweep(world, clock()) == "examined=1 faults=1"


def test_webhooks_that_cannot_be_mended_are_a_finding(world: World, link: PlainLink) -> None:
    link.fail["subscribe"] = refusing(ShopRefused, "read_only")
    [found] = diagnose.shop(linked(world, link, Hook("https://bote.example/hooks/laden", "x")), "laden")
    assert (found.code, found.level) == ("read_only", Level.FAULT)


def test_the_loop_reads_what_is_due_and_tells(world: World, link: PlainLink, clock: Clock) -> None:
    import threading

    told = threading.Event()
    poller = Poller(world, told.set)
    link.orders = [placed(1)]
    poller.start()
    assert told.wait(60)
    told.clear()
    link.orders.append(placed(2, clock.now))
    poller.hasten("laden")
    assert told.wait(60)
    poller.stop()
    assert len(rows(world, tables.message, "id")) == 2


def test_a_fault_of_ours_is_not_repeated_every_second(database: Database, keys: Database, clock: Clock) -> None:
    link = PlainLink(names=("orders", "carts"))
    world = linked(make_world(database, keys, clock), link)
    poll.begin(world)
    link.fail["orders"] = ZeroDivisionError()
    poll.shop(world, "laden")
    failed = state(world)
    assert failed.error is not None
    assert failed.error["code"] == "fault"
    assert failed.due_at > clock.now
    assert state(world, "carts").error is None
    link.calls.clear()
    poll.shop(world, "laden")
    assert link.calls == []


def test_an_old_order_that_is_paid_now_is_not_thanked_for(world: World, link: PlainLink, clock: Clock) -> None:
    long_ago = placed(1, NOON - timedelta(days=20), status="pending")
    link.orders = [long_ago]
    poll.shop(world, "laden")
    paid = {**long_ago.facts, "status": "processing", "paid_at": NOON.isoformat()}
    link.orders.append(replace(long_ago, version=NOON, facts=paid))
    clock.advance(minutes=5)
    poll.shop(world, "laden")
    assert ("paid", "before_connection") in rows(world, tables.event, "milestone", "outcome")
    assert rows(world, tables.message, "id") == []


def test_an_outage_costs_single_objects_no_try(world: World, link: PlainLink, clock: Clock) -> None:
    poll.shop(world, "laden")
    link.orders = [placed(7)]
    link.fail = {name: refusing(ShopUnreachable, "timeout") for name in ("orders", "7")}
    with world.database.write() as connection:
        refetches.want(connection, "laden", [(ObjectType.ORDER, "7")], world.clock())
    clock.advance(minutes=1)
    for _ in range(600):
        poll.shop(world, "laden")
        clock.advance(minutes=1)
    assert [tries for (tries,) in rows(world, tables.reread, "tries")] == [0]
    link.fail.clear()
    clock.advance(hours=1)
    poll.shop(world, "laden")
    assert len(rows(world, tables.snapshot, "key")) == 1


@pytest.mark.parametrize(("shipped_at", "sent"), [(None, []), (NOON.isoformat(), ["shipping_notice"])])
def test_a_parcel_of_an_old_order_is_announced_only_if_it_left_now(
    world: World, link: PlainLink, shipped_at: str | None, sent: list[str]
) -> None:
    old = placed(1, NOON - timedelta(days=90))
    seen = parcel("1", shipped_at=shipped_at)["facts"]
    link.orders = [old, Snapshot("laden", ObjectType.SHIPMENT, "1", NOON, seen)]
    poll.shop(world, "laden")
    assert [kind for (kind,) in rows(world, tables.message, "kind")] == sent
