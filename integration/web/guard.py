"""What stands around the dashboard's pages: security headers, the session, the origin of every form."""

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integration import log
from integration.web.auth import session_of
from integration.web.deps import WebConfig, WebDeps

#: no session is needed: files, the links that customers stop messages with, the forms that they sign up with
OPEN = ("/static/", "/o/", "/signup/", "/notify/")
LOGIN = "/login"
#: the page that people look at their own data on: no login, but forms only from itself
ME = "/me"
logger = log.get(__name__)


class SecurityHeaders:
    """The same headers on every answer of the dashboard."""

    def __init__(self, app: ASGIApp, config: WebConfig) -> None:
        self._app = app
        self._headers = security_headers(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to whatever is answered."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith("/static/"):
                    headers["cache-control"] = "no-cache"
                framed = "content-security-policy" in headers  # the page says itself who may frame it
                for name, value in self._headers.items():
                    if not (framed and name == "x-frame-options"):
                        headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def security_headers(config: WebConfig) -> dict[str, str]:
    """No script or style but our own files, no framing but by the demo stage, nothing kept in caches."""
    headers = {
        "content-security-policy": content_policy([config.embed_from or "'none'"]),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cache-control": "no-store",
    }
    return headers if config.embed_from else {**headers, "x-frame-options": "DENY"}


def content_policy(frames: Sequence[str]) -> str:
    """Nothing but our own files and forms; `frames` are the origins that may show the page in a frame."""
    return (
        "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
        f"frame-ancestors {' '.join(frames)}"
    )


class Failures:
    """Turns what nobody expected into a page and one log line without personal data."""

    def __init__(self, app: ASGIApp, broken: Callable[[Request], Response]) -> None:
        self._app = app
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the page."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as problem:  # the last place where one can be caught without its text being logged
            place = log.brief(problem)
            logger.error("page failed", path=scope["path"], problem=place)
            if started:
                raise ConnectionAbortedError(place) from None
            await self._broken(Request(scope))(scope, receive, send)


class SignedIn:
    """Lets only signed-in browsers through, and only forms that come from our own pages."""

    def __init__(self, app: ASGIApp, deps: WebDeps) -> None:
        self._app = app
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the page, or let the request through with its session in `request.state`."""
        request = Request(scope)
        refusal = None
        if not request.url.path.startswith(OPEN):
            session = await run_in_threadpool(session_of, self._deps, request)
            request.state.session = session
            refusal = self._refusal(request, session is not None)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request, signed_in: bool) -> Response | None:
        path = request.url.path
        if request.method not in ("GET", "HEAD") and not self._own_form(request):
            return PlainTextResponse("This form came from another site.", 403)
        if signed_in or path in (LOGIN, ME) or path.startswith(f"{ME}/"):
            return None
        if request.method == "GET" and path != "/live":
            return RedirectResponse(f"{LOGIN}?next={quote(_asked_for(request), safe='')}", 303)
        return PlainTextResponse("signed out", 401)

    def _own_form(self, request: Request) -> bool:
        origin = request.headers.get("origin", "")
        if request.url.path == LOGIN and origin and origin == self._deps.config.embed_from:
            return True
        return origin == _origin(self._deps.config.public_url) or (
            urlsplit(origin).netloc != "" and urlsplit(origin).netloc == request.headers.get("host")
        )


def local_path(target: str) -> str:
    """`target` if it is a path of our own, else the start page: a login must not send people elsewhere."""
    parts = urlsplit(target)
    harmless = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if harmless and not parts.scheme and not parts.netloc and "\\" not in target else "/"


def _asked_for(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "-"
