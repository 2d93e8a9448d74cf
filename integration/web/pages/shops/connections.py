"""Shops & numbers: is each connection in order?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.shops.mailboxes import PROBLEMS, MailboxProblem
from integration.domain.shops.ports import Finding, Level
from integration.store import overview
from integration.store.messages import holds
from integration.store.numbers import numbers as number_store
from integration.store.shops import mailboxes
from integration.store.shops.mailboxes import MailboxState
from integration.web.deps import SenderEndpoint
from integration.web.formats import day_span
from integration.web.render import Pages

#: with more numbers those that are well are only listed
FEW: Final = 6


@dataclass(frozen=True, slots=True)
class Number:
    """A WhatsApp number with what keeps it from sending, and what is not well with it, the worst first."""

    sender: SenderEndpoint
    pause: Row[Any] | None
    troubles: Sequence[Finding]

    @property
    def needs_you(self) -> bool:
        """Whether something does not work."""
        return self.pause is not None or any(f.level is Level.FAULT for f in self.troubles)

    @property
    def order(self) -> tuple[bool, int]:
        """What needs the owner stands first."""
        return not self.needs_you, -len(self.troubles)


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    span = day_span(pages.today(), pages.zone)
    with pages.world.database.read() as connection:
        received = overview.last_received(connection)
        connected = overview.connected(connection)
        paused, troubles = overview.paused(connection), number_store.troubles(connection)
        resting = sorted(holds.in_force(connection, pages.world.clock()).parts.values(), key=lambda b: b.since)
        asked = mailboxes.states(connection)
        sent = overview.sent_by(connection, span, pages.deps.senders)
    numbers = [Number(one, paused.get(slug), troubles.get(slug, ())) for slug, one in pages.deps.senders.items()]
    numbers.sort(key=lambda number: number.order)
    shown = [number for number in numbers if len(numbers) <= FEW or number.needs_you]
    return pages.render(
        request,
        "shops/connections.html",
        numbers=shown,
        listed=[number for number in numbers if number not in shown],
        received=received,
        connected=connected,
        resting=resting,
        sent=sent,
        mailboxes=[(name, s.since, _sentence(s, pages.language(request))) for name, s in sorted(asked.items())],
        base=pages.deps.config.public_url.rstrip("/"),
        today=pages.today(),
        waiting=pages.world.numbers.waiting,
        reachable=not _only_here(pages.deps.config.public_url),
    )


def _sentence(state: MailboxState, language: str) -> str:
    return PROBLEMS[MailboxProblem(state.problem)].in_(language) if state.problem else ""


def _only_here(url: str) -> bool:
    return any(f"//{host}" in url for host in ("127.0.0.1", "localhost", "[::1]")) or not url
