"""Pretend Shopify shops on loopback: one server, any number of shops, each at an address of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, TypeVar

import httpx
import uvicorn
from graphql import GraphQLSchema
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from integration.sandbox.bus import Bus
from integration.sandbox.courier import Courier
from integration.sandbox.shopify.engine import Engine
from integration.sandbox.shopify.http import AdminApi
from integration.sandbox.shopify.shop import AdminShop
from integration.sandbox.shopify.webhooks import Webhooks

T = TypeVar("T")


@dataclass
class Town:
    """The running shops."""

    address: str
    shops: list[AdminShop]
    webhooks: list[Webhooks]
    courier: Courier
    loop: asyncio.AbstractEventLoop

    def url(self, n: int = 0) -> str:
        """Where shop `n` answers."""
        return f"{self.address}/{n}"

    def do(self, deed: Callable[[], T]) -> T:
        """Do something in the shops' own thread, so that no request sees half of it."""

        async def done() -> T:
            return deed()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(60)

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> bool:
        """Wait for what comes over the wire."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, n: int = 0, token: str = ""
    ) -> httpx.Response:
        """One request, as somebody who shares no code with the connector would send it."""
        return httpx.post(
            f"{self.url(n)}/admin/api/2026-10/graphql.json",
            json={"query": query},
            headers={"X-Shopify-Access-Token": token or "shpat_permanent"},
            trust_env=False,
            timeout=60,
        )


class Dated:
    """The Date of an answer is the shop's own, which tests move."""

    def __init__(self, app: Any, shop: AdminShop) -> None:
        self._app = app
        self._shop = shop

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                stamp = format_datetime(self._shop.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", []), (b"date", stamp)]
            await send(message)

        await self._app(scope, receive, dated)


@contextmanager
def town(
    shops: Sequence[AdminShop], backoff: float = 0.0, schemas: Mapping[str, GraphQLSchema] | None = None
) -> Iterator[Town]:
    """Serve the shops until the block ends; each knows the permanent token shpat_permanent."""
    bus = Bus()
    courier = Courier(bus, backoff, shops[0].clock)
    webhooks = [Webhooks(shop, courier.dispatch) for shop in shops]
    engine = Engine(schemas)
    loops: list[asyncio.AbstractEventLoop] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        loops.append(asyncio.get_running_loop())
        yield
        await bus.aclose()
        await courier.aclose()

    for shop in shops:
        shop.tokens.permanent("shpat_permanent")
    routes = [
        Mount(f"/{n}", routes=AdminApi(shop, engine).routes(), middleware=[Middleware(Dated, shop=shop)])
        for n, shop in enumerate(shops)
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1, date_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Town(f"http://127.0.0.1:{port}", list(shops), webhooks, courier, loops[0])
    finally:
        server.should_exit = True
        thread.join()
