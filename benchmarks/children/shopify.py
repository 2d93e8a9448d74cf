"""Pretend Shopify shops, each at an address of its own: /0, /1, …"""

import asyncio
import itertools
import sys
from datetime import timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from benchmarks.children import talk
from integration.sandbox.clock import Clock
from integration.sandbox.shopify import seed
from integration.sandbox.shopify.engine import Engine
from integration.sandbox.shopify.http import AdminApi
from integration.sandbox.shopify.shop import AdminShop
from integration.sandbox.shopify.tokens import App

TOKEN = "shpat_benchmark"


class Town:
    """The shops and their common clock."""

    def __init__(self, count: int) -> None:
        self.clock = Clock()
        self.shops = [AdminShop(f"bench-{n}.myshopify.com", f"Laden {n}", App(), self.clock) for n in range(count)]
        for shop in self.shops:
            shop.tokens.permanent(TOKEN)

    def app(self) -> Starlette:
        """Every shop below its number."""
        engine = Engine()
        return Starlette(
            routes=[Mount(f"/{n}", routes=AdminApi(shop, engine).routes()) for n, shop in enumerate(self.shops)]
        )

    async def seed(self, count: int) -> dict[str, Any]:
        """So many orders in each shop, changed within the last minutes."""
        for n, shop in enumerate(self.shops):
            seed.many(shop, count, seed=n, gap=timedelta(milliseconds=20))
        return {}

    async def move(self, seconds: float) -> dict[str, Any]:
        """Time passes in the shops."""
        self.clock.move(timedelta(seconds=seconds))
        return {}

    async def forget(self) -> dict[str, Any]:
        """Count anew."""
        for shop in self.shops:
            shop.asked.clear()
            shop.bucket.spent = 0.0
        return {}

    async def stats(self) -> dict[str, Any]:
        """What was asked since."""
        rows = [[one for one in shop.asked if "OrdersChanged" in one.operation] for shop in self.shops]
        pauses = [(later.at - one.at).total_seconds() for shop in rows for one, later in itertools.pairwise(shop)]
        return {
            "requests": sum(len(shop.asked) for shop in self.shops),
            "polled": sum(bool(shop) for shop in rows),
            "polls": sum(len(shop) for shop in rows),
            "pause": max(pauses, default=0.0),
            "dearest": max((one.actual or 0 for shop in rows for one in shop), default=0),
            "points": sum(shop.bucket.spent for shop in self.shops),
            "throttled": sum(one.refusal == "THROTTLED" for shop in self.shops for one in shop.asked),
        }


async def main() -> None:
    """Argument: how many shops."""
    town = Town(int(sys.argv[1]))
    config = uvicorn.Config(town.app(), port=0, log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    handlers = {"seed": town.seed, "move": town.move, "forget": town.forget, "stats": town.stats}
    await talk.listen({"port": port}, handlers)
    server.should_exit = True
    await running


if __name__ == "__main__":
    talk.run(main())
