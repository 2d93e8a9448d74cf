"""A sandbox in the test's own loop, a worker that collects its webhooks, and the templates that tests send."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig
from integration.sandbox.stage import Stage

CONFIG = SandboxConfig(status_delay=0, latency=0, retry_backoff=0)
ANNA = "+491713920011"
AUTH = {"Authorization": f"Bearer {CONFIG.whatsapp_token}"}
MESSAGES = f"/graph/v26.0/{CONFIG.phone_number_id}/messages"
TEMPLATES = f"/graph/v26.0/{CONFIG.business_account_id}/message_templates"
SHIPPED = {
    "name": "shipped", "language": "de", "category": "UTILITY", "parameter_format": "named",
    "components": [
        {
            "type": "BODY",
            "text": "Guten Tag {{name}}, Ihr Paket {{number}} ist heute auf dem Weg zu Ihnen.",
            "example": {"body_text_named_params": [
                {"param_name": "name", "example": "Anna"}, {"param_name": "number", "example": "1"},
            ]},
        },
        {"type": "FOOTER", "text": "STOP beendet das"},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Verfolgen", "url": "https://versand.example/{{1}}", "example": ["x"]},
            {"type": "QUICK_REPLY", "text": "Frage stellen"},
        ]},
    ],
}  # fmt: skip

CODE: dict[str, Any] = {
    "name": "code", "language": "de", "category": "AUTHENTICATION",
    "components": [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    ],
}  # fmt: skip


class Worker:
    """Collects webhooks; answers what `answers` says, then 200."""

    def __init__(self) -> None:
        self.hooks: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        if request.method == "GET":
            return PlainTextResponse(request.query_params["hub.challenge"])
        self.hooks.append((request.url.path, dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    def values(self, field: str = "messages") -> list[dict[str, Any]]:
        changes = [c for *_, raw in self.hooks for e in json.loads(raw)["entry"] for c in e["changes"]]
        return [c["value"] for c in changes if c["field"] == field]

    def statuses(self) -> list[dict[str, Any]]:
        return [s for value in self.values() for s in value.get("statuses", [])]


class Play:
    """A sandbox, its worker and a client of the Cloud API."""

    def __init__(self, config: SandboxConfig) -> None:
        app = create_app(config)
        self.worker = Worker()
        self.stage: Stage = app.state.stage
        self.stage.courier.transport = httpx.ASGITransport(self.worker.app)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8700", headers=AUTH
        )

    async def send(self, content: Any = None, **changes: Any) -> httpx.Response:
        body = {"messaging_product": "whatsapp", "to": ANNA, "type": "template"}
        body = {**body, "template": content or template(), **changes}
        return await self.client.post(MESSAGES, json={k: v for k, v in body.items() if v is not ...})

    async def until(self, holds: Callable[[], bool]) -> None:
        assert await self.stage.bus.until(holds, 60), self.worker.hooks


@asynccontextmanager
async def playing(config: SandboxConfig = CONFIG) -> AsyncIterator[Play]:
    play = Play(config)
    assert (await play.client.post(TEMPLATES, json=SHIPPED)).status_code == 200
    try:
        yield play
    finally:
        await play.client.aclose()
        await play.stage.aclose()


def run(scene: Callable[[Play], Awaitable[None]], config: SandboxConfig = CONFIG) -> None:
    async def main() -> None:
        async with playing(config) as play:
            await scene(play)

    asyncio.run(main())


def template(**changes: Any) -> dict[str, Any]:
    parameters = [
        {"type": "text", "parameter_name": "name", "text": "Anna"},
        {"type": "text", "parameter_name": "number", "text": "4711"},
    ]
    button = {
        "type": "button",
        "sub_type": "url",
        "index": "0",
        "parameters": [{"type": "text", "text": "4711"}],
    }
    base = {
        "name": "shipped", "language": {"code": "de"},
        "components": [{"type": "body", "parameters": parameters}, button],
    }  # fmt: skip
    return base | changes


def body_parameters(*parameters: dict[str, str]) -> dict[str, Any]:
    return template(components=[{"type": "body", "parameters": list(parameters)}])


def check_error(response: httpx.Response, http: int, code: int) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (http, code)
    assert error["type"] == "OAuthException"
    assert error["message"].startswith(f"(#{code}) ")
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["error_data"]["details"]
    assert error["fbtrace_id"]
