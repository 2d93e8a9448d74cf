"""The send loops of all numbers: one each, begun and ended as numbers come, change and go."""

import asyncio

from integration.flow.world import Sender, World
from jobs.loops.sender import SendLoop

Running = tuple[Sender, SendLoop, "asyncio.Task[None]"]


class SendLoops:
    """Keeps one send loop running for each number of the world. Belongs to one event loop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._running: dict[str, Running] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def match(self) -> None:
        """Begin the loops of new numbers and end those of old ones; call from any thread."""
        self._loop.call_soon_threadsafe(self._match)

    def wake(self) -> None:
        """Something may be due; call from any thread."""
        for _, send_loop, _ in list(self._running.values()):
            self._loop.call_soon_threadsafe(send_loop.wake)

    async def stop(self) -> None:
        """End all loops, each after storing the answers to what is in flight."""
        for slug in list(self._running):
            self._end(slug)
        while self._ending:
            await asyncio.wait(self._ending)

    def _match(self) -> None:
        present = dict(self._world.senders.items())
        for slug, (sender, _, _) in list(self._running.items()):
            if present.get(slug) is not sender:
                self._end(slug)
        for slug, sender in present.items():
            if slug not in self._running:
                send_loop = SendLoop(self._world, sender)
                self._running[slug] = (sender, send_loop, asyncio.create_task(send_loop.run()))

    def _end(self, slug: str) -> None:
        sender, send_loop, task = self._running.pop(slug)
        send_loop.stop()
        ending = asyncio.create_task(_ended(sender, task))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def _ended(sender: Sender, task: "asyncio.Task[None]") -> None:
    await task
    await sender.channel.close()
