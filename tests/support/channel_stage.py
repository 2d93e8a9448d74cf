"""A world whose number talks to the sandbox's Cloud API over a socket, with the webhooks of that in its inbox."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from worlds import make_world, order, post

from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.settings import SenderSettings
from connectors.whatsapp.webhook import WEBHOOK
from integration.flow import answer, react
from integration.flow.webhooks import verify
from integration.flow.world import World
from integration.sandbox.app import create_whatsapp
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.whatsapp import WhatsApp
from integration.store import tables
from integration.store.db import Database
from integration.store.webhooks import inbox
from integration.web.deps import SenderEndpoint
from jobs.loops import sender
from jobs.sweeps import rescue

CONFIG = SandboxConfig(status_delay=0, latency=0, retry_backoff=0)
DOOR = SenderEndpoint("nummer", "firma", "wort", CONFIG.app_secret, WEBHOOK, "")
PATIENCE = 60.0


def now() -> datetime:
    """The sandbox dates its statuses by the real time, so the world has it, too."""
    return datetime.now(UTC)


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """An app on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        pass
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


class ChannelStage:
    """A sandbox behind a socket, a world whose number talks to it, and its webhooks in the world's inbox."""

    def __init__(self, world: World, meta: WhatsApp, url: str) -> None:
        self.meta, self._url = meta, url
        self._settings = settings = SenderSettings(
            phone_number_id=CONFIG.phone_number_id,
            business_account_id=CONFIG.business_account_id,
            token=SecretStr(CONFIG.whatsapp_token),
            app_secret=SecretStr(CONFIG.app_secret),
            verify_token=SecretStr("wort"),
            base_url=f"{url}/graph/v26.0",
        )
        one = replace(world.senders["nummer"], management=WhatsAppAccount(settings), webhook=WEBHOOK)
        self.world = replace(world, senders={"nummer": one})
        take = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])
        self.meta.courier.transport = httpx.ASGITransport(take)

    async def _take(self, request: Request) -> Response:
        signature = request.headers["x-hub-signature-256"]
        item = verify.from_meta(DOOR, signature, await request.body(), self.world.clock())
        assert item, "the sandbox signs as Meta does"
        with self.world.database.write() as connection:
            inbox.add(connection, [item])
        return Response()

    def play(self, rounds: int = 1) -> None:
        """The send loop until nothing is due any more; then what Meta posted is read."""
        for _ in range(rounds):
            asyncio.run(self._send())
            self.read()

    async def _send(self) -> None:
        channel = WhatsAppChannel(self._settings)
        number = replace(self.world.senders["nummer"], channel=channel)
        loop = sender.SendLoop(self.world, number)
        task = asyncio.create_task(loop.run())
        async with asyncio.timeout(PATIENCE):
            while self._busy():
                await asyncio.sleep(0.05)
        loop.stop()
        await task
        await channel.close()

    def _busy(self) -> bool:
        message = tables.message
        due = (message.c.status == "sending") | ((message.c.status == "queued") & (message.c.send_after <= now()))
        paused = select(tables.sender_state.c.sender).where(tables.sender_state.c.paused_at.is_not(None))
        with self.world.database.read() as connection:
            waiting = due & message.c.sender.not_in(paused)
            return bool(connection.execute(select(func.count()).where(waiting)).scalar())

    def read(self) -> None:
        """Deal with what Meta posted, once it has posted everything."""
        deadline = time.monotonic() + PATIENCE
        while not self.meta.bus.idle:
            assert time.monotonic() < deadline, "the sandbox does not come to rest"
            time.sleep(0.02)
        while answer.run(self.world):
            pass

    def tell(self, action: str, **body: Any) -> None:
        """The sandbox's own controls."""
        httpx.post(f"{self._url}/stage/{action}", json=body, trust_env=False, timeout=60).raise_for_status()

    def queue(self, *phones: str) -> None:
        """An order of this minute for each."""
        at = now()
        orders = [
            order(number=f"{phone[-5:]}-{at:%H%M%S%f}", phone=phone, placed_at=at.isoformat()) for phone in phones
        ]
        post(self.world, *orders)
        react.run(self.world)

    def fated(self, names: list[str]) -> dict[str, str]:
        """An order for each fate; returns which phone has which."""
        chosen = {f"+491713{90000 + n}": name for n, name in enumerate(names)}
        assert all(self.meta.graph.fates.set(phone, name) for phone, name in chosen.items())
        self.queue(*chosen)
        return chosen

    def end(self) -> None:
        """What a process's death would leave is found, too."""
        rescue.sweep(self.world, now())

    def copies(self) -> Counter[str]:
        """How many messages each phone was sent."""
        return Counter(record["to"] for record in self.meta.graph.accepted)

    def states(self) -> dict[str, tuple[str, str | None]]:
        """Status and reason of each phone's newest message."""
        query = select(tables.contact.c.phone, tables.message.c.status, tables.message.c.reason)
        joined = query.join(tables.message, tables.message.c.contact_id == tables.contact.c.id)
        with self.world.database.read() as connection:
            found = connection.execute(joined.order_by(tables.message.c.created_at))
            return {phone: (status, reason) for phone, status, reason in found}


@contextmanager
def channel_stage(database: Database, keys: Database, config: SandboxConfig = CONFIG) -> Iterator[ChannelStage]:
    """A stage for one test."""
    app = create_whatsapp(config)
    with serving(app) as url:
        yield ChannelStage(make_world(database, keys, now), app.state.stage, url)
