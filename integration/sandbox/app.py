"""The sandbox as one Starlette app on loopback: everything, or WhatsApp alone."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount

from integration.sandbox import control, page
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.stage import Stage
from integration.sandbox.story import script
from integration.sandbox.whatsapp import control as control_whatsapp
from integration.sandbox.whatsapp.whatsapp import WhatsApp
from integration.sandbox.woocommerce.app import application as woocommerce

Send = Callable[[Any], Awaitable[None]]


class PageHeaders:
    """Strict headers on every answer, without touching the body."""

    def __init__(self, app: Any, worker_url: str) -> None:
        self._app = app
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"frame-src {worker_url}; form-action {worker_url}; base-uri 'none'; frame-ancestors 'none'"
        )
        self._headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin"),
        ]

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Add the headers to the answer's start."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def start(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, start)


def create_app(config: SandboxConfig, clock: Clock | None = None) -> Starlette:
    """The app; its Stage is `app.state.stage`. One clock for everything in it, the real one if none is given."""
    stage = Stage(config, clock or Clock())
    stage.story["steps"] = script()

    routes = [
        Mount("/graph", routes=stage.graph.routes()),
        Mount("/woocommerce", app=woocommerce(stage.woocommerce)),
        Mount("/shopify", routes=stage.shopify.routes()),
        Mount("/stage", routes=[*control.routes(), *control_whatsapp.routes()]),
        *page.routes(config),
    ]
    return _app(stage, routes, config)


def create_whatsapp(config: SandboxConfig, clock: Clock | None = None) -> Starlette:
    """The app with nothing but WhatsApp; its objects are `app.state.stage`."""
    alone = WhatsApp(config, clock or Clock())
    routes = [Mount("/graph", routes=alone.graph.routes()), Mount("/stage", routes=control_whatsapp.routes())]
    return _app(alone, routes, config)


def _app(stage: WhatsApp, routes: Sequence[BaseRoute], config: SandboxConfig) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await stage.aclose()

    app = Starlette(
        routes=routes,
        middleware=[
            # a page elsewhere must not reach loopback under a name of its own
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
            Middleware(PageHeaders, worker_url=config.worker_url),
        ],
        lifespan=lifespan,
    )
    app.state.stage = stage
    return app


def serve(app: Starlette, port: int) -> None:
    """Run until interrupted, on loopback only."""
    uvicorn.run(
        app, host="127.0.0.1", port=port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=1, server_header=False, date_header=False,
    )  # fmt: skip
