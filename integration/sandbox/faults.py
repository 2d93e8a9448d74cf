"""Answers that are no answers."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"


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
    transport = getattr(getattr(request.receive, "__self__", None), "transport", None)
    if transport is None:
        return html_500()
    transport.abort()
    await asyncio.sleep(0.05)  # lets uvicorn notice, so that it stays quiet about the missing answer
    return Response(status_code=500)
