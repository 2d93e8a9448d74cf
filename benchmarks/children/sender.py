"""The real send loop with a real database full of queued messages, at any rate."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from benchmarks.children import talk
from benchmarks.orders import SHOP, order
from benchmarks.place import SENDER
from connectors.whatsapp.client import WhatsAppChannel
from integration.domain.messages.channel import Accepted, Envelope
from integration.domain.messages.status import MessageStatus
from integration.domain.shops.events import Origin, Snapshot
from integration.flow.shops import absorb
from integration.flow.world import World
from integration.run.wiring import build_world, now
from integration.settings.settings import Settings, load
from integration.store.tables import attempt, message
from jobs.loops.sender import SendLoop, in_flight

BATCH = 250
HANDLERS = ("fill", "hold", "punctual", "drain")
WARM_UP = 1.0


class Counting:
    """The channel, counting what was accepted, and noting when each request began."""

    def __init__(self, channel: WhatsAppChannel) -> None:
        self._channel = channel
        self.done = 0
        self.begun: dict[str, datetime] = {}

    async def send(self, envelope: Envelope) -> Accepted:
        """Send one message."""
        self.begun[envelope.attempt_id] = now()
        accepted = await self._channel.send(envelope)
        self.done += 1
        return accepted

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


class Sending:
    """One world whose number gets another rate for each run."""

    def __init__(self, settings: Settings, home: Path) -> None:
        self._settings = settings
        self._world = build_world(settings, home)
        self._next = 0

    async def fill(self, count: int) -> dict[str, Any]:
        """Queue messages up to `count`, the real way: orders become consents, events, decisions, messages."""
        missing = max(0, count - self._waiting())
        queue_orders(self._world, self._next, missing)
        self._next += missing
        return {}

    def _waiting(self) -> int:
        query = select(func.count()).where(message.c.status == MessageStatus.QUEUED)
        with self._world.database.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    async def hold(self, rate: float, seconds: float) -> dict[str, Any]:
        """Send at `rate` and measure after a moment of warming up."""
        async with self._sending(rate) as channel:
            return await measured_over(channel, seconds)

    async def punctual(self, rate: float, seconds: float) -> dict[str, Any]:
        """Let one message become due every 1/`rate` s; how late each request began, in ms, sorted."""
        count = int(rate * seconds)
        _spread(self._world, count, rate)
        async with self._sending(rate) as channel, asyncio.timeout(seconds + 60):
            while channel.done < count:
                await asyncio.sleep(0.1)
        return {"late_ms": sorted(_late(self._world, channel.begun))}

    async def drain(self, rate: float) -> dict[str, Any]:
        """Send everything that waits."""
        waiting = self._waiting()
        async with self._sending(rate) as channel:
            while channel.done < waiting:
                await asyncio.sleep(0.05)
        return {"sent": channel.done}

    @asynccontextmanager
    async def _sending(self, rate: float) -> AsyncIterator[Counting]:
        settings = self._settings.senders[SENDER].model_copy(update={"rate": rate})
        channel = Counting(WhatsAppChannel(settings, in_flight(rate)))
        sender = replace(self._world.senders[SENDER], rate=rate, channel=channel)
        loop = SendLoop(self._world, sender)
        running = asyncio.create_task(loop.run())
        try:
            yield channel
        finally:
            loop.stop()
            await running
            await channel.close()


def _spread(world: World, count: int, rate: float) -> None:
    """`count` messages become due one after the other, from a second from now on; the others later."""
    start = now() + timedelta(seconds=1)
    with world.database.write() as connection:
        waiting = select(message.c.id).where(message.c.status == MessageStatus.QUEUED).order_by(message.c.id)
        for n, id_ in enumerate(connection.execute(waiting).scalars().all()):
            due = start + (timedelta(seconds=n / rate) if n < count else timedelta(hours=1))
            connection.execute(update(message).where(message.c.id == id_).values(send_after=due))


def _late(world: World, begun: Mapping[str, datetime]) -> Iterator[float]:
    query = select(attempt.c.id, message.c.send_after).join(message, message.c.id == attempt.c.message_id)
    with world.database.read() as connection:
        for id_, due in connection.execute(query):
            if id_ in begun:
                yield (begun[id_] - due).total_seconds() * 1000


async def measured_over(counter: Any, seconds: float) -> dict[str, Any]:
    """Rate and CPU of this process while `counter.done` grows."""
    await asyncio.sleep(WARM_UP)
    done, cpu, began = counter.done, time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    return {"rate": (counter.done - done) / took, "cores": (time.process_time() - cpu) / took}


def queue_orders(world: World, first: int, count: int) -> None:
    """Let `count` new orders, from `first` on, become queued messages."""
    found = list(_orders(world, first, count))
    for start in range(0, count, BATCH):
        with world.database.write() as connection:
            absorb.take(world, connection, found[start : start + BATCH], (), Origin.POLL, now())


def _orders(world: World, first: int, count: int) -> Iterator[Snapshot]:
    shop = world.shops[SHOP]
    model = shop.connector.translate("orders/create", order(0), shop.context, now()).snapshots[0]
    for n in range(first, first + count):
        phone = f"0171{2_000_000 + n}"
        consent = {**model.facts["consent"], "phone": phone}
        facts = {**model.facts, "number": f"#{1001 + n}", "phone": phone, "consent": consent}
        yield replace(model, object_id=str(6_000_000_000_000 + n), facts=facts)


async def main() -> None:
    """Arguments: the folder."""
    home = Path(sys.argv[1])
    sending = Sending(load(home / "settings.toml"), home)
    await talk.listen({"ready": True}, {name: getattr(sending, name) for name in HANDLERS})


if __name__ == "__main__":
    talk.run(main())
