"""One request: what does this person want, and what do I do?"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.contacts.contacts import masked
from integration.flow.privacy import erasure
from integration.flow.privacy import requests as subject_requests
from integration.flow.privacy.requests import GROUNDS
from integration.store.contacts import listing
from integration.store.privacy import requests
from integration.store.privacy.requests import Request as Wish
from integration.web.downloads import attachment
from integration.web.forms import Form
from integration.web.papers.certificate import certificate, certificate_text
from integration.web.render import Pages

#: the page on a person that fulfils a kind of request
WAY_OUT = {
    "access": "export",
    "erasure": "erase",
    "rectification": "correct",
    "restriction": "restrict",
    "objection": "withdraw",
}


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    return _page(pages, request, 200)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Answered, nobody found, or refused on a ground."""
    outcome, ground = form.get("outcome", ""), form.get("ground", "").strip()[:200]
    if outcome not in (subject_requests.ANSWERED, subject_requests.NOBODY, subject_requests.REFUSED) or (
        outcome == subject_requests.REFUSED and not ground
    ):
        return _page(pages, request, 400)
    if not subject_requests.end(pages.world, request.path_params["id"], outcome, ground):
        return pages.missing(request)
    return RedirectResponse(f"/requests/{request.path_params['id']}", 303)


def paper(pages: Pages, request: Request) -> Response:
    """The certificate of an erasure, to print."""
    wish = _wish(pages, request)
    if wish is None or wish.outcome != erasure.ERASED or wish.kind != "erasure":
        return pages.missing(request)
    told, company = subject_requests.details(pages.world, wish), pages.world.companies[wish.company]
    content = certificate(company, wish, told, pages.language(request))
    return attachment(f"{subject_requests.reference(wish)}.pdf", content, "application/pdf")


def _wish(pages: Pages, request: Request) -> Wish | None:
    with pages.world.database.read() as connection:
        return requests.by_id(connection, request.path_params["id"])


def _page(pages: Pages, request: Request, status: int) -> Response:
    wish = _wish(pages, request)
    if wish is None:
        return pages.missing(request)
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, wish.contact_id) if wish.contact_id else None
    told = subject_requests.details(pages.world, wish)
    erased = (wish.kind, wish.outcome) == ("erasure", erasure.ERASED) and "counts" in told
    return pages.render(
        request,
        "privacy/request.html",
        status,
        wish=wish,
        reference=subject_requests.reference(wish),
        person=person,
        said=_said(told),
        way_out=WAY_OUT[wish.kind],
        grounds=GROUNDS,
        left=(wish.due_at - pages.world.clock()).days,
        certificate=certificate_text(pages.world.companies[wish.company], wish, told, pages.language(request))
        if erased
        else "",
        wrong=status != 200,
    )


def _said(told: dict[str, Any]) -> dict[str, str]:
    """What the request itself told, as far as a person reads it."""
    found = {name: str(told[name]) for name in ("email", "text", "note", "shop") if told.get(name)}
    return found | ({"phone": masked(str(told["phone"]))} if told.get("phone") else {})
