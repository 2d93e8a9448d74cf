"""A pretend WhatsApp that accepts, refuses, falls silent, and keeps what every phone was shown and when."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from integration.domain.actions import Action
from integration.domain.errors import NotSent, OutcomeUnknown, Refused
from integration.domain.messages.channel import Accepted, Envelope
from integration.flow import send
from integration.flow.messages.throttle import GAP, Limits
from integration.flow.send import Dispatch
from integration.flow.world import World
from integration.sandbox.clock import Clock
from integration.store.messages.messages import Result


@dataclass(frozen=True, slots=True)
class Shown:
    """What a phone was shown: `kind` is the template's, "" for a free answer."""

    at: datetime
    phone: str
    kind: str
    words: dict[str, str]
    attempt: str

    @property
    def wamid(self) -> str:
        """Meta's id of the message."""
        return f"wamid.{self.attempt}"


@dataclass
class Phones:
    """The channel of one number. Now and then a request goes wrong, before or after it was accepted."""

    clock: Clock
    chance: Random
    shown: list[Shown] = field(default_factory=list)
    fresh: list[Shown] = field(default_factory=list)

    async def send(self, envelope: Envelope) -> Accepted:
        fate = self.chance.random()
        if fate < 0.03:
            raise NotSent("no connection")
        if fate < 0.05:
            raise Refused(131000, 500, "something went wrong", Action.RETRY, wait=60, tries=5)
        if fate < 0.06:
            raise OutcomeUnknown("a timeout before it arrived")
        self._show(envelope)
        if fate < 0.08:
            raise OutcomeUnknown("a timeout after it arrived")
        return Accepted(f"wamid.{envelope.attempt_id}")

    async def close(self) -> None:
        return None

    def _show(self, envelope: Envelope) -> None:
        kind = (envelope.template or "").removeprefix("lb_").rpartition("_v")[0]
        kind = kind.removesuffix("_du").removesuffix("_sie")
        one = Shown(
            self.clock.now(), envelope.to or "", kind, {k: str(v) for k, v in envelope.variables.items()},
            envelope.attempt_id,
        )  # fmt: skip
        self.shown.append(one)
        self.fresh.append(one)


class Loop:
    """The send loop of one process: what it remembers of the number's limits dies with it."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock, self._limits = world, clock, Limits()

    def run(self) -> None:
        """Until nothing is due: what one round brought is stored by the next, some seconds later."""
        results: list[Result] = []
        for _ in range(20):
            batch = send.claim(self._world, "nummer", 100, results, self._limits)
            if not batch and not results:
                return
            results = asyncio.run(self._dispatched(batch))
            self._clock.move(GAP)

    async def _dispatched(self, batch: Sequence[Dispatch]) -> list[Result]:
        results = [await send.dispatch(self._world, self._world.senders["nummer"].channel, item) for item in batch]
        for item in batch:
            self._limits.pairs.end(item.message.contact_id)
        return results
