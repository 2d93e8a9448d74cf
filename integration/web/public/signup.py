"""GET and POST /signup/{code}, GET /notify/{shop}/{item}(/price): the public form to opt in by, for the shop's pages.

No cookie, no login, no script. A form that another site sends for somebody does only what anybody can do here, typing a
number, so no form token is needed; the token in it says when it was shown.
"""

from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

import phonenumbers
from babel import Locale
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.consent.wordings import BACK_IN_STOCK, PRICE_DROP
from integration.flow.consent.signup import Filled, SignUpDesk, SignUpForm
from integration.web import asgi
from integration.web.forms import Form
from integration.web.guard import content_policy
from integration.web.rate_limit import Pace
from integration.web.render import Pages

LIMIT = 4_000
FIELDS = 30
NEAREST = ("DE", "AT", "CH")
PER_ADDRESS, TOGETHER = 10, 300


class SignUpPages:
    """Shows the form and takes what was filled in; says the same to everybody."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._pace = Pace(PER_ADDRESS, TOGETHER)
        self._policy = content_policy(["'self'", *pages.deps.frames])

    async def answer(self, request: Request) -> Response:
        """Answer one request for the form of a link."""
        typed: Form | None = None
        if request.method == "POST":
            try:
                body = await asgi.read_body(request.scope, request.receive, LIMIT)
                typed = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=FIELDS))
            except (asgi.TooLarge, asgi.Disconnected, TimeoutError, ValueError):
                typed = {}
        return await run_in_threadpool(self._answered, request, typed)

    def alert(self, request: Request) -> Response:
        """The form for one message when an article is back."""
        return self._alert(request, BACK_IN_STOCK)

    def price_alert(self, request: Request) -> Response:
        """The form for one message when an article gets cheaper."""
        return self._alert(request, PRICE_DROP)

    def _alert(self, request: Request, alert: str) -> Response:
        parts = request.path_params
        return self._shown(request, self._desk.alert_form(parts["shop"], parts["item"], alert))

    @property
    def _desk(self) -> SignUpDesk:
        return SignUpDesk(self._pages.world)

    def _answered(self, request: Request, typed: Form | None) -> Response:
        form = self._desk.form(request.path_params["code"])
        if form is None or typed is None:
            return self._shown(request, form)
        filled = _filled(form, typed, self._pages.visitor(request))
        if typed.get("website"):  # no person sees this field
            return self._page(request, form, filled, done=True)
        if not self._pace.allows(filled.ip, self._pages.world.clock()):
            return self._page(request, form, filled, 429, limited=True)
        problem = self._desk.take(form, filled)
        return self._page(request, form, filled, 422 if problem else 200, problem=problem, done=not problem)

    def _shown(self, request: Request, form: SignUpForm | None) -> Response:
        country = form.link.language.upper() if form and form.link.language == "de" else NEAREST[0]
        return self._page(request, form, Filled(frozenset(), "", country, page=_around(request)))

    def _page(
        self,
        request: Request,
        form: SignUpForm | None,
        filled: Filled,
        status: int = 200,
        *,
        problem: str = "",
        done: bool = False,
        limited: bool = False,
    ) -> Response:
        language = form.link.language if form else ""
        answer = self._pages.render(
            request,
            "public/signup.html",
            status if form else 404,
            spoken=language,
            form=form,
            alert=form.link.purposes[0].partition(":")[0] if form and form.link.item else "",
            filled=filled,
            page=filled.page,
            token=self._desk.token(form.link.code) if form else "",
            countries=countries(language or "de"),
            problem=problem,
            done=done,
            limited=limited,
        )
        answer.headers["content-security-policy"] = self._policy
        return answer


def _filled(form: SignUpForm, typed: Form, address: str) -> Filled:
    return Filled(
        ticked=frozenset(place for place in range(len(form.texts)) if typed.get(f"box{place}")),
        phone=typed.get("phone", "").strip()[:40],
        country=typed.get("country", "")[:2].upper(),
        born_on=typed.get("born_on", "").strip()[:10],
        page=_address(typed.get("page", "")),
        ip=address,
        token=typed.get("token", "")[:100],
    )


def _around(request: Request) -> str:
    """The page that the form stands in, as far as the browser tells."""
    return _address(request.headers.get("referer", ""))


def _address(text: str) -> str:
    """A web address without what may be personal in it, "" when it is none."""
    try:
        parts = urlsplit(text[:300])
        host = parts.hostname
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme in ("http", "https") and host else ""


@lru_cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Every country with a calling code, by name; those nearby come first."""
    names = Locale("de" if language == "de" else "en").territories
    codes = [code for code in phonenumbers.SUPPORTED_REGIONS if code in names]
    rest = sorted((code for code in codes if code not in NEAREST), key=lambda code: _plain(names[code]))
    return tuple((code, f"{names[code]} (+{phonenumbers.country_code_for_region(code)})") for code in (*NEAREST, *rest))


def _plain(name: str) -> str:
    return name.translate(str.maketrans("ÄÖÜÅ", "AOUA"))
