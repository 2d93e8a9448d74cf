"""What rests because Meta said so goes on by the owner's click."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.messages.holds import Scope
from integration.flow.messages import on_refused
from integration.web.forms import Form
from integration.web.render import Pages

NUMBER = "number"


def resume(pages: Pages, request: Request, form: Form) -> Response:
    """Let a number, or a part, go on. If the cause lasts, the next message that Meta refuses makes it rest again."""
    scope, key = form.get("scope", ""), form.get("key", "")
    if scope != NUMBER and scope not in list(Scope):
        return pages.missing(request)
    with pages.world.database.write() as connection:
        if scope == NUMBER:
            on_refused.resume_number(connection, key)
        else:
            on_refused.resume(connection, Scope(scope), key, pages.world.clock())
    return RedirectResponse("/connections", 303)
