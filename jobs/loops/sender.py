"""The send loop: one per WhatsApp number, on the event loop; the database's part runs in a thread.

A token bucket keeps the number's rate, a bound keeps the requests in flight. Results are collected and stored in the
same commit that claims the next messages.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from integration import log, metrics
from integration.domain.actions import Action
from integration.domain.messages.status import Outcome
from integration.domain.numbers.numbers import STANDARD_RATE
from integration.flow import send
from integration.flow.messages.throttle import Limits
from integration.flow.send import Dispatch
from integration.flow.world import Sender, World
from integration.store.leases import Lease
from integration.store.messages.messages import Result
from integration.store.numbers import numbers
from jobs.loops.circuit_breaker import Doubt
from jobs.loops.token_bucket import Bucket

#: how long the loop collects results and tokens before the next commit: 8 messages at 80/s
TICK = 0.1
IDLE = 1.0
#: how often the loop looks what Meta allows the number by now, in seconds
LOOK_EVERY = 60.0
MOST_PER_CLAIM = 200
FLUSHES = 5
#: how often results are stored together before each is stored alone
TOGETHER = 3
logger = log.get("sender")


def in_flight(rate: float) -> int:
    """How many requests to Meta may be under way: two seconds' worth, at most 400."""
    return max(4, min(int(rate * 2), 400))


def allowed_rate(chosen: float | None, told: float | None) -> float:
    """Messages a second: what Meta told, at most what the owner chose; the usual rate while neither is known."""
    return min((rate for rate in (chosen, told) if rate), default=STANDARD_RATE)


class SendLoop:
    """Sends the due messages of one number until it is stopped."""

    def __init__(self, world: World, sender: Sender) -> None:
        self._world = world
        self._sender = sender
        self._lease = Lease(world.database, f"sender:{sender.slug}")
        self._bucket = Bucket(allowed_rate(sender.rate, None))
        self._limits = Limits()
        self._doubt = Doubt()
        self._looked = -LOOK_EVERY
        self._flying: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"send-{sender.slug}")
        self._stopping = False
        self._failures = 0
        self._short = False

    def wake(self) -> None:
        """Something may be due; call on the event loop."""
        self._wake.set()

    async def run(self) -> None:
        """Send until `stop`; then wait for what is in flight and store its results."""
        pulse = self._world.pulses.begin(f"sender:{self._sender.slug}")
        while not self._stopping:
            pulse.beat()
            try:
                found = await self._round()
            except Exception as error:
                logger.error("round_failed", sender=self._sender.slug, error=log.brief(error))
                found = 0
                await asyncio.sleep(IDLE)
            if not self._limits.more:  # else whoever has to wait would hold up those behind
                await self._rest(found)
        while self._flying:
            await asyncio.wait(self._flying)
        await self._flush()
        self._world.pulses.end(pulse)
        self._lease.release()
        self._thread.shutdown()

    async def _flush(self) -> None:
        """Store the last answers of Meta's; a database that is busy for a moment must not cost them."""
        for _ in range(FLUSHES):
            try:
                await self._in_thread(0)
                return
            except Exception as error:
                logger.error("flush_failed", sender=self._sender.slug, error=log.brief(error))
                await asyncio.sleep(IDLE)

    def stop(self) -> None:
        """Begin no further message."""
        self._stopping = True
        self._wake.set()

    async def _round(self) -> int:
        self._wake.clear()
        free = in_flight(self._bucket.ceiling) - len(self._flying)
        tokens = self._bucket.available()
        self._short = not tokens
        most = self._doubt.most(min(tokens, free, MOST_PER_CLAIM), len(self._flying))
        batch = await self._in_thread(0 if self._stopping else most)
        self._bucket.take(len(batch), self._world.incoming.taken(self._sender.slug))
        for item in batch:
            task = asyncio.create_task(self._deliver(item))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return len(batch)

    async def _in_thread(self, most: int) -> list[Dispatch]:
        results, self._results = self._results, []
        try:
            batch = await asyncio.get_running_loop().run_in_executor(self._thread, self._claim, most, results)
        except Exception:
            self._results = results + self._results  # an answer of Meta's is never dropped
            self._failures += 1
            raise
        self._failures = 0
        metrics.IN_FLIGHT.inc(len(batch) - len(results))
        return batch

    def _claim(self, most: int, results: list[Result]) -> list[Dispatch]:
        if results and self._failures >= TOGETHER:
            send.store_singly(self._world, self._sender.slug, results)
            results = []
        mine = most if most and self._lease.hold() else 0
        if mine and monotonic() - self._looked > LOOK_EVERY:
            self._look()
        return send.claim(self._world, self._sender.slug, mine, results, self._limits)

    def _look(self) -> None:
        """Follow what Meta allows this number now."""
        with self._world.database.read() as connection:
            facts = numbers.facts_of(connection).get(self._sender.slug)
        self._bucket.ceiling = allowed_rate(self._sender.rate, facts.rate if facts else None)
        self._limits.people_per_day = facts.people_per_day if facts else None
        self._looked = monotonic()

    async def _deliver(self, item: Dispatch) -> None:
        result = await send.dispatch(self._world, self._sender.channel, item)
        self._limits.pairs.end(item.message.contact_id)
        if result.outcome is not Outcome.NOT_SENT:
            self._doubt.note(unclear=result.outcome is Outcome.UNKNOWN)
        if result.refusal and result.refusal.action is Action.THROTTLE:
            self._bucket.slow_down(item.committed)
        self._results.append(result)
        self._wake.set()

    async def _rest(self, found: int) -> None:
        """Sleep until there is something to do, at least one tick while busy."""
        if self._stopping:
            return
        if found or self._results or self._flying:
            await asyncio.sleep(TICK)
        if not found and not self._results:
            # nothing was asked for without a token: there may be more to send the moment there is one
            longest = min(IDLE, self._bucket.wait()) if self._short else IDLE
            try:
                await asyncio.wait_for(self._wake.wait(), longest)
            except TimeoutError:
                return
