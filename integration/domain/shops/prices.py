"""What an article costs, and whether that is less than before: what may be told of it.

Who announces a lower price has to name the lowest one of the 30 days before (PAngV section 11, Directive 98/6/EC
Article 6a), and whoever asked "tell me when it gets cheaper" means the price of that moment.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from integration.domain.hot_dataclass import lean
from integration.domain.shops.facts import ProductFacts, VariantFacts

DAYS_BEFORE = timedelta(days=30)


@lean
class Since:
    """A price and from when on it was asked for."""

    at: datetime
    price: Decimal


@lean
class Before:
    """What a price has to be below: the lowest of the 30 days before, and the one when somebody asked."""

    lowest: Decimal
    asked: Decimal

    def allows(self, price: Decimal) -> bool:
        """Whether this price may be called cheaper."""
        return price < min(self.lowest, self.asked)


def before(history: Sequence[Since], asked_at: datetime, now: datetime) -> Before | None:
    """What was asked for before the last price of this history (oldest first); None when nothing is known of it.

    A price that holds for 30 days is the lowest of them itself.
    """
    if not history:
        return None
    in_force = [one.price for one, following in pairwise(history) if following.at > now - DAYS_BEFORE]
    lowest = min(in_force, default=history[-1].price)
    asked = [one.price for one in history if one.at <= asked_at]
    return Before(lowest, asked[-1] if asked else lowest)


def read(price: str) -> Decimal | None:
    """A price as the shop wrote it; None for what is none."""
    try:
        found = Decimal(price)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def meant(product: ProductFacts, article: str) -> list[VariantFacts]:
    """The variants that an article stands for: itself, or all of the product's."""
    return [variant for variant in product["variants"] if variant["id"] == article] or product["variants"]


def cheapest(product: ProductFacts, article: str) -> VariantFacts | None:
    """The variant that costs least of those that can be bought now; None when none can."""
    priced = [
        (price, variant)
        for variant in meant(product, article)
        if variant["in_stock"] and product["published"] and (price := read(variant["price"])) is not None
    ]
    return min(priced, key=lambda pair: pair[0])[1] if priced else None
