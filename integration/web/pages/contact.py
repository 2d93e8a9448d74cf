"""One contact: who agreed to what, when, to which wording?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent import SCOPES
from integration.store import history, people
from integration.store.history import Filter
from integration.web.render import Pages
from integration.web.standing import standing

MESSAGES = 20
GENERAL = tuple(dict.fromkeys(scope for scope in SCOPES.values() if scope and ":" not in scope))


def show(pages: Pages, request: Request) -> Response:
    """The page. The only one that shows a full phone number."""
    asked = request.path_params["id"]
    with pages.deps.database.read() as connection:
        person = people.contact_of(connection, asked)
        if person is None:
            return pages.missing(request)
        if person.id != asked:
            return RedirectResponse(f"/contacts/{person.id}", 303)
        ledger = people.headers(connection, [person])[person.id]
        rows = people.consents(connection, person.company, people.subjects_of(connection, person))
        inbound = people.inbound_of(connection, person.id)
        messages = history.page(connection, Filter(contact_id=person.id), size=MESSAGES).rows
    now = pages.deps.clock()
    items = sorted({scope for row in rows for scope in row.purposes if ":" in scope})
    return pages.render(
        request,
        "contact/contact.html",
        person=person,
        states=[(scope, standing(ledger, scope, person, now)) for scope in (*GENERAL, *items)],
        consents=rows,
        inbound=inbound,
        messages=messages,
    )
