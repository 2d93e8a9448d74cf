"""Forms: read with a limit, and only with the token of the session that they were made for."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from integration.web import asgi
from integration.web.guard import LOGIN
from integration.web.render import Pages, session_in

Form = Mapping[str, str]
LIMIT = 64_000
FIELDS = 80


def posted(pages: Pages, take: Callable[[Pages, Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that checks the form before `take` sees it. Nobody can forget the check."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await asgi.read_body(request.scope, request.receive, LIMIT)
            form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS))
        except (asgi.TooLarge, ValueError):
            return PlainTextResponse("This form is too large.", 413)
        except (asgi.Disconnected, TimeoutError):
            return PlainTextResponse("This form did not arrive.", 408)
        if not is_own(request, form):
            return PlainTextResponse("This form has expired. Please load the page again.", 403)
        return await run_in_threadpool(take, pages, request, form)

    return endpoint


def is_own(request: Request, form: Form) -> bool:
    """Whether a form has the token of the session that it was made for."""
    session = session_in(request)
    if session is None:
        # Before signing in there is no session to bind a token to; the guard has checked the form's origin.
        return request.url.path == LOGIN
    if request.url.path == LOGIN:
        return True
    return hmac.compare_digest(form.get("csrf", "").encode(), session.csrf.encode())
