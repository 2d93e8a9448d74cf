"""Who would get it? One kind of message, the people and orders behind it, and why not the others."""

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.notifications import BY_KIND
from integration.flow.notifications.audience import LISTED, MOST_ORDERS, OF_ORDERS, audience, knows
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page of one kind in one shop."""
    notification, shops = BY_KIND.get(request.path_params["kind"]), pages.world.shops
    shop = request.query_params.get("shop", "") or next(iter(shops), "")
    if notification is None or shop not in shops or not knows(notification):
        return pages.missing(request)
    found = audience(pages.world, shop, notification, pages.world.clock())
    return pages.render(
        request,
        "notifications/audience.html",
        notification=notification,
        shop=shop,
        ours=shops,
        found=found,
        refused=found.refused.most_common(),
        cases=found.cases[:LISTED],
        looks_back=notification.subject_type in OF_ORDERS,
        most=MOST_ORDERS,
    )
