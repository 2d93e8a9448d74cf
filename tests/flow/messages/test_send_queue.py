"""Nobody who has to wait holds up those behind, and nothing of Meta's answers stops a number for good."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest
from storekit import rows
from worlds import Clock, RememberingChannel, order, post

from integration.domain.actions import Action
from integration.domain.errors import OutcomeUnknown, Refused
from integration.domain.numbers.numbers import NumberFacts
from integration.flow import react, send
from integration.flow.messages import on_refused
from integration.flow.numbers import connect
from integration.flow.world import World
from integration.store import tables
from integration.store.numbers import numbers
from jobs.loops import circuit_breaker, sender
from jobs.loops.sender import SendLoop

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA, LAST = "+491713910001", "+491713919999"


def queue(world: World, *orders) -> None:
    post(world, *orders)
    react.run(world)


def play(world: World, until, within: float = 60, rate: float = 80) -> None:
    """The send loop until something is true."""

    async def main() -> None:
        loop = SendLoop(world, replace(world.senders["nummer"], rate=rate))
        task = asyncio.create_task(loop.run())
        began = monotonic()
        while not until() and monotonic() - began < within:
            await asyncio.sleep(0.01)
        loop.stop()
        await task

    asyncio.run(main())


def test_a_long_run_of_people_who_must_wait_holds_nobody_up(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 messages to one person are due before the one to somebody else: two a second were looked at once."""
    monkeypatch.setattr(sender, "IDLE", 600.0)  # a loop that rests before it has seen all never comes to the last
    queue(world, *(order(number=str(n), phone=ANNA) for n in range(300)))
    clock.advance(seconds=1)
    queue(world, order(number="last", phone=LAST))
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    play(world, lambda: any(e.to == LAST for e in channel.sent), rate=20)
    assert any(e.to == LAST for e in channel.sent)


def test_an_answer_that_cannot_be_stored_does_not_stop_the_number(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its consequences fail each time, say because its person's keys are gone: the others go on, and it is kept."""
    monkeypatch.setattr(sender, "IDLE", 0.01)
    monkeypatch.setattr(on_refused, "platform_stop", broken)
    queue(world, order(number="1", phone=ANNA), order(number="2", phone=LAST))
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    channel.fates[ANNA] = Refused(131050, 400, "stop", Action.OPT_OUT)
    play(world, lambda: not states(world) & {"queued", "sending"})
    assert sorted(rows(world, tables.message, "status", "reason", "error_code"), key=str) == [
        ("accepted", None, None), ("failed", "refused_by_meta", 131050),
    ]  # fmt: skip


def broken(*_: object) -> None:
    raise ValueError("no key")


def states(world: World) -> set[str]:
    return {status for (status,) in rows(world, tables.message, "status")}


def test_while_nobody_knows_what_became_of_the_last_ones_few_more_leave(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody between us and Meta answers everything with a page: each message would be one to decide about."""
    monkeypatch.setattr(circuit_breaker, "TRY_EVERY", 0.4)
    phones = [f"+49171391{n:04d}" for n in range(120)]
    queue(world, *(order(number=phone, phone=phone) for phone in phones))
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    channel.fates |= dict.fromkeys(phones, OutcomeUnknown("HTML"))
    play(world, lambda: len(rows(world, tables.attempt, "id")) > circuit_breaker.FEW + 2)
    uncertain = len([status for (status,) in rows(world, tables.message, "status") if status == "unknown"])
    assert circuit_breaker.FEW <= uncertain < 60, "without it all 120"
    channel.fates.clear()
    play(world, lambda: "queued" not in states(world))
    assert len(channel.sent) == 120 - uncertain


def test_what_cannot_be_made_ready_has_not_left(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database hiccups between decision and POST: nobody has to wonder whether they left."""
    queue(world, order(phone=ANNA))
    monkeypatch.setattr(send, "_words", broken)
    with pytest.raises(ValueError):
        send.claim(world, "nummer", 10)
    assert rows(world, tables.message, "status") == [("queued",)]
    assert rows(world, tables.attempt, "id") == []


def test_what_a_number_may_is_not_forgotten_because_meta_does_not_answer(world: World, clock: Clock) -> None:
    limited = NumberFacts(throughput="HIGH", messaging_limit="TIER_2K", on_business_app=True)
    connect.keep(world.database, "nummer", limited, clock())
    connect.keep(world.database, "nummer", NumberFacts(reachable=False, errors={"number": -1}), clock())
    with world.database.read() as connection:
        facts = numbers.facts_of(connection)["nummer"]
    assert (facts.rate, facts.people_per_day, facts.reachable) == (20, 2_000, False)
    raised = NumberFacts(throughput="STANDARD", messaging_limit="TIER_UNLIMITED")
    connect.keep(world.database, "nummer", raised, clock())
    with world.database.read() as connection:
        facts = numbers.facts_of(connection)["nummer"]
    assert (facts.rate, facts.people_per_day) == (80, None)
