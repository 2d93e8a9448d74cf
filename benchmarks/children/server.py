"""The real web app with one of three ways to store: shared commits (ours), one commit each, or nothing."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.children import talk
from integration.flow.receive import Intake
from integration.run.wiring import build_world
from integration.settings.settings import Settings, load
from integration.store.db import Database
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem
from integration.web.app import ShopEndpoint, WebConfig, WebDeps, create_app


class Nothing:
    """Stores nothing: what the web server alone costs."""

    async def put(self, item: InboxItem) -> None:
        """Forget it."""


class Singly:
    """The usual way: every request commits for itself, one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1)

    async def put(self, item: InboxItem) -> None:
        """Return after the commit."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store, item)

    def _store(self, item: InboxItem) -> None:
        with self._database.write() as connection:
            inbox.add(connection, [item])


def _deps(settings: Settings, home: Path, way: str) -> WebDeps:
    world = build_world(settings, home)
    ways: dict[str, Any] = {
        "shared": lambda: Intake(world.database, lambda _channel: None),
        "singly": lambda: Singly(world.database),
        "nothing": Nothing,
    }
    shops = {
        slug: ShopEndpoint(slug, s.name, "shopify", s.company, s.connector, settings.shops[slug].secrets)
        for slug, s in world.shops.items()
    }
    return WebDeps(
        world=world,
        intake=ways[way](),
        config=WebConfig("de", "Europe/Berlin", settings.public_url, None, secure_cookies=False, demo=False),
        shops=shops,
        senders={},
        ready=lambda: [],
    )


async def main() -> None:
    """Serve until the parent closes the pipe. Arguments: the folder, the way."""
    home = Path(sys.argv[1])
    app = create_app(_deps(load(home / "settings.toml"), home, sys.argv[2]))
    # the same server as in wiring
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    await talk.listen({"port": port, "loop": type(asyncio.get_running_loop()).__module__}, {})
    server.should_exit = True
    await serving


if __name__ == "__main__":
    talk.run(main())
