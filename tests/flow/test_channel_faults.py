"""The real send loop against the sandbox's Cloud API over sockets: every transport fault, lost and shuffled statuses.

Nobody gets two copies, and nothing stays *sending*.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import httpx
import pytest
import uvicorn
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from worlds import make_world, order, post

from connectors.whatsapp import http
from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.errors import REACTIONS
from connectors.whatsapp.settings import SenderSettings
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.channel import Action
from integration.flow import answer, react
from integration.flow.receive import InboxItem
from integration.flow.world import World
from integration.sandbox import fates, graph_errors
from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig
from integration.sandbox.fates import Fate
from integration.store import inbox, schema, tables
from integration.store.db import Database
from jobs import rescue, sender


def now() -> datetime:
    """The sandbox dates its statuses by the real time, so the world has it, too."""
    return datetime.now(UTC)


CONFIG = SandboxConfig(status_delay=0, latency=0, retry_backoff=0)
TRANSPORT = ("deliver", "accept_then_hang", "accept_then_html_500", "accept_then_reset", "html_500", "reset")


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


class Stage:
    """A sandbox behind a socket, a world whose number talks to it, and its webhooks in the world's inbox."""

    def __init__(self, world: World, app: Starlette, url: str, lost: int = 0) -> None:
        self.stage = app.state.stage
        self.count, self.lost = 0, lost
        settings = SenderSettings(
            phone_number_id=CONFIG.phone_number_id,
            business_account_id=CONFIG.business_account_id,
            token=CONFIG.whatsapp_token,
            app_secret=CONFIG.app_secret,
            verify_token="wort",
            base_url=f"{url}/graph/v26.0",
        )
        channel = WhatsAppChannel(settings)
        one = replace(world.senders["nummer"], channel=channel, webhook=WEBHOOK)
        self.world = replace(world, senders={"nummer": one})
        take = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])
        self.stage.courier.transport = httpx.ASGITransport(take)

    async def _take(self, request: Request) -> Response:
        self.count += 1
        if self.lost and self.count % self.lost == 0:
            return Response()
        item = InboxItem("meta", "nummer", "", {}, await request.body(), False, self.world.clock())
        with self.world.database.write() as connection:
            inbox.add(connection, [item])
        return Response()

    def play(self, seconds: float) -> None:
        """The send loop for so long; then what Meta posted is read."""

        async def main() -> None:
            loop = sender.SendLoop(self.world, self.world.senders["nummer"])
            task = asyncio.create_task(loop.run())
            await asyncio.sleep(seconds)
            loop.stop()
            await task
            await self.world.senders["nummer"].channel.close()

        asyncio.run(main())
        while answer.run(self.world):
            pass

    def copies(self) -> Counter[str]:
        return Counter(record["to"] for record in self.stage.graph.accepted)

    def states(self) -> dict[str, tuple[str, str | None]]:
        query = select(tables.contact.c.phone, tables.message.c.status, tables.message.c.reason)
        with self.world.database.read() as connection:
            found = connection.execute(query.join(tables.message, tables.message.c.contact_id == tables.contact.c.id))
            return {phone: (status, reason) for phone, status, reason in found}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    database, keys = Database(f"sqlite:///{tmp_path}/a.db"), Database(f"sqlite:///{tmp_path}/k.db")
    schema.upgrade(database, keys)
    app = create_app(CONFIG)
    with serving(app) as url:
        yield Stage(make_world(database, keys, now), app, url, lost=5)
    database.close()
    keys.close()


def queue(stage: Stage, names: list[str]) -> dict[str, str]:
    """An order for each fate; returns which phone has which."""
    chosen = {f"+49171390{1000 + n}": name for n, name in enumerate(names)}
    for phone, name in chosen.items():
        assert stage.stage.graph.fates.set(phone, name)
    post(stage.world, *(order(number=phone[-4:], phone=phone, placed_at=now().isoformat()) for phone in chosen))
    react.run(stage.world)
    return chosen


def test_nobody_gets_two_copies_and_nothing_stays_sending(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", aiohttp.ClientTimeout(connect=10, sock_connect=5, sock_read=1))
    switches = stage.stage.webhooks.switches
    switches.shuffle = switches.duplicate = True
    chosen = queue(stage, [name for name in TRANSPORT for _ in range(5)])
    stage.play(4)
    stage.play(3)
    rescue.sweep(stage.world, now())
    assert set(stage.copies().values()) == {1}
    states = stage.states()
    assert "sending" not in {status for status, _ in states.values()}
    accepted = {phone for phone, name in chosen.items() if name not in ("html_500", "reset")}
    assert set(stage.copies()) == accepted
    uncertain = {phone for phone, (status, _) in states.items() if status == "unknown"}
    assert {phone for phone in chosen if phone not in accepted} <= uncertain


@pytest.mark.parametrize("way", ["sync", "later"])
def test_every_code_over_the_wire(stage: Stage, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    codes = [code for code, found in REACTIONS.items() if found.action in ALONE]
    for code in codes:
        monkeypatch.setitem(graph_errors.KINDS, code, graph_errors.KINDS.get(code) or graph_errors.Kind(400, "x"))
        monkeypatch.setitem(fates.FATES, f"{way}_{code}", Fate(f"{way}_{code}", **{way: code}))
    stage.lost = 0
    chosen = queue(stage, [f"{way}_{code}" for code in codes])
    stage.play(2)
    states = stage.states()
    for phone, name in chosen.items():
        action = REACTIONS[int(name.split("_")[1])].action
        assert states[phone][0] == ("queued" if action in AGAIN else "failed"), name
    assert set(stage.copies().values()) <= {1}


#: what concerns this one message or person alone; the others would hold back their neighbours (test_refusals)
AGAIN = {Action.RETRY, Action.THROTTLE, Action.PAIR}
ALONE = AGAIN | {Action.FAIL, Action.UNDELIVERABLE, Action.OPT_OUT, Action.USE_TEMPLATE, Action.NEXT_DAY}
