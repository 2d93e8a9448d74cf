"""What is done with what is known already: a rehearsal over stored orders, and Meta's statuses of what was sent."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from benchmarks.children import talk
from benchmarks.children.sender import queue_orders
from benchmarks.place import ACCOUNT, NUMBER, SENDER
from integration.domain.messages.channel import Accepted, Envelope
from integration.flow import answer, send
from integration.flow.notifications.rehearsal import rehearse
from integration.flow.world import World
from integration.run.wiring import build_world, now
from integration.settings.settings import load
from integration.store.tables import message, status
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

CLAIM = 200
STEPS = ("sent", "delivered", "read")
PRICE = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}


class Agreeing:
    """A WhatsApp that takes everything at once."""

    async def send(self, envelope: Envelope) -> Accepted:
        """Take one message."""
        return Accepted(f"wamid.{envelope.attempt_id}")

    async def close(self) -> None:
        """Nothing is open."""


class Known:
    """A world with orders and messages."""

    def __init__(self, home: Path) -> None:
        self._world = build_world(load(home / "settings.toml"), home)
        self._attempts: list[tuple[str, str]] = []

    async def fill(self, orders: int) -> dict[str, Any]:
        """So many orders, each with its message."""
        await asyncio.to_thread(queue_orders, self._world, 0, orders)
        return {}

    async def rehearse(self) -> dict[str, Any]:
        """Tell all of them again; the CPU of that."""
        at, steps = now(), 0

        def told(_done: int, _total: int) -> None:
            nonlocal steps
            steps += 1

        cpu = time.process_time()
        found = rehearse(self._world, at - timedelta(days=30), at, told)
        return {"cpu": time.process_time() - cpu, "orders": found.orders, "steps": steps}

    async def send(self) -> dict[str, Any]:
        """Let everything that is queued be accepted."""
        results: list[Any] = []
        while batch := send.claim(self._world, SENDER, CLAIM, results):
            self._attempts += [(item.attempt.id, item.envelope.to or "") for item in batch]
            results = [await send.dispatch(self._world, Agreeing(), item) for item in batch]
        send.claim(self._world, SENDER, 0, results)
        return {"sent": len(self._attempts)}

    async def follow(self, batch: int) -> dict[str, Any]:
        """Take in three statuses of each message, `batch` in a body; CPU, and how many arrived."""
        for body in _bodies(self._attempts, batch):
            item = InboxItem("meta", SENDER, "whatsapp", {}, body, False, now())
            with self._world.database.write() as connection:
                inbox.add(connection, [item])
        cpu = time.process_time()
        while answer.run(self._world):
            pass
        return {"cpu": time.process_time() - cpu} | _arrived(self._world)


def _arrived(world: World) -> dict[str, int]:
    with world.database.read() as connection:
        stored = connection.execute(select(func.count()).select_from(status)).scalar_one()
        read = connection.execute(select(func.count()).where(message.c.status == "read")).scalar_one()
    return {"stored": stored, "read": read}


def _bodies(attempts: Sequence[tuple[str, str]], batch: int) -> Iterator[bytes]:
    at = int(now().timestamp())
    found = [
        {
            "id": f"wamid.{attempt}", "status": step, "timestamp": str(at + n), "recipient_id": to.lstrip("+"),
            "biz_opaque_callback_data": attempt, "pricing": PRICE,
        }
        for n, step in enumerate(STEPS)
        for attempt, to in attempts
    ]  # fmt: skip
    for start in range(0, len(found), batch):
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}}
        value["statuses"] = found[start : start + batch]
        entry = {"id": ACCOUNT, "changes": [{"field": "messages", "value": value}]}
        yield orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


async def main() -> None:
    """Arguments: the folder."""
    known = Known(Path(sys.argv[1]))
    calls = {"fill": known.fill, "rehearse": known.rehearse, "send": known.send, "follow": known.follow}
    await talk.listen({"ready": True}, calls)


if __name__ == "__main__":
    talk.run(main())
