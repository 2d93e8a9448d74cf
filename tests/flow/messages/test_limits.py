"""Limits: one person's messages in order and apart, Meta's people per day, and a rate that gives way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sending import channel, said
from sqlalchemy import select
from storekit import a_message, rows
from worlds import NOON, Clock, order, parcel, post, post_meta

from integration.domain.numbers.numbers import NumberFacts
from integration.flow import answer, react, send
from integration.flow.messages.throttle import GAP, Limits, Pairs, _Places
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts
from integration.store.messages import daily_recipients, messages
from jobs.loops import sender, token_bucket

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA, BERT = "+491713920012", "+491713920013"


def queue(world: World, *snapshots) -> None:
    post(world, *snapshots)
    react.run(world)


def deliver(world: World, limits: Limits, most: int = 100) -> list[str]:
    """One round of the loop; who was written to."""
    batch = send.claim(world, "nummer", most, (), limits)

    async def dispatch() -> list[messages.Result]:
        return await asyncio.gather(*(send.dispatch(world, channel(world), item) for item in batch))

    results = asyncio.run(dispatch())
    for item in batch:
        limits.pairs.end(item.message.contact_id)
    send.claim(world, "nummer", 0, results, limits)
    return [item.envelope.to or "" for item in batch]


# --- one person


def test_one_persons_messages_leave_in_order_and_apart_and_hold_nobody_up(world: World, clock: Clock) -> None:
    limits = Limits()
    clock.advance(seconds=30)
    queue(world, parcel(version=NOON + timedelta(seconds=20)), order(), order(number="2", phone=BERT))
    assert sorted(deliver(world, limits)) == [ANNA, BERT]
    assert deliver(world, limits) == []
    clock.advance(seconds=6)
    assert deliver(world, limits) == [ANNA]
    templates = [e.template for e in channel(world).sent if e.to == ANNA]
    assert templates == ["lb_order_confirmation_du_v1", "lb_shipping_notice_du_v1"]


def test_fifty_messages_to_one_person_never_meet_the_pair_limit(world: World, clock: Clock) -> None:
    limits, left = Limits(), []
    queue(world, *(order(number=str(n)) for n in range(50)))
    for _ in range(400):
        left += [clock()] * len(deliver(world, limits))
        clock.advance(seconds=1)
    assert len(left) == 50
    assert min(later - one for one, later in pairwise(left)) >= GAP


def test_no_second_one_begins_while_one_is_under_way(world: World, clock: Clock) -> None:
    limits = Limits()
    queue(world, order(), order(number="2"))
    assert len(send.claim(world, "nummer", 100, (), limits)) == 1
    clock.advance(seconds=20)
    assert send.claim(world, "nummer", 100, (), limits) == []


def test_answers_may_use_what_meta_lends_and_no_more() -> None:
    pairs, now, begun = Pairs(), NOON, 0
    while pairs.free_at("anna", now, answer=True) == now and begun < 100:
        pairs.begin(["anna"], now)
        pairs.end("anna")
        begun += 1
    assert begun == 45
    assert pairs.free_at("anna", now, answer=True) == now + GAP
    assert pairs.free_at("anna", now, answer=False) == now + 45 * GAP


# --- orders before advertising


def test_orders_leave_before_advertising_that_is_due_longer(world: World, clock: Clock) -> None:
    queue(world, order())
    [(anna,)] = rows(world, tables.contact, "id")
    values = {"kind": "newsletter", "purpose": "newsletter", "template": "x"}
    with world.database.write() as connection:
        messages.add(connection, [a_message(anna, send_after=NOON - timedelta(hours=1), **values)], NOON)
        due = messages.due(connection, "nummer", clock(), 1)
    [(id_,)] = [(i,) for i, kind in rows(world, tables.message, "id", "kind") if kind == "order_confirmation"]
    assert due == [(id_, anna)]


# --- people per day


def test_metas_people_per_day_are_kept_over_a_day(world: World, clock: Clock) -> None:
    limits = Limits(people_per_day=2)
    phones = [f"+4917139200{n}" for n in range(20, 24)]
    queue(world, *(order(number=str(n), phone=phone) for n, phone in enumerate(phones)))
    assert len(deliver(world, limits)) == 2
    assert [r for _, r in rows(world, tables.message, "status", "reason")].count("portfolio_limit") == 2
    first = {e.to for e in channel(world).sent}
    again = order(number="9", phone=min(first), version=clock())
    clock.advance(seconds=30)
    queue(world, again)
    assert deliver(world, limits) == [min(first)], "somebody who counts already takes no new place"
    send_after = {at for (r, at) in rows(world, tables.message, "reason", "send_after") if r == "portfolio_limit"}
    assert send_after == {NOON + timedelta(hours=24)}, "a place is free a day after the first one"
    stages = [s for (s,) in rows(world, tables.decision, "stage")].count("send")
    assert stages == 3, "no permission is written down for what did not leave"


def test_who_is_written_to_again_counts_for_another_day(world: World, clock: Clock) -> None:
    limits = Limits(people_per_day=2)
    queue(world, order(), order(number="2", phone=BERT))
    deliver(world, limits)
    clock.advance(hours=20)
    queue(world, order(number="3", version=clock(), placed_at=clock().isoformat()))
    assert deliver(world, limits) == [ANNA]
    clock.advance(hours=5)
    late = [order(number=n, phone=phone, version=clock(), placed_at=clock().isoformat())
            for n, phone in (("4", "+491713920014"), ("5", "+491713920015"))]  # fmt: skip
    queue(world, *late)
    assert len(deliver(world, limits)) == 1, "Anna was written to five hours ago and keeps her place"


def test_two_numbers_of_an_account_never_take_the_same_place(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a thread of its own, or a machine: both read how many places are left before either has taken one."""
    queue(world, *(order(number=str(n), phone=f"+4917139{40000 + n}") for n in range(8)))
    two = replace(world, senders={name: replace(world.senders["nummer"], slug=name) for name in ("nummer", "zwei")})
    with world.database.write() as connection:
        ids = [id_ for (id_,) in rows(world, tables.message, "id")][:4]
        connection.execute(tables.message.update().where(tables.message.c.id.in_(ids)).values(sender="zwei"))
    count, both = daily_recipients.count, Barrier(2)

    def slowly(*arguments: Any) -> int:
        found = count(*arguments)
        with suppress(BrokenBarrierError):
            both.wait(0.5)
        return found

    monkeypatch.setattr(daily_recipients, "count", slowly)
    with ThreadPoolExecutor(2) as threads:
        claims = [threads.submit(send.claim, two, name, 10, (), Limits(people_per_day=5)) for name in two.senders]
    assert sum(len(claim.result()) for claim in claims) == 5


def test_who_wrote_takes_no_place(world: World, clock: Clock) -> None:
    limits = Limits(people_per_day=1)
    queue(world, order(), order(number="2", phone=BERT))
    with world.database.write() as connection:
        found = {phone: id_ for id_, phone in connection.execute(select(tables.contact.c.id, tables.contact.c.phone))}
        contacts.wrote(connection, {found[ANNA]: clock() - timedelta(hours=23)})
    assert sorted(deliver(world, limits)) == [ANNA, BERT]


def test_without_a_known_limit_nothing_is_counted(world: World) -> None:
    queue(world, order())
    deliver(world, Limits())
    assert rows(world, tables.reached, "account") == []


def test_advertising_leaves_places_to_orders() -> None:
    places = _Places(10, 7)
    assert [places.take(advertising=True) for _ in range(2)] == [True, False]
    assert [places.take(advertising=False) for _ in range(3)] == [True, True, False]


# --- the rate


def test_the_rate_is_halved_and_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now[0])
    bucket = token_bucket.Bucket(80, at=0.0)
    bucket.slow_down(0.0)
    assert (bucket.rate, bucket.available()) == (40, 0)
    now[0] += 0.01
    for _ in range(20):
        bucket.slow_down(now[0])
        now[0] += 0.001
    assert bucket.rate == pytest.approx(token_bucket.SLOWEST, rel=0.1)
    now[0] += token_bucket.RECOVERY
    bucket.available()
    assert bucket.rate == 80


def test_a_burst_that_was_too_fast_halves_the_rate_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [5.0]
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now[0])
    bucket = token_bucket.Bucket(80, at=5.0)
    for _ in range(40):
        bucket.slow_down(begun=4.9)
    assert bucket.rate == 40, "the other 39 were begun before we knew"
    now[0] = 5.2
    bucket.slow_down(begun=5.1)
    assert bucket.rate < 25, "that one was begun at half the rate"


def test_what_customers_write_counts_among_the_messages_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now[0])
    bucket = token_bucket.Bucket(80, tokens=16, at=0.0)
    bucket.take(4, heard=7)
    assert bucket.available() == 5
    bucket.take(0, heard=5_000)
    now[0] = 0.5
    assert bucket.available() == 0
    now[0] = 1.2
    assert bucket.available() > 0, "a flood that was read late does not stop the number"


def test_what_is_read_is_told_to_the_send_loop_once(world: World) -> None:
    for wamid in ("in1", "in2", "in1"):
        post_meta(world, said("Hallo", wamid))
    answer.run(world)
    assert [world.incoming.taken("nummer"), world.incoming.taken("nummer")] == [2, 0]


def test_what_meta_says_of_the_number_bounds_the_rate() -> None:
    assert NumberFacts(throughput="STANDARD").rate == 80
    assert NumberFacts(throughput="HIGH").rate == 1000
    chosen_told_allowed = [
        (None, None, 80), (None, 1000, 1000), (None, 20, 20), (50, 1000, 50), (80, 20, 20), (200, None, 200),
    ]  # fmt: skip
    for chosen, told, allowed in chosen_told_allowed:
        assert sender.allowed_rate(chosen, told) == allowed
    assert NumberFacts(throughput="STANDARD", on_business_app=True).rate == 20
