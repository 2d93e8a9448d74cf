"""Fetches the letters of every mailbox: each three seconds, more slowly while one does not answer.

A letter is acknowledged only after its commit, with the next request. Whoever dies in between gets it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final

import httpx

from connectors.mailbox.client import TIMEOUT, Letter, Mailbox, MailboxFailed
from integration import log, metrics
from integration.flow.webhooks.mailbox import Reception
from integration.flow.world import World
from integration.store.leases import Lease
from integration.store.shops import mailboxes

PAUSE: Final = 3.0
#: for a plugin's mailbox when the shop reaches us without it, and no letter came for a while
QUIET_PAUSE: Final = 60.0
QUIET_AFTER: Final = 600.0
LONGEST_PAUSE: Final = 300.0
REFUSED: Final = frozenset({Reception.UNSIGNED, Reception.UNKNOWN, Reception.REPLAYED})
logger = log.get("mailboxes")

Take = Callable[[str, Mapping[str, str], bytes, datetime, datetime], Awaitable[Reception]]


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox to ask. `addresses` are those that it takes letters for; an `eager` one is never asked less often."""

    name: str
    url: str
    token: str = field(repr=False)
    addresses: Mapping[str, str]
    eager: bool = True


class Mailboxes:
    """Asks all mailboxes until it is stopped; `boxes` is asked again and again, so a new pairing is noticed."""

    def __init__(self, world: World, boxes: Callable[[], Sequence[Box]], take: Take) -> None:
        self._world = world
        self._boxes = boxes
        self._take = take
        self._rounds: dict[str, tuple[Box, asyncio.Task[None]]] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Ask until `stop`."""
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
            pulse = self._world.pulses.begin("mailboxes")
            while not self._stopping.is_set():
                pulse.beat()
                await self._look(http)
                await _wait(self._stopping, PAUSE)
            await self._end(list(self._rounds))
            self._world.pulses.end(pulse)

    async def _look(self, http: httpx.AsyncClient) -> None:
        try:
            present = await asyncio.to_thread(self._boxes)
        except Exception as error:
            logger.error("mailboxes_unknown", error=log.brief(error))
            return
        await self._end([name for name, (box, _) in self._rounds.items() if box not in present])
        for box in present:
            if box.name not in self._rounds:
                walk = asyncio.create_task(Round(self._world, box, self._take, http).run())
                self._rounds[box.name] = (box, walk)

    async def _end(self, names: Sequence[str]) -> None:
        tasks = [self._rounds.pop(name)[1] for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Round:
    """The walks to one mailbox."""

    def __init__(self, world: World, box: Box, take: Take, http: httpx.AsyncClient) -> None:
        self._world = world
        self._box = box
        self._take = take
        self._mailbox = Mailbox(box.url, box.token, world.clock, http)
        self._lease = Lease(world.database, f"mailbox:{box.name}")
        self._done: list[str] = []
        self._failures = 0
        self._problem: str | None = None
        self._last_letter = monotonic()

    async def run(self) -> None:
        """Walk until cancelled."""
        try:
            while True:
                await asyncio.sleep(await self._walk_safely())
        finally:
            self._lease.release()

    async def _walk_safely(self) -> float:
        try:
            return await self.walk()
        except Exception as error:  # the letters lie there still
            logger.error("letters_not_stored", mailbox=self._box.name, error=log.brief(error))
            return PAUSE

    async def walk(self) -> float:
        """Fetch what waits and store it. Returns how many seconds to rest."""
        if not await asyncio.to_thread(self._lease.hold):
            return PAUSE
        try:
            delivery = await self._mailbox.collect(self._done, self._box.addresses)
        except MailboxFailed as failed:
            await self._say(failed.problem)
            self._failures += 1
            return min(PAUSE * 2.0 ** min(self._failures, 10), LONGEST_PAUSE)
        # One that hands over again what it was told to throw away would be asked without end.
        came = not {letter.id for letter in delivery.letters} <= set(self._done)
        self._failures, self._done = 0, []
        await self._say("")
        await self._store(delivery.letters)
        return self._rest(came)

    async def _store(self, letters: Sequence[Letter]) -> None:
        results = await asyncio.gather(*map(self._take_one, letters), return_exceptions=True)
        pairs = list(zip(letters, results, strict=True))
        self._done = [letter.id for letter, result in pairs if isinstance(result, Reception)]
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _take_one(self, letter: Letter) -> Reception:
        # The mailbox's clock may be wrong, and what has arrived has happened.
        received_at = min(letter.arrived - self._mailbox.ahead, self._world.clock())
        headers = {name.lower(): value for name, value in letter.headers.items()}
        reception = await self._take(letter.to, headers, letter.body, received_at, letter.arrived)
        if reception in REFUSED:
            metrics.REFUSED.labels("mailbox", reception.value).inc()
            logger.warning("letter_refused", mailbox=self._box.name, reason=reception.value)
        return reception

    def _rest(self, came: bool) -> float:
        now = monotonic()
        if came:
            self._last_letter = now
            return 0
        quiet = not self._box.eager and now - self._last_letter > QUIET_AFTER
        return QUIET_PAUSE if quiet else PAUSE

    async def _say(self, problem: str) -> None:
        """Note when the mailbox begins or ceases to answer."""
        if problem == self._problem:
            return
        if problem or self._problem:
            logger.warning("mailbox_changed", mailbox=self._box.name, problem=problem or "none, it answers again")
        await asyncio.to_thread(self._note, problem)
        self._problem = problem

    def _note(self, problem: str) -> None:
        with self._world.database.write() as connection:
            mailboxes.note(connection, self._box.name, problem, self._world.clock())


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
