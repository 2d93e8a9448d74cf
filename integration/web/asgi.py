"""Plain ASGI for the hot path: reading a bounded body, and answers built once."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

READ_SECONDS = 30.0


class TooLarge(Exception):
    """The body is larger than this address takes."""


class Disconnected(Exception):
    """The caller went away before the body was complete."""


class Answer:
    """A ready-made response; sending it allocates nothing."""

    def __init__(
        self, status: int, text: str, *headers: tuple[bytes, bytes], kind: bytes = b"text/plain; charset=utf-8"
    ) -> None:
        body = text.encode()
        own = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        self._start = {"type": "http.response.start", "status": status, "headers": [*own, *headers]}
        self._body = {"type": "http.response.body", "body": body}

    async def __call__(self, send: Send) -> None:
        """Send it."""
        await send(self._start)
        await send(self._body)


CLOSE = (b"connection", b"close")
OK = Answer(200, "ok")
FORBIDDEN = Answer(403, "wrong verify token")
NOT_FOUND = Answer(404, "no such webhook address")
NO_METHOD = Answer(405, "only POST is taken here", (b"allow", b"POST"))
UNSIGNED = Answer(401, "signature missing or wrong")
TOO_LARGE = Answer(413, "body too large", CLOSE)
TOO_SLOW = Answer(408, "body did not arrive in time", CLOSE)
TRY_LATER = Answer(503, "not stored, please send again", (b"retry-after", b"30"))


def header(scope: Scope, name: bytes) -> bytes:
    """One request header, empty when it is missing (servers hand names over in lower case)."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def headers_of(scope: Scope) -> dict[str, str]:
    """All request headers with lower-case names."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The raw body. Raises TooLarge as soon as that is known, Disconnected, or TimeoutError."""
    declared = header(scope, b"content-length")
    if declared and (not declared.isdigit() or int(declared) > limit):
        raise TooLarge
    async with asyncio.timeout(READ_SECONDS):
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            return _within(message.get("body", b""), limit)
        return await _gather(message, receive, limit)


async def _gather(message: Message, receive: Receive, limit: int) -> bytes:
    chunks = bytearray()
    while message["type"] == "http.request":
        chunks += message.get("body", b"")
        if len(chunks) > limit:
            raise TooLarge
        if not message.get("more_body"):
            return bytes(chunks)
        message = await receive()
    raise Disconnected


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge
    return body
