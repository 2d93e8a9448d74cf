"""Nobody who has to wait holds up those behind, and nothing of Meta's answers stops a number for good."""

import asyncio
from dataclasses import replace
from time import monotonic

from worlds import Clock, RememberingChannel, order, post

from integration.domain.numbers import NumberFacts
from integration.flow import numbers, react
from integration.flow.world import World
from integration.store import numbers as known
from jobs.sender import SendLoop

ANNA, LAST = "+491713910001", "+491713919999"


def queue(world: World, *orders) -> None:
    post(world, *orders)
    react.run(world)


def play(world: World, until, within: float = 15, rate: float = 80) -> None:
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


def test_a_long_run_of_people_who_must_wait_holds_nobody_up(world: World, clock: Clock) -> None:
    """300 messages to one person are due before the one to somebody else: two a second were looked at once."""
    queue(world, *(order(number=str(n), phone=ANNA) for n in range(300)))
    clock.advance(seconds=1)
    queue(world, order(number="last", phone=LAST))
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    began = monotonic()
    play(world, lambda: any(e.to == LAST for e in channel.sent), rate=20)
    assert any(e.to == LAST for e in channel.sent)
    assert monotonic() - began < 15, "300 at 4 a second would take 75 seconds"


def test_what_a_number_may_is_not_forgotten_because_meta_does_not_answer(world: World, clock: Clock) -> None:
    limited = NumberFacts(throughput="HIGH", messaging_limit="TIER_2K", on_business_app=True)
    numbers.keep(world.database, "nummer", limited, clock())
    numbers.keep(world.database, "nummer", NumberFacts(reachable=False, errors={"number": -1}), clock())
    with world.database.read() as connection:
        facts = known.facts_of(connection)["nummer"]
    assert (facts.rate, facts.people_per_day, facts.reachable) == (20, 2_000, False)
    raised = NumberFacts(throughput="STANDARD", messaging_limit="TIER_UNLIMITED")
    numbers.keep(world.database, "nummer", raised, clock())
    with world.database.read() as connection:
        facts = known.facts_of(connection)["nummer"]
    assert (facts.rate, facts.people_per_day) == (80, None)
