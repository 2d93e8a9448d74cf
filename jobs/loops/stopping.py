"""The orderly end: nobody who restarts the service waits longer than for Meta's answers to what is under way.

Everything that runs in the background survives `kill -9`, so what waits for a slow shop, or for Meta about a template,
is left behind after a few seconds. Answers to messages are worth waiting for: without one nobody knows whether the
message left.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Sequence
from time import monotonic
from typing import Protocol

from integration import log
from jobs.loops.senders import SendLoops

#: seconds for what runs in the background
PATIENCE = 5.0
#: seconds for answers of Meta's: longer than a request takes at most (connectors/whatsapp/http.py), and with all the
#: rest shorter than systemd waits before it kills (90)
FOR_ANSWERS = 60.0
LOOK = 0.02
logger = log.get("run")


class Part(Protocol):
    """Something that runs in threads of its own until it is stopped."""

    def stop(self) -> None:
        """Begin nothing more, and wait for what is at hand."""


async def stop(parts: Sequence[Part], loops: SendLoops) -> None:
    """Stop everything that works."""
    await asyncio.gather(stop_all(parts), stop_sending(loops))


async def stop_all(parts: Sequence[Part], within: float = PATIENCE) -> None:
    """Stop all of them at once, and leave those behind that do not end in time."""
    ends = monotonic() + within
    threads = [threading.Thread(target=part.stop, name=type(part).__name__, daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and monotonic() < ends:
        await asyncio.sleep(LOOK)
    for thread in threads:
        if thread.is_alive():
            logger.warning("left_behind", part=thread.name)


async def stop_sending(loops: SendLoops) -> None:
    """Begin no further message, and wait for the answers to what is under way."""
    ending = asyncio.create_task(loops.stop())
    done, _ = await asyncio.wait({ending}, timeout=FOR_ANSWERS)
    if not done:  # the database does not answer, say; rescue finds what stayed *sending*
        logger.error("left_behind", part="send loops")
    for one in done:
        one.result()


def leave() -> None:
    """End this process, everything being stored: Python would wait for threads that are left behind, however long."""
    if threading.current_thread() is threading.main_thread():
        logging.shutdown()
        os._exit(0)
