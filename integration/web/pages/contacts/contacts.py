"""Contacts: who is there, and may I write to them?"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.contacts.contacts import e164
from integration.flow.consent import proof, totals
from integration.flow.privacy import objections
from integration.store.contacts import listing
from integration.web.forms import Form
from integration.web.pages.contacts.withdraw import WAYS, read
from integration.web.parts.consent_status import standing
from integration.web.render import Pages

SHOWN = (SERVICE_SCOPE, "marketing_news", "marketing_offers")


def show(pages: Pages, request: Request) -> Response:
    """The list."""
    return _page(pages, request, "", request.query_params.get("before", ""))


def search(pages: Pages, request: Request, form: Form) -> Response:
    """The list with a search by name or number; what was typed travels in the form, never in an address."""
    typed = form.get("q", "").strip()[:100]
    if sum(character.isdigit() for character in typed) >= 6:
        return _by_number(pages, request, typed)
    return _page(pages, request, form.get("q", "").strip()[:100], form.get("before", ""))


def _by_number(pages: Pages, request: Request, typed: str) -> Response:
    """Who has this number leads to the person; a number that nobody has can be blocked."""
    with pages.world.database.read() as connection:
        found = proof.with_phone(pages.world, connection, typed, pages.country)
    if len(found) == 1:
        return RedirectResponse(f"/contacts/{found[0]}", 303)
    return _page(pages, request, typed, "", number=typed if e164(typed, pages.country) else "")


def block(pages: Pages, request: Request, form: Form) -> Response:
    """Somebody whom we do not know wants no advertising, or no message at all, on this number."""
    phone, told = e164(form.get("number", "")[:40], pages.country), read(pages, form)
    companies = [form["company"]] if form.get("company") in pages.world.companies else list(pages.world.companies)
    if phone is None or told is None:
        return _page(pages, request, "", "", 400)
    for company in companies:
        objections.by_number(pages.world, company, phone, told)
    return RedirectResponse("/contacts?done=blocked", 303)


def _page(pages: Pages, request: Request, search: str, before: str, status: int = 200, number: str = "") -> Response:
    with pages.world.database.read() as connection:
        found = listing.contacts(connection, search, before, listing.PAGE + 1)
        rows = found[: listing.PAGE]
        states = _states(pages, connection, rows)
    return pages.render(
        request,
        "contacts/contacts.html",
        status,
        number=number,
        ways=WAYS,
        today=pages.today().isoformat(),
        blocked=request.query_params.get("done") == "blocked",
        rows=rows,
        states=states,
        scopes=SHOWN,
        search=search,
        before=rows[-1].id if len(found) > len(rows) else "",
        paged=bool(before),
        reach=totals.reach(pages.world),
    )


def _states(pages: Pages, connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, dict[str, str]]:
    ledgers, now = listing.headers(connection, rows), pages.world.clock()
    return {row.id: {scope: standing(ledgers[row.id], scope, row, now).standing for scope in SHOWN} for row in rows}
