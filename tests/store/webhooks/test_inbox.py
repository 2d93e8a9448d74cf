"""The inbox: bodies wait, are dealt with once, are tried again, and are forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from storekit import rows
from worlds import NOON

from integration.store import tables
from integration.store.db import Database
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem


def item(
    topic: str = "t", channel: str = "shop", has_messages: bool = False, at=NOON, body: bytes = b"{}"
) -> InboxItem:
    return InboxItem(channel, "laden", topic, {"x-id": "1"}, body, has_messages, at)


def put(database: Database, *items: InboxItem) -> None:
    with database.write() as connection:
        inbox.add(connection, items)


def due(database: Database, channel: str = "shop", now=NOON, most: int = 100) -> list[InboxItem]:
    with database.read() as connection:
        return inbox.due(connection, channel, now, most)


def test_a_body_comes_back_byte_for_byte(database: Database) -> None:
    body = bytes(range(256)) * 40
    put(database, item(body=body))
    [found] = due(database)
    assert (found.body, found.topic, found.endpoint, found.received_at, found.tries) == (body, "t", "laden", NOON, 0)


def test_what_is_taken_is_what_was_stored_with_its_id(database: Database) -> None:
    stored = item("t", "meta", has_messages=True)
    put(database, stored)
    [found] = due(database, "meta")
    assert found.id and replace(found, id="") == stored
    assert not found.again


def test_bodies_come_in_the_order_they_were_put(database: Database) -> None:
    put(database, *(item(str(n)) for n in range(50)))
    put(database, *(item(str(n)) for n in range(50, 100)))
    assert [r.topic for r in due(database)] == [str(n) for n in range(100)]
    assert [r.topic for r in due(database, most=3)] == ["0", "1", "2"]


def test_channels_do_not_mix(database: Database) -> None:
    put(database, item("a", "shop"), item("b", "meta", has_messages=True), item("c", "meta"))
    assert [r.topic for r in due(database, "meta")] == ["b", "c"]
    with database.read() as connection:
        assert [r.topic for r in inbox.waiting_messages(connection)] == ["b"]


def test_what_is_done_is_not_due_and_not_new(database: Database) -> None:
    put(database, item("a"), item("b"))
    first, second = due(database)
    with database.write() as connection:
        assert inbox.still_new(connection, [first.id, second.id]) == {first.id, second.id}
        inbox.finish(connection, {first.id: "", second.id: "unchanged"}, NOON)
    assert due(database) == []
    with database.write() as connection:
        assert inbox.still_new(connection, [first.id, second.id]) == set()
    assert rows(database, tables.inbox, "state", "note", "processed_at") == [
        ("done", None, NOON),
        ("done", "unchanged", NOON),
    ]


@pytest.mark.databases("postgresql")
def test_nobody_else_gets_a_body_while_it_is_dealt_with(database: Database) -> None:
    put(database, item("a"), item("b"))
    ids = [r.id for r in due(database)]
    with database.write() as one:
        assert inbox.still_new(one, ids[:1]) == {ids[0]}
        with database.write() as two:
            assert inbox.still_new(two, ids) == {ids[1]}


def test_a_failed_body_waits_longer_each_time_and_is_given_up(database: Database) -> None:
    put(database, item())
    now, pauses = NOON, []
    for tries in range(1, inbox.MOST_TRIES):
        [found] = due(database, now=now)
        with database.write() as connection:
            inbox.fail(connection, found, "KeyError (x.py:1)", now)
        [(state, count, after)] = rows(database, tables.inbox, "state", "tries", "try_after")
        assert (state, count) == ("new", tries)
        assert due(database, now=after - timedelta(seconds=1)) == []
        pauses.append(after - now)
        now = after
    assert pauses == sorted(set(pauses)), "each pause is longer than the one before"
    [found] = due(database, now=now)
    with database.write() as connection:
        inbox.fail(connection, found, "KeyError (x.py:1)", now)
    assert rows(database, tables.inbox, "state", "note", "error") == [("failed", "poison", "KeyError (x.py:1)")]
    assert due(database, now=now + timedelta(days=9)) == []


def test_old_bodies_are_forgotten_in_pieces_and_waiting_ones_never(database: Database) -> None:
    old, young = NOON - timedelta(days=15), NOON
    put(database, *(item(f"old{n}", at=old) for n in range(25)), item("waits", at=old), item("young", at=young))
    notes = {r.id: "" for r in due(database) if r.topic != "waits"}
    with database.write() as connection:
        inbox.finish(connection, notes, NOON)
    pieces = []
    for _ in range(4):
        with database.write() as connection:
            pieces.append(inbox.forget(connection, NOON - timedelta(days=14), most=10))
    assert pieces == [10, 10, 5, 0]
    assert sorted(t for (t,) in rows(database, tables.inbox, "topic")) == ["waits", "young"]
    assert len(rows(database, tables.inbox_body, "id")) == 2


def test_a_long_topic_is_cut_not_refused(database: Database) -> None:
    put(database, item("x" * 500))
    assert [len(r.topic) for r in due(database)] == [128]
