"""Today: what went out, what did not and why, is everything healthy, whom can I reach?"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from integration.store import alarms as alarm_store
from integration.store import overview
from integration.store.overview import ReasonCount, Trouble
from integration.web.chart import Day, chart
from integration.web.formats import day_span
from integration.web.pages import alarms
from integration.web.render import Pages

DAYS = 14
ORDER = (
    "read",
    "delivered",
    "sent",
    "accepted",
    "sending",
    "claimed",
    "queued",
    "unknown",
    "failed",
    "suppressed",
    "cancelled",
    "expired",
)
OUT = ("accepted", "sent", "delivered", "read")
ARRIVED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Figures:
    """Today in numbers."""

    orders: int
    statuses: dict[str, int]
    reasons: list[ReasonCount]
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


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    today = pages.today()
    spans = [day_span(day, pages.zone) for day in _days(today)]
    with pages.deps.database.read() as connection:
        figures = _figures(connection, spans[-1])
        per_day = overview.per_day(connection, spans)
        open_alarms = alarm_store.current(connection)
        received, paused = overview.last_received(connection), overview.paused(connection)
    days = [Day(day, counts) for day, counts in zip(_days(today), per_day, strict=True)]
    language = pages.language(request)
    return pages.render(
        request,
        "today/today.html",
        today=today,
        figures=figures,
        reach=pages.reach.get(),
        chart=chart(days, language) if any(day.total for day in days) else "",
        days=days,
        quiet=not any(day.total for day in days) and not figures.orders and not figures.total,
        received=received,
        paused=paused,
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
        silent=overview.silent_events(connection, span),
        troubles=overview.received_troubles(connection, span[0]),
        failing=overview.failing_events(connection),
        uncertain=overview.uncertain(connection),
    )
