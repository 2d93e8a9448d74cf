"""Rehearsal (Probelauf): what would have been sent, before anything is? And shadow mode: the same, live."""

from collections import defaultdict
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.messages.reasons import reason
from integration.domain.notifications import BY_KIND
from integration.domain.templates.templates import rendered
from integration.flow.notifications.rehearsal import Rehearsal
from integration.store.messages.messages import Message
from integration.store.shops import shops
from integration.web.forms import Form
from integration.web.render import Pages

DAYS = (7, 30, 90)
SHADOW_HOURS = (48, 168)


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    with pages.world.database.read() as connection:
        shadows = shops.shadows(connection, pages.world.clock())
    run, language = pages.rehearsals.last, pages.language(request)
    return pages.render(
        request,
        "notifications/rehearsal.html",
        run=run,
        rows=_rows(run.result, language) if run and run.result else [],
        samples=_samples(run.result, language) if run and run.result else [],
        days=DAYS,
        hours=SHADOW_HOURS,
        shadows=shadows,
    )


def start(pages: Pages, _request: Request, form: Form) -> Response:
    """Begin a rehearsal."""
    days = int(form.get("days", "30")) if form.get("days", "30") in map(str, DAYS) else 30
    pages.rehearsals.start(pages.world, days)
    return RedirectResponse("/rehearsal", 303)


def shadow(pages: Pages, request: Request, form: Form) -> Response:
    """Switch shadow mode of a shop on or off."""
    slug, hours = form.get("shop", ""), form.get("hours", "")
    if slug not in pages.deps.shops or hours not in ("0", *map(str, SHADOW_HOURS)):
        return pages.missing(request)
    until = pages.world.clock() + timedelta(hours=int(hours)) if hours != "0" else None
    with pages.world.database.write() as connection:
        shops.shadow(connection, slug, until)
    return RedirectResponse("/rehearsal", 303)


def _rows(found: Rehearsal, language: str) -> list[tuple[str, int, list[tuple[str, int]], int]]:
    """Per kind: its title, messages that would have left, refused ones by reason, and calls while switched off."""
    refused: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (kind, code), count in found.refused.most_common():
        refused[kind].append((reason(code).in_(language), count))
    kinds = [kind for kind in BY_KIND if found.written[kind] or found.off[kind] or refused[kind]]
    return [(BY_KIND[kind].title.in_(language), found.written[kind], refused[kind], found.off[kind]) for kind in kinds]


def _samples(found: Rehearsal, language: str) -> list[tuple[str, str]]:
    """One real example per kind: its title and the text as the customer would have read it."""
    return [
        (BY_KIND[kind].title.in_(language), _text(messages[0]))
        for kind, messages in found.samples.items()
        if messages and messages[0].template
    ]


def _text(message: Message) -> str:
    address = "sie" if "_sie_" in (message.template or "") else "du"
    bodies = BY_KIND[message.kind].bodies
    body = bodies.get((message.language, address)) or bodies[message.language, ""]
    return rendered(body, dict(message.variables))
