"""POST /connect/{shop}: a shop sends its keys, after its owner agreed on the shop's own page."""

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from integration.web import asgi
from integration.web.asgi import Answer
from integration.web.deps import WebDeps
from integration.web.webhooks.hooks import received, refused, safely

LIMIT = 10_000
NOT_ASKED = Answer(403, "nobody asked this shop for keys")


class ConnectCallback:
    """The addresses that shops post their keys to, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        slug = scope["path_params"]["shop"]
        if slug not in self._deps.shops:
            return await asgi.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await asgi.NO_METHOD(send)
        body = await received("connect", scope, receive, LIMIT)
        if isinstance(body, bytes):
            body = await safely("connect", slug, self._answer(slug, body))
        if body:
            await body(send)

    async def _answer(self, slug: str, body: bytes) -> Answer:
        if await run_in_threadpool(self._deps.world.links.granted, slug, body):
            return asgi.OK
        return refused("connect", "not_asked", NOT_ASKED)
