"""Consents: whom can I reach for what, is that growing, and whose consent almost counts?"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from sqlalchemy import Row as SqlRow
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.consent.consent import ConsentEvent
from integration.domain.consent.wordings import ALERT_SCOPES, OFFERED
from integration.flow.consent import totals
from integration.store.consent import totals as consent_totals
from integration.store.contacts import listing as contact_listing
from integration.web.parts.reach_chart import Week, growth
from integration.web.render import Pages

WEEKS = 12
RATE_DAYS = 30
SCOPES = (*OFFERED, *(alert.rstrip(":") for alert in ALERT_SCOPES))
DRAWN = ("service_updates", "marketing_news", "marketing_offers")
LISTED, PAGE, SEARCHED = 50, 200, 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One purpose in numbers of people."""

    scope: str
    on: int
    pending: int
    off: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A consent that almost counts: how many people, for which purpose it is most, and why it does not."""

    code: str
    scope: str
    people: int

    @property
    def why(self) -> str:
        """The reason's code or the flaw's name."""
        return self.code.partition(":")[2]

    @property
    def query(self) -> str:
        """The address of the people behind the number."""
        return urlencode({"scope": self.scope, "code": self.code})


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    totals.catch_up(pages.world, totals.AT_ONCE)
    slug = _company(pages, request)
    with pages.world.database.read() as connection:
        standings = consent_totals.of_company(connection, slug, "standing")
        days = consent_totals.of_company(connection, slug, "day")
        behind = slug in consent_totals.behind(connection)
    weeks = _weeks(days, pages.today())
    return pages.render(
        request,
        "consent/consents.html",
        company=slug,
        companies=pages.world.companies,
        rows=[_row(standings, scope) for scope in SCOPES],
        misses=_misses(standings),
        chart=growth(weeks, DRAWN, pages.language(request)) if any(week.anybody for week in weeks) else "",
        weeks=weeks,
        drawn=DRAWN,
        rate=_rate(standings, days, pages.today()),
        rate_days=RATE_DAYS,
        behind=behind,
        reach=totals.reach(pages.world),
    )


def who(pages: Pages, request: Request) -> Response:
    """The people behind a number, the newest contacts first; as many as can be looked through in a moment."""
    scope, code = request.query_params.get("scope", ""), request.query_params.get("code", "")
    with pages.world.database.read() as connection:
        found, before = _searched(pages, connection, scope, code, request.query_params.get("before", ""))
    return pages.render(
        request,
        "consent/people.html",
        people=found,
        scope=scope,
        code=code,
        why=code.partition(":")[2],
        before=before,
        query=urlencode({"scope": scope, "code": code}),
    )


def _company(pages: Pages, request: Request) -> str:
    asked = request.query_params.get("company", "")
    return asked if asked in pages.world.companies else next(iter(pages.world.companies))


def _row(standings: dict[tuple[str, str], int], scope: str) -> Row:
    counts = {"on": 0, "pending": 0, "off": 0}
    for (name, code), count in standings.items():
        kind = code.partition(":")[0]
        if name == scope and kind in counts:
            counts[kind] += count
    return Row(scope, **counts)


def _misses(standings: dict[tuple[str, str], int]) -> list[Miss]:
    """By reason; a person may lack several purposes for one reason, so the purpose with most of them stands for all."""
    most: dict[str, Miss] = {}
    for (scope, code), count in standings.items():
        if code.startswith(("none:", "pending:")) and count > (most[code].people if code in most else 0):
            most[code] = Miss(code, scope, count)
    return sorted(most.values(), key=lambda miss: -miss.people)


def _rate(standings: dict[tuple[str, str], int], days: dict[tuple[str, str], int], today: date) -> float | None:
    """Of a hundred who were reachable for advertising, how many have opted out lately; None when nobody was."""
    since = (today - timedelta(days=RATE_DAYS)).isoformat()
    advertising = [scope for scope in SCOPES if scope != "service_updates"]
    lost = max((_sum(days, f"lost:{scope}", since) for scope in advertising), default=0)
    on = max((standings.get((scope, "on"), 0) for scope in advertising), default=0)
    return 100 * lost / (on + lost) if on + lost else None


def _sum(days: dict[tuple[str, str], int], code: str, since: str, until: str = "9") -> int:
    return sum(count for (day, what), count in days.items() if what == code and since <= day < until)


def _weeks(days: dict[tuple[str, str], int], today: date) -> list[Week]:
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    return [
        Week(start, {scope: _reachable(days, scope, start + timedelta(weeks=1)) for scope in DRAWN}) for start in starts
    ]


def _reachable(days: dict[tuple[str, str], int], scope: str, until: date) -> int:
    """How many were on before this day."""
    end = until.isoformat()
    return _sum(days, f"gained:{scope}", "", end) - _sum(days, f"lost:{scope}", "", end)


def _searched(
    pages: Pages, connection: Connection, scope: str, code: str, before: str
) -> tuple[list[SqlRow[Any]], str]:
    found: list[SqlRow[Any]] = []
    for _ in range(SEARCHED // PAGE):
        rows = contact_listing.contacts(connection, "", before, PAGE)
        ledgers = contact_listing.headers(connection, rows)
        for row in rows:
            before = row.id
            if row.company in pages.world.companies and _fits(pages, ledgers[row.id], row.company, scope, code):
                found.append(row)
                if len(found) == LISTED:
                    return found, before
        if len(rows) < PAGE:
            return found, ""
    return found, before


def _fits(pages: Pages, ledger: list[ConsentEvent], company: str, scope: str, code: str) -> bool:
    now = pages.world.clock()
    known = totals.codes_of(pages.world.companies[company], ledger, now).get(scope, "")
    return bool(known) and code in (known, known.partition(":")[0])
