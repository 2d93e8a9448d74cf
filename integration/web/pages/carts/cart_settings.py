"""The owner's choices about cart reminders besides on, off and delay (those stand under Notifications)."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.carts.reminders import CartRule
from integration.domain.notifications.settings import UnfitVoucher
from integration.store.carts import settings
from integration.web.forms import Form
from integration.web.parts.voucher_form import read_offer
from integration.web.render import Pages


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Keep them as a new version for one shop."""
    slug = form.get("shop", "")
    try:
        offer = read_offer(form)
    except UnfitVoucher:
        return pages.missing(request)
    if slug not in pages.deps.shops:
        return pages.missing(request)
    wanted = CartRule(second="second" in form, holdout="holdout" in form, offer=offer)
    with pages.world.database.write() as connection:
        settings.decide(connection, [slug], wanted, "owner", pages.world.clock())
    return RedirectResponse("/carts", 303)
