"""Requests: who waits for an answer about their data, and until when?"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.contacts.contacts import e164
from integration.flow.privacy import requests as subject_requests
from integration.flow.privacy.requests import KINDS, Identifiers
from integration.store.contacts import contacts
from integration.store.privacy import requests
from integration.store.privacy.requests import Request as Wish
from integration.web.forms import Form
from integration.web.pages.contacts.withdraw import WAYS
from integration.web.render import Pages

ENDED = 50
SOON = 10


def show(pages: Pages, request: Request) -> Response:
    """The list, and the form for what came by letter, e-mail or phone."""
    return _page(pages, request, 200)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Enter a request."""
    world, kind = pages.world, form.get("kind", "")
    company = form.get("company") or next(iter(world.companies))
    typed, email = form.get("phone", "").strip()[:40], form.get("email", "").strip()[:200]
    phone = e164(typed, pages.country) if typed else None
    if kind not in KINDS or company not in world.companies or (typed and not phone) or not (phone or email):
        return _page(pages, request, 400)
    way = form.get("way", "") if form.get("way") in WAYS else "letter"
    who = Identifiers(phone=phone, email=email or None)
    [first, *_] = subject_requests.by_staff(
        world, company, kind, who, way, pages.world.clock(), form.get("note", "")[:1000]
    )
    return RedirectResponse(f"/requests/{first}", 303)


def _page(pages: Pages, request: Request, status: int) -> Response:
    with pages.world.database.read() as connection:
        waiting, ended = requests.waiting(connection), requests.ended(connection, ENDED)
        names = _names(connection, [*waiting, *ended])
    now = pages.world.clock()
    return pages.render(
        request,
        "privacy/requests.html",
        status,
        waiting=[(wish, (wish.due_at - now).days) for wish in waiting],
        ended=ended,
        names=names,
        kinds=KINDS,
        ways=WAYS,
        soon=SOON,
        companies=pages.world.companies,
        wrong=status != 200,
    )


def _names(connection: Connection, wishes: Sequence[Wish]) -> dict[str, Any]:
    return contacts.by_id(connection, {wish.contact_id for wish in wishes if wish.contact_id})
