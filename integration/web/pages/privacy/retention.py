"""What is deleted when?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.store.privacy import retention
from integration.web.labels import KEPT
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """Every kind of data: how long it is kept, what would go now, which setting says so."""
    now = pages.world.clock()
    rows = [(name, KEPT.get(name, ("", "", "")), (now - before).days, n) for name, before, n in pages.deps.deletions()]
    with pages.world.database.read() as connection:
        old = retention.old_blocks(connection, now)
    return pages.render(
        request, "privacy/retention.html", rows=rows, proof_years=pages.world.retention.proof_years, reviewed=old
    )
