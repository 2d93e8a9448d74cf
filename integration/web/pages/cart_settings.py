"""The owner's choices about cart reminders besides on, off and delay (those stand under Notifications)."""

from decimal import Decimal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.cart_reminders import CartRule, Offer
from integration.store import cart_rules
from integration.web.forms import Form
from integration.web.render import Pages

PERCENTS = (5, 10, 15, 20)
DAYS = (3, 7, 14)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Keep them as a new version for one shop."""
    slug, percent, days = form.get("shop", ""), form.get("percent", "0"), form.get("days", str(DAYS[1]))
    known = slug in pages.deps.shops and percent in ("0", *map(str, PERCENTS)) and days in map(str, DAYS)
    if not known:
        return pages.missing(request)
    offer = Offer(int(days), Decimal(percent)) if percent != "0" else None
    wanted = CartRule(second="second" in form, holdout="holdout" in form, offer=offer)
    with pages.deps.database.write() as connection:
        cart_rules.decide(connection, [slug], wanted, "owner", pages.deps.clock())
    return RedirectResponse("/carts", 303)
