"""The stream that keeps pages fresh: bounded, and its places are given back."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from integration.store.db import Database
from integration.web.live import LISTENERS, Live

REQUEST = Request({"type": "http", "method": "GET", "path": "/live", "headers": []})


async def begun(live: Live) -> AsyncIterator[str]:
    """A stream that has sent its first line."""
    answer = await live.endpoint(REQUEST)
    assert isinstance(answer, StreamingResponse)
    stream = aiter(answer.body_iterator)
    assert (await anext(stream)) == "retry: 3000\n\n"
    return stream


def test_no_more_listen_than_there_are_places(database: Database) -> None:
    async def main() -> tuple[Response, Response]:
        live = Live(database)
        streams = [await begun(live) for _ in range(LISTENERS)]
        refused = await live.endpoint(REQUEST)
        await streams[0].aclose()
        taken = await live.endpoint(REQUEST)
        for stream in streams[1:]:
            await stream.aclose()
        return refused, taken

    refused, taken = asyncio.run(main())
    assert (LISTENERS, refused.status_code, refused.headers["retry-after"]) == (20, 503, "60")
    assert taken.status_code == 200
