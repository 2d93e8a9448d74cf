"""A stub of the Cloud API for tests with real processes: remembers what it accepted, posts signed statuses.

Not the sandbox: this one has no rules of its own, so that a test can count what left.
"""

import asyncio
import hashlib
import hmac
import random
import threading
from collections import Counter
from typing import Any

import aiohttp
import orjson
from aiohttp import web

APP_SECRET = "stub-app-secret"


class StubMeta:
    """Runs on its own thread. `accepted` counts (to, variables) pairs; statuses are retried until answered 200."""

    def __init__(self, status_url: str, seed: int, hang: float = 0.05) -> None:
        self.accepted: Counter[str] = Counter()
        self.attempts: dict[str, str] = {}
        self.undelivered = 0
        self.url = ""
        self._status_url = status_url
        self._random = random.Random(seed)  # noqa: S311 - a reproducible test, not a secret
        self._hang = hang
        self._ready = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> "StubMeta":
        self._thread.start()
        self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        app = web.Application()
        app.router.add_post("/{number}/messages", self._message)
        app.router.add_get("/{account}/message_templates", self._templates)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self._session:
            self._ready.set()
            await self._stop.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await runner.cleanup()

    async def _templates(self, _request: web.Request) -> web.Response:
        from integration.domain.templates.templates import all_templates

        found = [
            {"name": t.name, "language": t.language, "status": "APPROVED", "category": t.category}
            for t in all_templates()
        ]
        return web.json_response({"data": found})

    async def _message(self, request: web.Request) -> web.Response:
        body = await request.json()
        await asyncio.sleep(self._random.uniform(0, 0.1))
        attempt_id = body["biz_opaque_callback_data"]
        wamid = f"wamid.{attempt_id}"
        self.accepted[_order_of(body)] += 1
        self.attempts[attempt_id] = _order_of(body)
        self._tasks.add(task := asyncio.create_task(self._statuses(body["to"].lstrip("+"), wamid, attempt_id)))
        task.add_done_callback(self._tasks.discard)
        if self._random.random() < self._hang:
            # accepted, but the answer never arrives
            request.transport.close() if request.transport else None
        return web.json_response({"messages": [{"id": wamid, "message_status": "accepted"}]})

    async def _statuses(self, to: str, wamid: str, attempt_id: str) -> None:
        self.undelivered += 1
        for kind in ("sent", "delivered"):
            await asyncio.sleep(self._random.uniform(0, 0.3))
            await self._post(_status_body(to, wamid, attempt_id, kind))
        self.undelivered -= 1

    async def _post(self, body: bytes) -> None:
        signature = "sha256=" + hmac.digest(APP_SECRET.encode(), body, hashlib.sha256).hex()
        while True:
            try:
                headers = {"X-Hub-Signature-256": signature}
                async with self._session.post(self._status_url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


def _order_of(body: dict[str, Any]) -> str:
    parameters = body["template"]["components"][0]["parameters"]
    return next(p["text"] for p in parameters if p.get("parameter_name") == "order")


def _status_body(to: str, wamid: str, attempt_id: str, kind: str) -> bytes:
    status = {
        "id": wamid,
        "status": kind,
        "timestamp": "1795460000",
        "recipient_id": to,
        "biz_opaque_callback_data": attempt_id,
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": [status]}
    entry = {"id": "2", "changes": [{"field": "messages", "value": value}]}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})
