"""`ladenbote test-alarm`: a test by every route to the owner, and what is wrong with each."""

from contextlib import ExitStack
from pathlib import Path

from integration.domain.errors import NoticeFailed
from integration.domain.notices import Route, test_notice
from integration.flow.owner_phone import routes
from integration.settings import Settings
from integration.wiring import ensure_usable, now, opened, owner


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
        tried = [_tried(way, settings) for way in ways]
    return all(well for well, _ in tried), [line for _, line in tried]


def _tried(way: Route, settings: Settings) -> tuple[bool, str]:
    try:
        way.send(test_notice(owner(settings)), now())
    except NoticeFailed as failed:
        return False, f"FAIL  {way.name} to {way.target}: {failed.remedy}"
    return True, f"ok    {way.name}: sent to {way.target}"
