"""The pretend WhatsApp on a real socket, and a place for its webhooks: what onboarding and media are played against."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.whatsapp.settings import SenderSettings
from integration.cli.demo import free_port
from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig
from integration.sandbox.stage import Stage

VERIFY = "das-verify-token"


@dataclass
class Ear:
    """Answers Meta's handshake if the token is right, and keeps what is posted."""

    token: str = VERIFY
    posts: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.paths.append(request.url.path)
        if request.method == "POST":
            self.posts.append(await request.body())
            return PlainTextResponse("ok")
        right = request.query_params.get("hub.verify_token") == self.token
        return PlainTextResponse(request.query_params["hub.challenge"] if right else "no", 200 if right else 403)


@dataclass
class Meta:
    """The running simulator."""

    config: SandboxConfig
    stage: Stage
    ear: Ear
    ear_url: str

    @property
    def management(self) -> Any:
        return self.stage.graph.management

    def settings(self, **changes: Any) -> SenderSettings:
        """The right settings, or with something wrong."""
        given = {
            "phone_number_id": self.config.phone_number_id,
            "business_account_id": self.config.business_account_id,
            "token": self.config.whatsapp_token,
            "app_secret": self.config.app_secret,
            "verify_token": VERIFY,
            "base_url": f"{self.config.origin}/graph/v26.0",
        }
        return SenderSettings.model_validate(given | changes)


@contextmanager
def serving(app: Starlette, port: int) -> Iterator[None]:
    """An app on loopback."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(60)


@contextmanager
def pretend_meta(**changes: Any) -> Iterator[Meta]:
    """The simulator and the ear, each on a socket of its own."""
    ear, ear_port = Ear(), free_port()
    quick = {"status_delay": 0, "latency": 0, "retry_backoff": 0}
    config = SandboxConfig(port=free_port(), worker_url=f"http://127.0.0.1:{ear_port}", **quick | changes)
    app = create_app(config)
    listening = Starlette(routes=[Route("/{path:path}", ear.take, methods=["GET", "POST"])])
    with serving(app, config.port), serving(listening, ear_port):
        yield Meta(config, app.state.stage, ear, config.worker_url)
