"""May and should this person's data be deleted, and what stays? (GDPR Art. 17)"""

from datetime import date, datetime, time

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.shops.facts import OrderStatus
from integration.flow.privacy import erasure as erasure_flow
from integration.flow.privacy.requests import GROUNDS
from integration.store.contacts import listing
from integration.store.privacy import erasure
from integration.web.forms import Form
from integration.web.render import Pages

UNFINISHED = (OrderStatus.PENDING, OrderStatus.ON_HOLD, OrderStatus.PROCESSING)


def show(pages: Pages, request: Request) -> Response:
    """What would go, what would stay, and what speaks against it."""
    return _page(pages, request, 200)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Erase, or note why it has to wait."""
    id_ = request.path_params["id"]
    if form.get("ground"):
        until = _end_of(pages, form.get("until", ""))
        if until is None or not erasure_flow.hold(pages.world, id_, form["ground"], until, "dashboard"):
            return _page(pages, request, 400)
        return RedirectResponse(f"/contacts/{id_}?done=held", 303)
    if form.get("sure") != "1":
        return _page(pages, request, 400)
    wish = erasure_flow.erase_contact(pages.world, id_, "staff")
    return RedirectResponse(f"/requests/{wish}", 303) if wish else pages.missing(request)


def _end_of(pages: Pages, typed: str) -> datetime | None:
    """The end of a day that is still to come."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    at = datetime.combine(day, time(23, 59), pages.zone)
    return at.astimezone(pages.world.clock().tzinfo) if at > pages.world.clock() else None


def _page(pages: Pages, request: Request, status: int) -> Response:
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, request.path_params["id"])
        if person is None or person.erased_at:
            return pages.missing(request)
        subjects = listing.subjects_of(connection, person)
        counts = erasure.counted(connection, person.id, person.company, subjects)
        marketed = erasure.was_marketed_to(connection, person.id)
        orders = _unfinished(connection, person.id)
    years = pages.world.retention.proof_years
    return pages.render(
        request,
        "privacy/erase.html",
        status,
        person=person,
        counts=counts,
        proof_year=pages.today().year + years if marketed else None,
        orders=orders,
        grounds=GROUNDS,
        today=pages.today().isoformat(),
        wrong=status != 200,
    )


def _unfinished(connection: Connection, contact_id: str) -> list[str]:
    orders = listing.orders_of(connection, contact_id)
    return [facts["number"] for facts in orders if facts.get("status") in UNFINISHED and facts.get("number")]
