"""Signing in: who are you?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.i18n import LANGUAGES
from integration.web import auth
from integration.web.forms import Form
from integration.web.guard import local_path
from integration.web.render import Pages, session_in

LONGEST_PASSWORD = 1000


def show(pages: Pages, request: Request) -> Response:
    """The form."""
    target = local_path(request.query_params.get("next", "/"))
    if session_in(request):
        return RedirectResponse(target, 303)
    return _form(pages, request, target)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Check the password and start a session."""
    deps, now, target = pages.deps, pages.world.clock(), local_path(form.get("next", "/"))
    address = pages.visitor(request)
    wait = pages.brake.wait(address, now)
    if wait.total_seconds() > 0:
        seconds = int(wait.total_seconds()) + 1
        answer = _form(pages, request, target, 429, wait=seconds)
        answer.headers["retry-after"] = str(seconds)
        return answer
    password = form.get("password", "")
    # Counted before the check: a hundred tries at once must not all be free.
    pages.brake.failed(address, now)
    if len(password) > LONGEST_PASSWORD or not auth.check_password(deps.world.database, deps.world.vault, password):
        return _form(pages, request, target, 401, wrong=True)
    pages.brake.succeeded(address)
    response = RedirectResponse(target, 303)
    chosen = form.get("language", "")
    auth.sign_in(deps, chosen if chosen in LANGUAGES else pages.language(request), response)
    return response


def _form(
    pages: Pages, request: Request, target: str, status: int = 200, wrong: bool = False, wait: int = 0
) -> Response:
    ready = auth.has_password(pages.world.database, pages.world.vault)
    return pages.render(request, "account/login.html", status, next=target, wrong=wrong, wait=wait, ready=ready)
