"""Alarms: what needs me now, what did before, and who is told?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.alarms import Cause, Told, told
from integration.store import alarms, notices
from integration.store.alarms import Alarm
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page: open alarms first, then those that are over."""
    before = request.query_params.get("before", "")
    with pages.deps.database.read() as connection:
        current = [] if before else alarms.current(connection)
        over = alarms.over(connection, before, alarms.PAGE + 1)
        failing = notices.troubles(connection)
    shown = over[: alarms.PAGE]
    return pages.render(
        request,
        "alarms/alarms.html",
        current=worded(pages, request, current),
        over=worded(pages, request, shown),
        failing=sorted(failing),
        routes=pages.deps.config.alarm_routes,
        first=not before,
        before=shown[-1].id if len(over) > len(shown) else "",
    )


def worded(pages: Pages, request: Request, found: list[Alarm]) -> list[tuple[Alarm, Told]]:
    """Alarms with their sentences; one of a cause that this version does not know is left out."""
    language = pages.language(request)
    known = [item for item in found if item.cause in set(Cause)]
    return [(item, told(item.cause, item.about, item.facts, language, pages.zone)) for item in known]
