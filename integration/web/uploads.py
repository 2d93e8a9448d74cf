"""Uploads: one file and a few fields, read with a limit, and only with the token of the session."""

from collections.abc import Awaitable, Callable, Iterator
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message

from integration.web import asgi
from integration.web.forms import Form, is_own
from integration.web.render import Pages

FIELDS = 80
PIECE = 256_000
#: what the fields around a file may take
AROUND = 64_000
Take = Callable[[Pages, Request, Form, str, Iterator[bytes]], Response]


def uploaded(
    pages: Pages, take: Take, too_large: Callable[[Pages, Request], Response], limit: int
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that hands a file over in pieces: `take` gets its name and its bytes, never the whole in memory."""

    async def endpoint(request: Request) -> Response:
        limited = Request(request.scope, _limited(request, limit + AROUND))
        try:
            async with limited.form(max_files=1, max_fields=FIELDS) as form:
                return await run_in_threadpool(_taken, pages, request, form, take)
        except asgi.TooLarge:
            return await run_in_threadpool(too_large, pages, request)
        except (HTTPException, MultiPartException):
            return PlainTextResponse("This upload could not be read.", 400)

    return endpoint


def _taken(pages: Pages, request: Request, form: FormData, take: Take) -> Response:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if not is_own(request, fields):
        return PlainTextResponse("This form has expired. Please load the page again.", 403)
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return PlainTextResponse("There is no file in this upload.", 400)
    return take(pages, request, fields, file.filename or "", _pieces(file.file))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _limited(request: Request, limit: int) -> Callable[[], Awaitable[Message]]:
    """The request's body, as long as it is within the limit. Raises raw.TooLarge."""
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise asgi.TooLarge
        return message

    return receive
