"""`ladenbote test-alarm`: a test by every route to the owner, and what is wrong with each."""

from contextlib import ExitStack
from pathlib import Path

from integration.domain.alarms.alarm_texts import Route
from integration.domain.errors import remedy_of
from integration.flow.alarms.deliver import tried
from integration.flow.alarms.owner_phone import routes
from integration.run.wiring import ensure_usable, now, opened, owner
from integration.settings.settings import Settings


def test_routes(settings: Settings, home: Path) -> tuple[bool, list[str]]:
    """Whether every route works, and a line for each. The database is opened only for the owner's own WhatsApp."""
    told = owner(settings)
    with ExitStack() as stack:
        ways: list[Route] = list(told.routes)
        if told.phone:
            world = stack.enter_context(opened(settings, home))
            ensure_usable(world)
            ways = routes(world)
        if not ways:
            return False, ["Nobody would be told: add [alarms.mail], [alarms.webhook] or [alarms.whatsapp]."]
        found = tried(ways, told, now())
    return not any(failure for _, failure in found), [_line(way, failure) for way, failure in found]


def _line(way: Route, failure: str) -> str:
    if failure:
        return f"FAIL  {way.name} to {way.target}: {remedy_of(failure)}"
    return f"ok    {way.name}: sent to {way.target}"
