"""One message: what exactly happened to it, and why was it allowed?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.notifications import BY_KIND
from integration.domain.notifications.documents import DOCUMENTS
from integration.domain.text import Text
from integration.flow.notifications import documents
from integration.flow.templates.rendered import Words
from integration.store.conversations import order_replies
from integration.store.messages import listing, manual_actions
from integration.store.templates import templates
from integration.web.forms import Form
from integration.web.parts.text_preview import outlined
from integration.web.render import Pages

YES = ("granted", "confirmed", "imported")
VERDICT = {"allow": True, "deny": False}
TRIED = {"accepted": True, "refused": False, "not_sent": False}
#: within one moment: the fact, the consent, the decision, the attempt, the status
PLACES = ("event", "consent", "intervention", "decision", "attempt", "status", "end")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `kind` names the part of the template that tells it."""

    kind: str
    at: datetime
    row: Any
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one message."""

    message: Row[Any]
    event: Row[Any] | None
    steps: list[Step]
    consents: list[Row[Any]]
    order: dict[str, Any] = field(default_factory=dict)


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    return _page(pages, request)


def _page(pages: Pages, request: Request, problem: Text | None = None) -> Response:
    with pages.world.database.read() as connection:
        found = listing.message_of(connection, request.path_params["id"])
        story = _story(connection, found) if found else None
        answers = order_replies.of_order(connection, found.order_key) if found and found.order_key else []
        text = Words(connection).of(found) if found else None
        rows = templates.outline_of(connection, found.template, found.language) if found and found.template else []
    if story is None:
        return pages.missing(request)
    return pages.render(
        request,
        "messages/message.html",
        story=story,
        answers=answers,
        message=story.message,
        rule=BY_KIND.get(story.message.kind),
        shown=outlined(text, rows, story.message.variables) if text else None,
        problem=problem,
        documents=DOCUMENTS if story.message.order_key else {},
        reached=_reached(story.message.status),
    )


def send_document(pages: Pages, request: Request, form: Form, name: str, pieces: Iterator[bytes]) -> Response:
    """Send a PDF for the order that this message is about, by a message of its own."""
    with pages.world.database.read() as connection:
        found = listing.message_of(connection, request.path_params["id"])
    if found is None or not found.order_key:
        return pages.missing(request)
    try:
        made = documents.hand_over(pages.world, found.order_key, form.get("what", "other"), name, pieces)
    except documents.Refused as refused:
        return _page(pages, request, refused.explanation)
    return RedirectResponse(f"/messages/{made}", 303)


def too_large(pages: Pages, request: Request) -> Response:
    """A file that is no invoice."""
    return pages.render(request, "templates/too_large.html", 413, limit=documents.LIMIT // 1024**2)


def _story(connection: Connection, message: Row[Any]) -> Story:
    event = listing.event_of(connection, message.event_id) if message.event_id else None
    decisions = listing.decisions_of(connection, message.id)
    named = sorted({event_id for decision in decisions for event_id in decision.basis})
    consents = listing.consents_named(connection, named)
    attempts, statuses = listing.attempts_of(connection, message.id), listing.statuses_of(connection, message.id)
    steps = [
        *([Step("event", event.occurred_at, event)] if event else []),
        *[Step("consent", row.occurred_at, row, row.type in YES) for row in consents],
        *[Step("decision", row.at, row, VERDICT.get(row.outcome)) for row in decisions],
        *[Step("attempt", row.at, row, TRIED.get(row.outcome)) for row in attempts],
        *[Step("intervention", row.at, row) for row in manual_actions.of_message(connection, message.id)],
        *[Step("status", row.at, row, row.status != "failed") for row in statuses],
        *_ending(message),
    ]
    steps.sort(key=lambda step: (step.at, PLACES.index(step.kind)))
    order = listing.facts_of(connection, message.order_key) if message.order_key else {}
    return Story(message, event, steps, consents, order)


def _ending(message: Row[Any]) -> list[Step]:
    """States that no other row tells of."""
    ended = message.status in ("suppressed", "cancelled", "expired", "unknown", "queued", "lapsed")
    return [Step("end", message.status_at, message, None)] if ended else []


def _reached(status: str) -> int:
    """How many ticks a message has: 0 to 3 (read)."""
    return {"sent": 1, "lapsed": 1, "delivered": 2, "read": 3}.get(status, 0)
