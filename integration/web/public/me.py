"""GET /me and its forms: what is stored about me, and what I can do about it. Confirmed by the visitor's own WhatsApp.

No login, no script, no number in a form or an address. The cookie knows the browser; the forms carry a mark of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from integration.flow.privacy import requests as subject_requests
from integration.flow.privacy.selfservice import OPEN, Opened, SelfService
from integration.store.contacts import listing as contact_listing
from integration.store.messages import listing
from integration.store.privacy import requests
from integration.web import asgi
from integration.web.guard import ME
from integration.web.pages.contacts.contact import GENERAL, listed_scopes
from integration.web.pages.privacy.export import packed
from integration.web.papers.certificate import certificate_text
from integration.web.parts.consent_status import standing
from integration.web.rate_limit import Pace
from integration.web.render import Pages

LIMIT, FIELDS = 4_000, 40
LONGEST_WISH = 1_000
SCOPE = "scope:"
PER_ADDRESS, TOGETHER = 30, 600
Form = Mapping[str, str]


class MyData:
    """The page of the person themselves."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._pace = Pace(PER_ADDRESS, TOGETHER)

    def routes(self) -> list[Route]:
        """The page and its forms."""
        forms = {"begin": self._begin, "code": self._enter, "withdraw": self._withdraw, "export": self._export}
        forms |= {"ask": self._ask, "erase": self._erase, "leave": self._leave}
        shown = Route(ME, self._shown, methods=["GET"])
        return [shown, *(Route(f"{ME}/{name}", self._posted(take), methods=["POST"]) for name, take in forms.items())]

    @property
    def _desk(self) -> SelfService:
        return SelfService(self._pages.world)

    def _posted(self, take: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                body = await asgi.read_body(request.scope, request.receive, LIMIT)
                form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=FIELDS))
            except (asgi.TooLarge, asgi.Disconnected, TimeoutError, ValueError):
                return PlainTextResponse("This form did not arrive.", 400)
            return await run_in_threadpool(self._taken, request, form, take)

        return endpoint

    def _taken(self, request: Request, form: Form, take: Callable[[Request, Form], Response]) -> Response:
        if not self._pace.allows(self._pages.visitor(request), self._pages.world.clock()):
            return self._page(request, None, 429, limited=True)
        token = self._token(request)
        if take != self._begin and not (token and compare_digest(form.get("mark", ""), self._mark(token))):
            return self._page(request, None, 403)
        return take(request, form)

    def _shown(self, request: Request) -> Response:
        return self._page(request, self._opened(request))

    def _begin(self, request: Request, form: Form) -> Response:
        token = self._desk.begin(form.get("company", ""))
        if token is None:
            return self._page(request, None, 429, limited=True)
        answer = RedirectResponse(ME, 303)
        secure = self._pages.deps.config.secure_cookies
        answer.set_cookie(
            self._cookie, token, max_age=int(OPEN.total_seconds()), httponly=True, samesite="strict", secure=secure
        )
        return answer

    def _enter(self, request: Request, form: Form) -> Response:
        if self._desk.enter(self._token(request), form.get("pin", "")[:20]):
            return RedirectResponse(ME, 303)
        return self._page(request, self._opened(request), 400, wrong=True)

    def _withdraw(self, request: Request, form: Form) -> Response:
        opened, what = self._opened(request), form.get("what", "")
        scopes = tuple(sorted(n.removeprefix(SCOPE)[:100] for n in form if n.startswith(SCOPE)))
        known = what in ("marketing", "everything") or (what == "some" and scopes)
        if opened is None or opened.person is None or not known:
            return self._page(request, opened, 400)
        self._desk.withdraw(opened, everything=what == "everything", scopes=scopes if what == "some" else ())
        return self._page(request, opened, done="withdrawn")

    def _export(self, request: Request, form: Form) -> Response:
        opened = self._opened(request)
        if opened is None or opened.person is None:
            return self._page(request, opened, 400)
        return packed(self._pages, request, opened.person.id, "self")

    def _ask(self, request: Request, form: Form) -> Response:
        opened = self._opened(request)
        words = form.get("words", "").strip()[:LONGEST_WISH]
        due = self._desk.ask(opened, form.get("kind", ""), words) if opened else None
        return self._page(request, opened, 200 if due else 400, done="asked" if due else "", due=due)

    def _erase(self, request: Request, form: Form) -> Response:
        opened = self._opened(request)
        if opened is None or opened.person is None or form.get("sure") != "1":
            return self._page(request, opened, 400)
        wish = self._desk.erase(opened)
        return self._page(request, None, certificate=self._certificate(request, wish) if wish else "")

    def _leave(self, request: Request, form: Form) -> Response:
        opened = self._opened(request)
        if opened:
            self._desk.leave(opened)
        answer = RedirectResponse(ME, 303)
        answer.delete_cookie(self._cookie)
        return answer

    def _certificate(self, request: Request, id_: str) -> str:
        with self._pages.world.database.read() as connection:
            wish = requests.by_id(connection, id_)
        if wish is None:
            return ""
        company, told = self._pages.world.companies[wish.company], subject_requests.details(self._pages.world, wish)
        return certificate_text(company, wish, told, self._pages.language(request))

    def _page(
        self,
        request: Request,
        opened: Opened | None,
        status: int = 200,
        *,
        wrong: bool = False,
        limited: bool = False,
        done: str = "",
        due: datetime | None = None,
        certificate: str = "",
    ) -> Response:
        world, token = self._pages.world, self._token(request)
        word = "DATEN" if self._pages.language(request) == "de" else "DATA"
        return self._pages.render(
            request,
            "public/me.html",
            status,
            companies=world.companies,
            company=world.companies[opened.visit.company].named if opened else "",
            visit=opened.visit if opened else None,
            person=opened.person if opened else None,
            link=self._desk.link(opened.visit, word) if opened else "",
            word=word,
            mark=self._mark(token) if token else "",
            wrong=wrong,
            limited=limited,
            done=done,
            due=due,
            certificate=certificate,
            **self._stored(opened),
        )

    def _stored(self, opened: Opened | None) -> dict[str, Any]:
        """What the page tells of the visitor."""
        if opened is None or opened.person is None:
            return {"states": [], "messages": 0, "written": 0, "orders": 0}
        with self._pages.world.database.read() as connection:
            row = contact_listing.contact_of(connection, opened.person.id)
            if row is None:
                return {"states": [], "messages": 0, "written": 0, "orders": 0}
            ledger = contact_listing.headers(connection, [row])[row.id]
            counts = listing.counts_of(connection, row.id)
        now = self._pages.world.clock()
        states = [(s, standing(ledger, s, row, now)) for s in (*GENERAL, *listed_scopes(ledger))]
        return {"states": [pair for pair in states if pair[1].standing in ("on", "pending")], **counts}

    def _opened(self, request: Request) -> Opened | None:
        token = self._token(request)
        return self._desk.opened(token) if token else None

    def _token(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")[:100]

    @property
    def _cookie(self) -> str:
        return "__Host-ladenbote-me" if self._pages.deps.config.secure_cookies else "ladenbote-me"

    def _mark(self, token: str) -> str:
        return self._pages.world.vault.mark(f"form\0{token}".encode()).hex()
