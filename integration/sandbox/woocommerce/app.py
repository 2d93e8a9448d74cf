"""One WooCommerce shop as a little web application, to be mounted under /woocommerce or to stand alone."""

from starlette.applications import Starlette
from starlette.routing import Route

from integration.sandbox.woocommerce import goods_rest, hooks_rest, orders_rest, parcels_rest, site_rest
from integration.sandbox.woocommerce.faults import Faults
from integration.sandbox.woocommerce.listing import METHODS
from integration.sandbox.woocommerce.pages import Pages
from integration.sandbox.woocommerce.rest import WooRest
from integration.sandbox.woocommerce.shop import WooShop

ROUTES = (*orders_rest.ROUTES, *parcels_rest.ROUTES, *goods_rest.ROUTES, *hooks_rest.ROUTES, *site_rest.ROUTES)


def application(shop: WooShop, *, trust_http: bool = False) -> Faults:
    """Everything that the shop answers, with its faults in front."""
    rest = Route("/wp-json/{path:path}", WooRest(shop, ROUTES).take, methods=[*METHODS])
    return Faults(Starlette(routes=[rest, *Pages(shop, trust_http=trust_http).routes()]))
