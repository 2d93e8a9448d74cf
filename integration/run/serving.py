"""The web server: our socket, uvicorn on it, until it is told to stop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from integration.domain.errors import AddressTaken
from integration.settings.settings import Settings


async def serve(app: Starlette, settings: Settings, stopped: asyncio.Event) -> None:
    """Answer requests until `stopped` is set. Raises AddressTaken."""
    server = _Server(_server_config(app))
    serving = asyncio.create_task(server.serve([_listening(settings)]))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({serving, stopping}, return_when="FIRST_COMPLETED")
    app.state.live.close()
    server.should_exit = True
    await serving
    stopping.cancel()


class _Server(uvicorn.Server):
    """uvicorn kills the process with the signal it caught, before answers of Meta's are stored: we listen ourselves."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def _listening(settings: Settings) -> socket.socket:
    """The socket of the dashboard and the webhook addresses. Raises AddressTaken."""
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressTaken(
            f"{host}:{port} cannot be used: {error.strerror or error}. Is another Ladenbote running? "
            "Else choose another server.port in settings.toml."
        ) from error


def _server_config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
        # The dashboard trusts no forwarded address; a proxy in front is named in public_url.
        proxy_headers=False,
    )
