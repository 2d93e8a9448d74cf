"""GET and POST /o/{token}: a customer stops messages by a link, without a login (GDPR Art. 7(3))."""

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from integration.web import asgi
from integration.web.render import Pages

LIMIT = 1_000


class OptOutLink:
    """Shows two choices and obeys at once. Reading it changes nothing: mail programs open links by themselves."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def answer(self, request: Request) -> Response:
        """Answer one request. The token is the permission, so no form token is needed."""
        scope = ""
        if request.method == "POST":
            try:
                body = await asgi.read_body(request.scope, request.receive, LIMIT)
            except (asgi.TooLarge, asgi.Disconnected, TimeoutError):
                body = b""
            scope = parse_qs(body.decode("latin-1")).get("scope", ["marketing"])[0]
        return await run_in_threadpool(self._shown, request, scope)

    def _shown(self, request: Request, scope: str) -> Response:
        desk, token = self._pages.deps.opt_out, request.path_params["token"]
        company = desk.company(token) if desk else None
        everything = scope == "all"
        done = bool(desk and company and scope and desk.stop(token, everything=everything))
        status = 200 if company else 404
        return self._pages.render(
            request, "public/optout.html", status, company=company, done=done, everything=everything
        )
