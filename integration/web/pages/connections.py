"""Shops & numbers: is each connection in order?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.store import overview
from integration.web.formats import day_span
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    span = day_span(pages.today(), pages.zone)
    with pages.deps.database.read() as connection:
        received = overview.last_received(connection)
        connected = overview.connected(connection)
        paused = overview.paused(connection)
        sent = overview.sent_by(connection, span, pages.deps.senders)
    return pages.render(
        request,
        "connections/connections.html",
        received=received,
        connected=connected,
        paused=paused,
        sent=sent,
        base=pages.deps.config.public_url.rstrip("/"),
        today=pages.today(),
        reachable=not _only_here(pages.deps.config.public_url),
    )


def _only_here(url: str) -> bool:
    return any(f"//{host}" in url for host in ("127.0.0.1", "localhost", "[::1]")) or not url
