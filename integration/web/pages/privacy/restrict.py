"""Should this person's data be kept but not used? (GDPR Art. 18)"""

from typing import Any

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.consent import ConsentType
from integration.flow.privacy import erasure
from integration.store.contacts import listing
from integration.web.forms import Form
from integration.web.render import Pages

PAIR = (ConsentType.RESTRICTED, ConsentType.UNRESTRICTED)


def show(pages: Pages, request: Request) -> Response:
    """What it means, and the button."""
    found = _found(pages, request)
    if found is None:
        return pages.missing(request)
    person, restricted = found
    return pages.render(request, "privacy/restrict.html", person=person, restricted=restricted)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Restrict, or lift it."""
    found = _found(pages, request)
    if found is None:
        return pages.missing(request)
    on = form.get("on") == "1"
    erasure.restrict(pages.world, found[0].id, on=on, by="dashboard")
    return RedirectResponse(f"/contacts/{found[0].id}?done={'restricted' if on else 'unrestricted'}", 303)


def _found(pages: Pages, request: Request) -> tuple[Row[Any], bool] | None:
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, request.path_params["id"])
        if person is None or person.erased_at:
            return None
        acts = [event for event in listing.headers(connection, [person])[person.id] if event.type in PAIR]
    return person, bool(acts) and max(acts, key=lambda e: e.occurred_at).type is ConsentType.RESTRICTED
