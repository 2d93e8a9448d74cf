"""Answers that are no answers, and answers that take their time."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"
_HALF: Final = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{"messaging_product": "wha'
)
#: how many bytes of a trickling answer come at once
DROP: Final = 16


def html_500() -> Response:
    """A proxy's page instead of Meta's envelope."""
    return HTMLResponse(_HTML, 500)


async def hang(request: Request, longest: float = 120.0) -> Response:
    """Never answer; ends when the caller gives up."""
    try:
        async with asyncio.timeout(longest):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass
    return html_500()


async def reset(request: Request) -> Response:
    """Cut the connection without a byte (only where uvicorn's transport is at hand)."""
    return await _cut(request, b"")


async def cut(request: Request) -> Response:
    """Begin to answer, and cut the connection in the middle of a word."""
    return await _cut(request, _HALF)


async def _cut(request: Request, first: bytes) -> Response:
    transport = getattr(getattr(request.receive, "__self__", None), "transport", None)
    if transport is None:
        return html_500()
    if first and not transport.is_closing():  # the caller may have died meanwhile
        transport.write(first)
        await asyncio.sleep(0.05)
    transport.abort()
    await asyncio.sleep(0.05)  # lets uvicorn notice, so that it stays quiet about the missing answer
    return Response(status_code=500)


def trickle(answer: dict[str, Any], pause: float) -> Response:
    """The whole answer, a few bytes at a time."""
    body = json.dumps(answer).encode()

    async def drops() -> AsyncIterator[bytes]:
        for start in range(0, len(body), DROP):
            await asyncio.sleep(pause)
            yield body[start : start + DROP]

    return StreamingResponse(drops(), media_type="application/json", headers={"content-length": str(len(body))})
