"""Deal with reports once more: which ones, what can happen, and what did?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.store.db import announce
from integration.store.webhooks import inbox
from integration.web.forms import Form
from integration.web.render import Pages

#: as long as bodies are kept at most (RetentionSettings.bodies_days)
FARTHEST = timedelta(days=30)
SPANS = (timedelta(days=1), timedelta(days=3), timedelta(days=14))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which reports: those given up only, those of one side, those of so many days."""

    what: str
    days: int
    count: int = 0

    @property
    def since(self) -> timedelta:
        """How far back."""
        return timedelta(days=self.days) if self.days else FARTHEST

    @property
    def channel(self) -> str:
        """Of which side, "" for both."""
        return self.what if self.what in ("meta", "shop") else ""


CHOICES = (
    Choice("failed", 0),
    *(Choice(side, span.days) for side in ("meta", "shop") for span in SPANS),
)


def show(pages: Pages, request: Request) -> Response:
    """Each choice with the number of reports behind it."""
    now = pages.world.clock()
    with pages.world.database.read() as connection:
        counted = [Choice(c.what, c.days, _count(connection, c, now)) for c in CHOICES]
    return pages.render(request, "webhooks/again.html", choices=[choice for choice in counted if choice.count])


def _count(connection: Connection, choice: Choice, now: datetime) -> int:
    return inbox.replayable(connection, now - choice.since, choice.channel, failed=choice.what == "failed")


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Put the chosen ones back; they are dealt with at once."""
    chosen = next((c for c in CHOICES if f"{c.what}-{c.days}" == form.get("choice")), None)
    if chosen is None:
        return pages.missing(request)
    now = pages.world.clock()
    with pages.world.database.write() as connection:
        count = inbox.replay(connection, now - chosen.since, now, chosen.channel, failed=chosen.what == "failed")
        if count:
            announce(connection, "inbox")
    return RedirectResponse(f"/received?again={count}", 303)
