"""The real send loop with a real database full of queued messages, at any rate."""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.children import talk
from benchmarks.orders import SHOP, order
from benchmarks.place import SENDER
from connectors.whatsapp.client import WhatsAppChannel
from integration.domain.channel import Accepted, Envelope
from integration.domain.events import Origin, Snapshot
from integration.domain.status import MessageStatus
from integration.flow import react
from integration.flow.world import World
from integration.settings import Settings, load
from integration.store.tables import message
from integration.wiring import build_world, now
from jobs.sender import SendLoop, in_flight

BATCH = 250
WARM_UP = 1.0


class Counting:
    """The channel, counting what was accepted."""

    def __init__(self, channel: WhatsAppChannel) -> None:
        self._channel = channel
        self.done = 0

    async def send(self, envelope: Envelope) -> Accepted:
        """Send one message."""
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
        settings = self._settings.senders[SENDER].model_copy(update={"rate": rate})
        channel = Counting(WhatsAppChannel(settings, in_flight(rate)))
        sender = replace(self._world.senders[SENDER], rate=rate, channel=channel)
        loop = SendLoop(self._world, sender)
        running = asyncio.create_task(loop.run())
        measured = await measured_over(channel, seconds)
        loop.stop()
        await running
        await channel.close()
        return measured


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
            react.take(world, connection, found[start : start + BATCH], (), Origin.POLL, now())


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
    await talk.listen({"ready": True}, {"fill": sending.fill, "hold": sending.hold})


if __name__ == "__main__":
    talk.run(main())
