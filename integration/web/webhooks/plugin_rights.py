"""POST /plugin/{shop}/rights: a shop's own privacy tool asks for a copy of somebody's data, or for their erasure.

Signed and timed like every report of the plugin's, each once; so is the answer, for it holds personal data.
"""

from functools import partial
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from integration.domain import signing
from integration.domain.text import Language, language_of
from integration.flow.privacy import shop_requests
from integration.flow.privacy.shop_requests import Asked
from integration.flow.webhooks.plugin import Fact
from integration.flow.world import World
from integration.store.shops import pairing
from integration.store.webhooks.inbox import InboxItem
from integration.web import asgi
from integration.web.asgi import Answer
from integration.web.deps import WebDeps
from integration.web.webhooks.hooks import received, refused, safely

LIMIT = 10_000
JSON = b"application/json"
MOST_PAGES = 100_000


class PluginRights:
    """The addresses for requests about people's data, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        shop, world = self._deps.shops.get(scope["path_params"]["shop"]), self._deps.world
        if shop is None:
            return await asgi.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await asgi.NO_METHOD(send)
        body = await received("plugin", scope, receive, LIMIT)
        if isinstance(body, bytes):
            body = await safely("plugin", shop.slug, self._answer(world, shop.slug, asgi.headers_of(scope), body))
        if body:
            await body(send)

    async def _answer(self, world: World, shop: str, headers: dict[str, str], body: bytes) -> Answer:
        now, answers = self._deps.world.clock(), []

        async def put(item: InboxItem) -> None:
            answers.append(await run_in_threadpool(answered, world, shop, item.body))

        fact = await self._deps.gate.take(shop, headers, body, now, arrived=now, put=put)
        if fact is not Fact.STORED:
            return refused("plugin", fact.value, asgi.UNSIGNED)
        return await run_in_threadpool(partial(self._signed, shop, answers[0]))

    def _signed(self, shop: str, told: dict[str, Any]) -> Answer:
        content = orjson.dumps(told)
        with self._deps.world.database.read() as connection:
            found = pairing.get(connection, self._deps.world.vault, shop)
        headers = signing.sign(found.secret if found else "", content, self._deps.world.clock())
        own = [(name.encode(), value.encode()) for name, value in headers.items()]
        return Answer(200, content.decode(), *own, (b"cache-control", b"no-store"), kind=JSON)


def answered(world: World, shop: str, body: bytes) -> dict[str, Any]:
    """What a verified request is answered: `error`, or the fields of docs/woocommerce-plugin.md."""
    from integration.web.papers import shop_copy  # fpdf takes 20 MB: only who prints pays for it

    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    found = told if isinstance(told, dict) else {}
    email, reference = (value if isinstance(value := found.get(name), str) else "" for name in ("email", "id"))
    page = found.get("page")
    if not 3 <= len(email) <= 200 or not 1 <= len(reference) <= 64:
        return {"error": "malformed"}
    asked, language = Asked(shop, email, reference, world.clock()), _language(world, shop)
    if found.get("event") == "privacy.erase":
        return shop_copy.erased(world, asked, shop_requests.erase(world, asked), language)
    if found.get("event") == "privacy.export" and isinstance(page, int) and 1 <= page <= MOST_PAGES:
        return shop_copy.page(world, asked, page, language)
    return {"error": "malformed"}


def _language(world: World, shop: str) -> Language:
    return language_of(world.shops[shop].language, "de")
