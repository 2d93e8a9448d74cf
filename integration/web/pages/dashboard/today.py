"""Today: what went out, what did not and why, is everything healthy, whom can I reach?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.costs.pricing import ZERO
from integration.flow.consent import totals
from integration.flow.costs.costs import month_end, periods, shares
from integration.flow.world import Company
from integration.store import overview
from integration.store.alarms import alarms as alarm_store
from integration.store.costs import costs
from integration.store.numbers import numbers as number_store
from integration.store.overview import ReasonCount, Trouble
from integration.web.formats import day_span
from integration.web.pages.alarms import alarms
from integration.web.parts.chart import Day, chart
from integration.web.render import Pages

DAYS = 14
ORDER = (
    "read",
    "delivered",
    "sent",
    "accepted",
    "lapsed",
    "sending",
    "claimed",
    "queued",
    "unknown",
    "failed",
    "suppressed",
    "cancelled",
    "expired",
)
OUT = ("accepted", "sent", "delivered", "read", "lapsed")
ARRIVED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Figures:
    """Today in numbers."""

    orders: int
    statuses: dict[str, int]
    reasons: list[ReasonCount]
    lapsed: int
    silent: list[Trouble]
    troubles: list[Trouble]
    failing: int
    uncertain: int

    @property
    def total(self) -> int:
        """All messages of the day."""
        return sum(self.statuses.values())

    @property
    def out(self) -> int:
        """Messages that left."""
        return sum(self.statuses.get(status, 0) for status in OUT)

    @property
    def arrived(self) -> int:
        """Messages that reached a phone."""
        return sum(self.statuses.get(status, 0) for status in ARRIVED)

    @property
    def held(self) -> int:
        """Messages that did not go out."""
        return sum(self.statuses.get(status, 0) for status in overview.NOT_SENT)

    @property
    def listed(self) -> list[tuple[str, int]]:
        """Statuses that occur, from the best to the worst."""
        return [(status, self.statuses[status]) for status in ORDER if self.statuses.get(status)]


@dataclass(frozen=True, slots=True)
class Full:
    """A number that may write to no more people for now: how many messages wait, and when they leave."""

    number: str
    most: int
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Spending:
    """What it costs: what was delivered today and this month, what the month is expected to.

    `caps` are (period, spent, limit), where what is under way counts, too.

    `answers` are (number, free texts left this month); empty while free text costs nothing.
    """

    today: Decimal
    month: Decimal
    expected: Decimal
    currency: str
    caps: list[tuple[str, Decimal, Decimal]]
    answers: list[tuple[str, int]]

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.month or self.caps)


def spending(pages: Pages, connection: Connection) -> Spending:
    """What the messages of today and of this month cost, and what is left."""
    now, known = pages.world.clock(), pages.world.costs
    today, tomorrow, month, _ = periods(now, pages.zone)
    card = known.prices.card(now)
    billed = dict(costs.billed(connection, month, tomorrow)).get(card.currency, ZERO)
    lately = dict(costs.billed(connection, today, tomorrow)).get(card.currency, ZERO)
    free = card.free_answers if card.answers_cost else 0
    return Spending(
        today=lately,
        month=billed,
        expected=month_end(billed, now, pages.zone),
        currency=card.currency,
        caps=[cap for company in pages.world.companies.values() for cap in _caps(pages, connection, company)],
        answers=[
            (sender.display_number, max(0, free - costs.answers(connection, sender.slug, month)))
            for sender in (pages.deps.senders.values() if free else ())
        ],
    )


def _caps(pages: Pages, connection: Connection, company: Company) -> list[tuple[str, Decimal, Decimal]]:
    if not company.caps:
        return []
    spent = pages.world.costs.read(connection, company.slug, pages.world.clock())
    found = shares(spent, company.caps)
    return [(period, used, cap) for period, (used, cap, _) in found.items() if cap is not None]


def _full(pages: Pages, connection: Connection) -> list[Full]:
    """Each day has room for as many people as Meta allows: so long the last of them wait."""
    waiting, facts = overview.over_the_limit(connection), number_store.facts_of(connection)
    found = []
    for row in waiting:
        most = row.sender in facts and facts[row.sender].people_per_day
        if most and row.sender in pages.deps.senders:
            first = max(row.next_at, pages.world.clock())
            last = first + timedelta(days=-(-row.people // most))
            found.append(Full(pages.deps.senders[row.sender].display_number, most, row.messages, first, last))
    return found


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    today = pages.today()
    spans = [day_span(day, pages.zone) for day in _days(today)]
    with pages.world.database.read() as connection:
        figures = _figures(connection, spans[-1])
        per_day = overview.per_day(connection, spans)
        spent = spending(pages, connection)
        full = _full(pages, connection)
        open_alarms = alarm_store.current(connection)
        received, paused = overview.last_received(connection), overview.paused(connection)
    days = [Day(day, counts) for day, counts in zip(_days(today), per_day, strict=True)]
    language = pages.language(request)
    return pages.render(
        request,
        "dashboard/today.html",
        today=today,
        figures=figures,
        full=full,
        reach=totals.reach(pages.world),
        chart=chart(days, language) if any(day.total for day in days) else "",
        days=days,
        quiet=not any(day.total for day in days) and not figures.orders and not figures.total,
        received=received,
        paused=paused,
        spent=spent,
        open_alarms=alarms.worded(pages, request, open_alarms),
        alarmed={item.about for item in open_alarms},
    )


def _days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _figures(connection: Connection, span: overview.Span) -> Figures:
    return Figures(
        orders=overview.orders_seen(connection, span),
        statuses=overview.by_status(connection, span),
        reasons=overview.by_reason(connection, span),
        lapsed=overview.lapsed(connection, span),
        silent=overview.silent_events(connection, span),
        troubles=overview.received_troubles(connection, span[0]),
        failing=overview.failing_events(connection),
        uncertain=overview.uncertain(connection),
    )
