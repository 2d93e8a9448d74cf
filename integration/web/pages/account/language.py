"""Changing the dashboard's language."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.i18n import LANGUAGES
from integration.store import sessions
from integration.web.forms import Form
from integration.web.guard import local_path
from integration.web.render import Pages, session_in


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Remember the choice in the session and go back."""
    session, chosen = session_in(request), form.get("language", "")
    if session and chosen in LANGUAGES:
        with pages.world.database.write() as connection:
            sessions.set_language(connection, session.token_hash, chosen)
    return RedirectResponse(local_path(form.get("next", "/")), 303)
