"""Received: what came in that led to nothing, and why?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.store.messages import listing
from integration.web.render import Pages

MORE = listing.PAGE + 1


def show(pages: Pages, request: Request) -> Response:
    """The list; never a body. With `outcome` the events that led to no message for this reason."""
    asked = request.query_params
    note, outcome, before = asked.get("note", ""), asked.get("outcome", ""), asked.get("before", "")
    with pages.world.database.read() as connection:
        found = listing.received(connection, note, before, MORE) if not outcome else []
        events = listing.silent_events(connection, outcome, before, MORE) if outcome else []
        first = not (before or note or outcome)
        retried = listing.retried(connection) if first else []
        failing = listing.open_events(connection) if first else []
    again = asked.get("again", "")
    shown = (found or events)[: listing.PAGE]
    return pages.render(
        request,
        "webhooks/received.html",
        rows=found[: listing.PAGE],
        events=events[: listing.PAGE],
        retried=retried,
        failing=failing,
        note=note,
        outcome=outcome,
        again=int(again) if again.isascii() and again.isdigit() else None,
        before=shown[-1].id if len(found or events) > len(shown) else "",
    )
