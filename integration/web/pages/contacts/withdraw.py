"""What did this person take back, by letter, e-mail or phone?"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.flow.privacy import objections
from integration.flow.privacy.objections import StaffEntry
from integration.store.contacts import listing
from integration.web.forms import Form
from integration.web.pages.contacts.contact import GENERAL, listed_scopes
from integration.web.parts.consent_status import standing
from integration.web.render import Pages

WAYS = ("letter", "email", "phone", "in_store")
SCOPE = "scope:"


def show(pages: Pages, request: Request) -> Response:
    """The form."""
    return _page(pages, request, "", 200)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Withdraw at once."""
    told = read(pages, form)
    if told is None:
        return _page(pages, request, form.get("what", ""), 400)
    if not objections.by_staff(pages.world, request.path_params["id"], told):
        return pages.missing(request)
    return RedirectResponse(f"/contacts/{request.path_params['id']}?done=withdrawn", 303)


def read(pages: Pages, form: Form) -> StaffEntry | None:
    """What was entered; None when it says nothing that can be done."""
    what, scopes = form.get("what", ""), _scopes(form)
    if what not in ("marketing", "objection", "everything", "some") or (what == "some" and not scopes):
        return None
    return StaffEntry(
        everything=what == "everything",
        objection=what == "objection",
        way=form.get("way", "") if form.get("way") in WAYS else "letter",
        by="dashboard",
        at=_moment(pages, form.get("day", "")),
        note=form.get("note", "").strip()[:1000],
        scopes=scopes if what == "some" else (),
    )


def _scopes(form: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name.removeprefix(SCOPE)[:100] for name in form if name.startswith(SCOPE)))


def _moment(pages: Pages, typed: str) -> datetime:
    """The end of the day on which it came: what was agreed to on that day ends, too. Today: now."""
    now = pages.world.clock()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return now
    end = datetime.combine(day, time(), pages.zone) + timedelta(days=1, microseconds=-1)
    return min(now, end.astimezone(now.tzinfo))


def _page(pages: Pages, request: Request, what: str, status: int) -> Response:
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, request.path_params["id"])
        if person is None or person.erased_at:
            return pages.missing(request)
        ledger = listing.headers(connection, [person])[person.id]
    now = pages.world.clock()
    known = ((scope, standing(ledger, scope, person, now)) for scope in (*GENERAL, *listed_scopes(ledger)))
    return pages.render(
        request,
        "contacts/withdraw.html",
        status,
        person=person,
        scopes=[scope for scope, state in known if state.standing in ("on", "pending")],
        ways=WAYS,
        today=pages.today().isoformat(),
        what=what or "marketing",
        wrong=status != 200,
    )
