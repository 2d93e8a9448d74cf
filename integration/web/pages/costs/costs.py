"""Costs: what do messages cost, and how much may they cost?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.costs.pricing import DEFAULT_CARDS, Category, RateCard
from integration.flow.costs import forecast
from integration.flow.costs.costs import periods, shares
from integration.store.costs import costs
from integration.web.render import Pages

CHARGED = (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION)
#: Meta changes its rates on the first day of these months only
QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a company may spend in a period: `stop` says that everything waits then, not only advertising."""

    company: str
    period: str
    spent: Decimal
    cap: Decimal
    stop: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the price table: the one that counts now, one that will, or one that did."""

    card: RateCard
    now: bool
    later: bool

    @property
    def rates(self) -> list[tuple[str | Decimal, ...]]:
        """(country, marketing, utility, authentication), by country."""
        return [(country, *map(rates.__getitem__, CHARGED)) for country, rates in sorted(self.card.rates.items())]


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    now, known, world = pages.world.clock(), pages.world.costs, pages.world
    _, _, month, later = periods(now, pages.zone)
    with pages.world.database.read() as connection:
        categories = costs.by_category(connection, month, later)
        limits = _limits(pages, connection)
        waiting = forecast.of_waiting(world, connection, now)
    today, current = pages.today(), known.prices.card(now)
    return pages.render(
        request,
        "costs/costs.html",
        categories=categories,
        month=f"{today:%Y-%m}",
        limits=limits,
        waiting=waiting if waiting and waiting.lines else None,
        cards=[Card(card, card is current, card.since > today) for card in reversed(known.prices.cards)],
        is_preset=known.prices.cards is DEFAULT_CARDS,
        is_old=current.since < quarter(today),
        quarter=quarter(today),
    )


def quarter(today: date) -> date:
    """The last day on which Meta may have changed its rates."""
    return date(today.year, max(month for month in QUARTERS if month <= today.month), 1)


def _limits(pages: Pages, connection: Connection) -> list[Limit]:
    found = []
    for slug, company in pages.world.companies.items():
        if not company.caps:
            continue
        spent = pages.world.costs.read(connection, slug, pages.world.clock())
        for period, (used, cap, stop) in shares(spent, company.caps).items():
            pair = ((cap, False), (stop, True))
            found += [Limit(slug, period, used, limit, hard) for limit, hard in pair if limit is not None]
    return found
