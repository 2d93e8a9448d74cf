"""Alarms: what needs me now, what did before, and who is told?"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.alarms.alarm_texts import Route
from integration.domain.alarms.alarms import Cause, Told, route_name, told
from integration.domain.errors import remedy_of
from integration.flow.alarms import deliver
from integration.flow.alarms.owner_phone import routes
from integration.store.alarms import alarms, deliveries
from integration.store.alarms.alarms import Alarm
from integration.web.forms import Form
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page: open alarms first, then those that are over."""
    return _page(pages, request, ())


def test(pages: Pages, request: Request, _: Form) -> Response:
    """Send a test by every route, and say of each how it went."""
    world = pages.world
    return _page(pages, request, deliver.tried(routes(world), world.owner, world.clock()))


def _page(pages: Pages, request: Request, tried: Sequence[tuple[Route, str]]) -> Response:
    before = request.query_params.get("before", "")
    language = pages.language(request)
    with pages.world.database.read() as connection:
        current = [] if before else alarms.current(connection)
        over = alarms.over(connection, before, alarms.PAGE + 1)
        failing = deliveries.troubles(connection)
    shown = over[: alarms.PAGE]
    return pages.render(
        request,
        "alarms/alarms.html",
        current=worded(pages, request, current),
        over=worded(pages, request, shown),
        failing=[
            (route_name(route, language), _remedy(pages, request, code)) for route, code in sorted(failing.items())
        ],
        tried=[(way.target, _remedy(pages, request, code)) for way, code in tried],
        routes=pages.deps.config.alarm_routes,
        first=not before,
        before=shown[-1].id if len(over) > len(shown) else "",
    )


def _remedy(pages: Pages, request: Request, code: str) -> str:
    return remedy_of(code, pages.language(request))


def worded(pages: Pages, request: Request, found: list[Alarm]) -> list[tuple[Alarm, Told]]:
    """Alarms with their sentences; one of a cause that this version does not know is left out."""
    language = pages.language(request)
    known = [item for item in found if item.cause in set(Cause)]
    return [(item, told(item.cause, item.about, item.facts, language, pages.zone)) for item in known]
