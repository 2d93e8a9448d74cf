"""How a child process listens: one JSON object per line in, one per line out; the end of the input ends it."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Handler = Callable[..., Awaitable[dict[str, Any]]]


def say(answer: dict[str, Any]) -> None:
    """Answer the parent."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def listen(ready: dict[str, Any], handlers: dict[str, Handler]) -> None:
    """Say ready, then obey commands until the parent closes the pipe or dies."""
    reader = asyncio.StreamReader(limit=2**20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(ready)
    while line := await reader.readline():
        command = json.loads(line)
        say(await handlers[command.pop("do")](**command))


def run(main: Awaitable[None]) -> None:
    """Run a child's main coroutine on uvloop, as the product does."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]
