"""Undelivered: what did not reach anybody, why, and what can I do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.messages.manual_actions import Choice
from integration.flow.manual_actions import intervene
from integration.store.messages import manual_actions
from integration.web.forms import Form
from integration.web.render import Pages

#: one password, so one owner; users of their own come later
OWNER = "owner"
SHOWN = 20
UNCERTAIN, FAILED = "uncertain", "failed"


@dataclass(frozen=True, slots=True)
class Group:
    """What failed for one cause; `rows` are the newest of it."""

    code: int | None
    reason: str
    count: int
    rows: Sequence[Row[Any]]


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    now = pages.world.clock()
    with pages.world.database.read() as connection:
        uncertain = manual_actions.uncertain(connection)
        groups = [
            Group(f.code, f.reason, f.count, manual_actions.failed(connection, f.code, f.reason, now, SHOWN))
            for f in manual_actions.failures(connection, now)
        ]
    asked, done = request.query_params.get("asked", ""), request.query_params.get("done", "")
    return pages.render(
        request,
        "messages/undelivered.html",
        uncertain=uncertain,
        groups=groups,
        asked=int(asked) if asked.isdigit() else None,
        done=int(done) if done.isdigit() else 0,
    )


def decide(pages: Pages, request: Request, form: Form) -> Response:
    """Do what the owner decided about one message, about all uncertain ones, or about all that failed alike."""
    if form.get("choice") not in list(Choice):
        return pages.missing(request)
    choice, id_ = Choice(form["choice"]), form.get("id", "")
    ids = [id_] if id_ else _all(pages, form.get("all", ""), form.get("code", ""), form.get("reason", ""))
    done = intervene(pages.world.database, ids, choice, OWNER, pages.world.clock())
    if id_ and form.get("back") == "message":
        return RedirectResponse(f"/messages/{id_}", 303)
    return RedirectResponse(f"/undelivered?asked={len(ids)}&done={done}", 303)


def _all(pages: Pages, which: str, code: str, reason: str) -> list[str]:
    now = pages.world.clock()
    with pages.world.database.read() as connection:
        if which == UNCERTAIN:
            return [row.id for row in manual_actions.uncertain(connection, manual_actions.ALL)]
        if which != FAILED:
            return []
        known = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else None
        found = manual_actions.failed(connection, known, reason, now, manual_actions.ALL)
    return [row.id for row in found if row.expires_at > now]
