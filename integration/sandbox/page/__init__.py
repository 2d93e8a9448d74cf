"""The stage page: shops on one side, the phone in the middle, the dashboard beside it."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from integration.sandbox.cast import CUSTOMERS, wording
from integration.sandbox.config import SandboxConfig
from integration.sandbox.page.words import WORDS
from integration.sandbox.shopify.stage_shop import ShopifyShop
from integration.sandbox.whatsapp.fates import FATES
from integration.sandbox.woocommerce.shop import WooShop

HERE: Final = Path(__file__).parent
ASSETS: Final = {"stage.css": "text/css; charset=utf-8", "stage.js": "text/javascript; charset=utf-8"}
ACCOUNT_FATES: Final = (190, 131042, 130429, 131048, 131057, 368)


def routes(config: SandboxConfig) -> list[Route]:
    """The page and its two files."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip

    async def stage(request: Request) -> Response:
        html = environment.get_template("stage.html").render(_context(config, request))
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    return [
        Route("/", stage, methods=["GET"]),
        Route("/assets/{name}", _asset, methods=["GET"]),
        Route("/favicon.ico", _no_icon),
    ]


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        return Response(status_code=404)
    return FileResponse(HERE / name, media_type=ASSETS[name], headers={"Cache-Control": "no-cache"})


async def _no_icon(_: Request) -> Response:
    return Response(status_code=204)


def _context(config: SandboxConfig, request: Request) -> dict[str, Any]:
    asked = request.query_params.get("lang", config.language)
    language = asked if asked in WORDS else "de"
    return {
        "config": config,
        "lang": language,
        "t": WORDS[language],
        "customers": list(CUSTOMERS.values()),
        "fates": list(FATES),
        "account_fates": ACCOUNT_FATES,
        "shops": [
            _shop(config, WooShop, "WooCommerce", "anna"),
            _shop(config, ShopifyShop, "Shopify", "ben"),
        ],
    }


def _shop(config: SandboxConfig, shop: type[WooShop | ShopifyShop], platform: str, first: str) -> dict[str, str]:
    words = wording(config.company_name, "[Nummer]", shop.privacy)
    return {"key": shop.key, "platform": platform, "name": shop.name, "first": first, "wording": words}
