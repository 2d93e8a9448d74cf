"""One shop: how far has it been read, what can it do, what is wrong and what do I do?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.store import overview, shops, streams
from integration.web.forms import Form
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    shop = pages.deps.shops.get(request.path_params["shop"])
    if shop is None:
        return pages.missing(request)
    with pages.deps.database.read() as connection:
        known = streams.of(connection, shop.slug)
        examination = shops.examination(connection, shop.slug)
        waiting = shops.examined_at(connection).get(shop.slug) is None
        received = overview.last_received(connection).get(shop.slug)
    return pages.render(
        request,
        "shop/shop.html",
        shop=shop,
        streams=known,
        failing=[state for state in known.values() if state.error],
        examination=examination,
        waiting=waiting,
        received=received,
        base=pages.deps.config.public_url.rstrip("/"),
    )


def examine(pages: Pages, request: Request, _form: Form) -> Response:
    """Read the shop and examine it as soon as may be."""
    slug = request.path_params["shop"]
    if slug not in pages.deps.shops:
        return pages.missing(request)
    with pages.deps.database.write() as connection:
        shops.examine_soon(connection, slug)
        streams.hasten(connection, slug, pages.deps.clock())
    return RedirectResponse(f"/connections/{slug}", 303)
