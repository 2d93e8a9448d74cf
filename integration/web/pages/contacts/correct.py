"""What about this person is wrong, and what is right? (GDPR Art. 16)"""

from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.flow.privacy import erasure
from integration.store.contacts import listing
from integration.web.forms import Form
from integration.web.render import Pages

LANGUAGES = ("", "de", "en")


def show(pages: Pages, request: Request) -> Response:
    """The form."""
    return _page(pages, request, 200)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Put it right; what was there before stands in the ledger, encrypted."""
    id_ = request.path_params["id"]
    try:
        born_on = date.fromisoformat(form["born_on"]) if form.get("born_on") else None
    except ValueError:
        return _page(pages, request, 400)
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, id_)
    if person is None or person.erased_at:
        return pages.missing(request)
    phone = form.get("phone", "").strip()[:40]
    done = erasure.correct(
        pages.world,
        person.id,
        name=_changed(form.get("name", "").strip()[:200], person.name),
        locale=_changed(form.get("locale", "").strip()[:16], person.locale),
        born_on=born_on if born_on != person.born_on else None,
        phone=None if phone in ("", person.phone) else phone,
        country=person.country or pages.country,
        by="dashboard",
    )
    return RedirectResponse(f"/contacts/{person.id}?done=corrected", 303) if done else _page(pages, request, 400)


def _changed(typed: str, known: str) -> str | None:
    return typed if typed != known else None


def _page(pages: Pages, request: Request, status: int) -> Response:
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, request.path_params["id"])
    if person is None or person.erased_at:
        return pages.missing(request)
    return pages.render(request, "contacts/correct.html", status, person=person, wrong=status != 200)
