"""Signing out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.web import auth
from integration.web.forms import Form
from integration.web.render import Pages, session_in


def take(pages: Pages, request: Request, _form: Form) -> Response:
    """Revoke the session."""
    response = RedirectResponse("/login", 303)
    session = session_in(request)
    if session:
        auth.sign_out(pages.deps, session, response)
    return response
