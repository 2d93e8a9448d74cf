"""One shop: how far has it been read, what can it do, what is wrong and what do I do?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import ShopError
from integration.domain.text import Text
from integration.store import overview
from integration.store.shops import shops, streams
from integration.web.forms import Form
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    return _page(pages, request)


def connect(pages: Pages, request: Request, _form: Form) -> Response:
    """The page with the way into the shop, where its owner lets us in.

    A link and no redirect: forms may lead nowhere but to ourselves (the content security policy).
    """
    slug = request.path_params["shop"]
    if slug not in pages.deps.shops or not pages.world.links.may_ask(slug):
        return pages.missing(request)
    try:
        return _page(pages, request, way_in=pages.world.links.ask(slug))
    except ShopError as error:
        return _page(pages, request, no_way_in=error.explanation)


def _page(pages: Pages, request: Request, way_in: str = "", no_way_in: Text | None = None) -> Response:
    shop = pages.deps.shops.get(request.path_params["shop"])
    if shop is None:
        return pages.missing(request)
    with pages.world.database.read() as connection:
        known = streams.of(connection, shop.slug)
        examination = shops.examination(connection, shop.slug)
        waiting = shops.examined_at(connection).get(shop.slug) is None
        received = overview.last_received(connection).get(shop.slug)
    return pages.render(
        request,
        "shops/shop.html",
        shop=shop,
        streams=known,
        failing=[state for state in known.values() if state.error],
        examination=examination,
        waiting=waiting,
        received=received,
        base=pages.deps.config.public_url.rstrip("/"),
        may_ask=pages.world.links.may_ask(shop.slug),
        way_in=way_in,
        no_way_in=no_way_in,
    )


def examine(pages: Pages, request: Request, _form: Form) -> Response:
    """Read the shop and examine it as soon as may be."""
    slug = request.path_params["shop"]
    if slug not in pages.deps.shops:
        return pages.missing(request)
    with pages.world.database.write() as connection:
        shops.examine_soon(connection, slug)
        streams.hasten(connection, slug, pages.world.clock())
    return RedirectResponse(f"/connections/{slug}", 303)
