"""Shops & numbers: is each connection in order?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.mailboxes import PROBLEMS, MailboxProblem
from integration.store import blocks, mailboxes, overview
from integration.store.mailboxes import MailboxState
from integration.web.formats import day_span
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    span = day_span(pages.today(), pages.zone)
    with pages.deps.database.read() as connection:
        received = overview.last_received(connection)
        connected = overview.connected(connection)
        paused = overview.paused(connection)
        resting = sorted(blocks.in_force(connection, pages.deps.clock()).parts.values(), key=lambda b: b.since)
        asked = mailboxes.states(connection)
        sent = overview.sent_by(connection, span, pages.deps.senders)
    return pages.render(
        request,
        "connections/connections.html",
        received=received,
        connected=connected,
        paused=paused,
        resting=resting,
        sent=sent,
        mailboxes=[(name, s.since, _sentence(s, pages.language(request))) for name, s in sorted(asked.items())],
        base=pages.deps.config.public_url.rstrip("/"),
        today=pages.today(),
        waiting=pages.deps.numbers.waiting,
        reachable=not _only_here(pages.deps.config.public_url),
    )


def _sentence(state: MailboxState, language: str) -> str:
    return PROBLEMS[MailboxProblem(state.problem)].in_(language) if state.problem else ""


def _only_here(url: str) -> bool:
    return any(f"//{host}" in url for host in ("127.0.0.1", "localhost", "[::1]")) or not url
