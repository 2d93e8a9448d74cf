"""Contacts: who is there, and may I write to them?"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.consent import SERVICE_SCOPE
from integration.store import people
from integration.web.forms import Form
from integration.web.render import Pages
from integration.web.standing import standing

SHOWN = (SERVICE_SCOPE, "marketing_news", "marketing_offers")


def show(pages: Pages, request: Request) -> Response:
    """The list."""
    return _page(pages, request, "", request.query_params.get("before", ""))


def search(pages: Pages, request: Request, form: Form) -> Response:
    """The list with a search; the name travels in the form, never in an address."""
    return _page(pages, request, form.get("q", "").strip()[:100], form.get("before", ""))


def _page(pages: Pages, request: Request, search: str, before: str) -> Response:
    with pages.deps.database.read() as connection:
        found = people.contacts(connection, search, before, people.PAGE + 1)
        rows = found[: people.PAGE]
        states = _states(pages, connection, rows)
    return pages.render(
        request,
        "contacts/contacts.html",
        rows=rows,
        states=states,
        scopes=SHOWN,
        search=search,
        before=rows[-1].id if len(found) > len(rows) else "",
        paged=bool(before),
        reach=pages.reach.get(),
    )


def _states(pages: Pages, connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, dict[str, str]]:
    ledgers, now = people.headers(connection, rows), pages.deps.clock()
    return {row.id: {scope: standing(ledgers[row.id], scope, row, now).standing for scope in SHOWN} for row in rows}
