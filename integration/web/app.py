"""The web part as one Starlette app: webhooks and health raw, the dashboard behind its guards."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from integration.web.deps import SenderEndpoint, ShopEndpoint, WebConfig, WebDeps
from integration.web.guard import Failures, SecurityHeaders, SignedIn
from integration.web.health import Health
from integration.web.live import Live
from integration.web.pages import page_routes
from integration.web.public.connect import ConnectCallback
from integration.web.public.me import MyData
from integration.web.public.optout import OptOutLink
from integration.web.public.signup import SignUpPages
from integration.web.render import Pages
from integration.web.webhooks.hooks import ShopHooks
from integration.web.webhooks.meta import MetaHooks
from integration.web.webhooks.plugin import PluginFacts
from integration.web.webhooks.plugin_rights import PluginRights

__all__ = ["SenderEndpoint", "ShopEndpoint", "WebConfig", "WebDeps", "create_app"]

STATIC = Path(__file__).parent / "static"


def create_app(deps: WebDeps) -> Starlette:
    """The app. Call `app.state.live.close()` before the server stops: it ends the open event streams."""
    live, health = Live(deps.world.database, deps.world.pulses.begin("live")), Health(deps)
    routes: list[BaseRoute] = [
        Route("/hooks/{shop}", ShopHooks(deps)),
        Route("/meta/{sender}", MetaHooks(deps)),
        Route("/plugin/{shop}", PluginFacts(deps)),
        Route("/plugin/{shop}/rights", PluginRights(deps)),
        Route("/connect/{shop}", ConnectCallback(deps)),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        Route("/metrics", health.metrics),
        Mount("/", dashboard(deps, live)),
    ]
    app = Starlette(routes=routes)
    app.state.live = live
    return app


def dashboard(deps: WebDeps, live: Live) -> Starlette:
    """The pages, with everything that pages need around them."""
    pages = Pages(deps)
    sign_up = SignUpPages(pages)
    return Starlette(
        routes=[
            *page_routes(pages),
            *MyData(pages).routes(),
            Route("/live", live.endpoint),
            Route("/o/{token}", OptOutLink(pages).answer, methods=["GET", "POST"]),
            Route("/signup/{code}", sign_up.answer, methods=["GET", "POST"]),
            Route("/notify/{shop}/{item}", sign_up.alert, methods=["GET"]),
            Route("/notify/{shop}/{item}/price", sign_up.price_alert, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[
            Middleware(SecurityHeaders, deps.config),
            Middleware(Failures, pages.broken),
            Middleware(SignedIn, deps),
        ],
        exception_handlers={404: pages.not_found, 405: pages.not_found},
    )
