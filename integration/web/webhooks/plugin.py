"""POST /plugin/{shop}: what a shop's companion plugin reports, signed and timed."""

from starlette.types import Receive, Scope, Send

from integration.flow.webhooks.plugin import Fact
from integration.web import asgi
from integration.web.asgi import Answer
from integration.web.deps import WebDeps
from integration.web.webhooks.hooks import received, refused, safely

LIMIT = 1_000_000


class PluginFacts:
    """The addresses for companion plugins, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        shop = self._deps.shops.get(scope["path_params"]["shop"])
        if shop is None:
            return await asgi.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await asgi.NO_METHOD(send)
        body = await received("plugin", scope, receive, LIMIT)
        if isinstance(body, bytes):
            body = await safely("plugin", shop.slug, self._answer(shop.slug, asgi.headers_of(scope), body))
        if body:
            await body(send)

    async def _answer(self, shop: str, headers: dict[str, str], body: bytes) -> Answer:
        now = self._deps.world.clock()
        fact = await self._deps.gate.take(shop, headers, body, now, arrived=now)
        return asgi.OK if fact is Fact.STORED else refused("plugin", fact.value, asgi.UNSIGNED)
