"""/healthz, /readyz, /metrics: for machines."""

from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from integration.metrics import REGISTRY
from integration.store import overview
from integration.web.auth import session_of
from integration.web.deps import WebDeps


class Health:
    """The endpoints that say how the process is."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def alive(self, _request: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok")

    def ready(self, _request: Request) -> Response:
        """Whether work gets done: 503 with the list of problems when not."""
        problems = [*self._database_problems(), *self._deps.ready()]
        status = 503 if problems else 200
        return JSONResponse({"ready": not problems, "problems": problems}, status)

    def metrics(self, request: Request) -> Response:
        """Prometheus' text, for this machine and for who is signed in."""
        if not (_is_local(request) or session_of(self._deps, request)):
            return PlainTextResponse("only from this machine or signed in", 403)
        return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})

    def _database_problems(self) -> list[str]:
        try:
            with self._deps.world.database.read() as connection:
                overview.probe(connection)
        except SQLAlchemyError as problem:
            return [f"database: {type(problem).__name__}"]
        return []


def _is_local(request: Request) -> bool:
    # A proxy on this machine is not this machine's own asking.
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
