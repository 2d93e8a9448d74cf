"""Pages: templates in two languages, and what every page knows."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from integration.flow.world import World
from integration.i18n import LANGUAGES, negotiated, translator
from integration.web.auth import Brake, Session
from integration.web.deps import WebDeps
from integration.web.formats import Formats
from integration.web.parts.rehearsal_runner import Rehearsals
from integration.web.visitor import address_of

HERE = Path(__file__).parent


class Pages:
    """What the page modules work with: the dependencies, the templates, the brake of the login."""

    def __init__(self, deps: WebDeps) -> None:
        self.deps = deps
        self.zone = ZoneInfo(deps.config.time_zone)
        self.brake = Brake()
        self.rehearsals = Rehearsals()
        self._environments = {language: _environment(language, self.zone) for language in LANGUAGES}

    @property
    def world(self) -> World:
        """What use cases take."""
        return self.deps.world

    @property
    def country(self) -> str:
        """Where a number without a country code is dialled: the first shop's country."""
        return next((shop.context.country for shop in self.world.shops.values()), "DE")

    def visitor(self, request: Request) -> str:
        """The address of whoever asks."""
        return address_of(request, self.deps.config.trusted_proxies)

    def today(self) -> date:
        """The day that the owner's calendar shows."""
        return self.deps.world.clock().astimezone(self.zone).date()

    def language(self, request: Request) -> str:
        """The session's language, or what the browser asks for before anybody signed in."""
        session = session_in(request)
        if session and session.language in LANGUAGES:
            return session.language
        return negotiated(request.headers.get("accept-language", ""), self.deps.config.language)

    def render(
        self, request: Request, template: str, status: int = 200, *, spoken: str = "", **context: Any
    ) -> Response:
        """One page, in the reader's language unless another one is `spoken`."""
        language = spoken or self.language(request)
        session = session_in(request)
        page = self._environments[language].get_template(template)
        html = page.render(
            language=language,
            csrf=session.csrf if session else "",
            signed_in=session is not None,
            demo=self.deps.config.demo,
            path=request.url.path,
            here=here(request),
            now=self.deps.world.clock(),
            shops=self.deps.shops,
            senders=self.deps.senders,
            **context,
        )
        return HTMLResponse(html, status, {"vary": "accept-language, cookie"})

    def missing(self, request: Request) -> Response:
        """There is no such thing."""
        return self.render(request, "error/missing.html", 404)

    def broken(self, request: Request) -> Response:
        """Something failed; no detail, it could be personal."""
        return self.render(request, "error/broken.html", 500)

    async def not_found(self, request: Request, _problem: Exception) -> Response:
        """The handler of unknown addresses."""
        return self.missing(request)


def session_in(request: Request) -> Session | None:
    """The session that the guard found."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def here(request: Request) -> str:
    """This page's own address, for forms that come back to it."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _environment(language: str, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translator(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= Formats(language, zone).filters()
    environment.globals["version"] = _version()
    return environment


def _version() -> str:
    content = b"".join(path.read_bytes() for path in sorted((HERE / "static").iterdir()))
    return hashlib.sha256(content).hexdigest()[:12]
