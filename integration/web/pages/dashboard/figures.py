"""Figures: how did it go, day by day: sent, delivered, read, brought back, cost?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel.numbers import format_decimal
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.money import amount
from integration.i18n import translator
from integration.store import overview
from integration.store.carts import figures
from integration.store.costs import costs
from integration.web.formats import day_span
from integration.web.parts.chart import Bar, Day, bars, chart, label
from integration.web.render import Pages

SPANS = (14, 30, 90)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum of each day in one currency: the chart, and the days for the table."""

    currency: str
    chart: Markup
    days: Sequence[tuple[date, Decimal]]

    @property
    def total(self) -> Decimal:
        """All days together."""
        return sum((value for _, value in self.days), Decimal(0))


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    typed, language = request.query_params.get("days", ""), pages.language(request)
    span = int(typed) if typed in map(str, SPANS) else SPANS[0]
    dates = [pages.today() - timedelta(days=back) for back in reversed(range(span))]
    spans = [day_span(day, pages.zone) for day in dates]
    with pages.world.database.read() as connection:
        counts = overview.per_day(connection, spans)
        brought = figures.brought_on(connection, spans)
        spent = [dict(costs.billed(connection, *span)) for span in spans]
    days = [Day(day, found) for day, found in zip(dates, counts, strict=True)]
    _ = translator(language).gettext
    return pages.render(
        request,
        "dashboard/figures.html",
        span=span,
        spans=SPANS,
        days=days,
        chart=chart(days, language) if any(day.total for day in days) else "",
        brought=_money(dates, brought, "/carts?came={}", _("Brought back per day"), language),
        spent=_money(dates, spent, "/messages?charged={}", _("Cost per day"), language),
    )


def _money(
    dates: Sequence[date], sums: Sequence[dict[str, Decimal]], rows: str, said: str, language: str
) -> list[Money]:
    """One for each currency that occurs."""
    found = []
    for currency in sorted({currency for one in sums for currency in one}):
        days = [(day, one.get(currency, Decimal(0))) for day, one in zip(dates, sums, strict=True)]
        shown = [Bar(value, rows.format(day.isoformat()), _said(day, value, currency, language)) for day, value in days]
        labels = [label(day, language) for day in dates]
        drawn = bars(labels, [shown], f"{said}, {currency}", lambda value: format_decimal(value, locale=language))
        found.append(Money(currency, drawn, days))
    return found


def _said(day: date, value: Decimal, currency: str, language: str) -> str:
    return f"{label(day, language)}: {amount(str(value), currency, language)}"
