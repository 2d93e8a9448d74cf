"""Carts: who left, who was reminded, who came back?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.carts.carts import CartState
from integration.domain.carts.holdout import LEAST_BOUGHT, LEAST_CARTS
from integration.domain.carts.reminders import SIGNS, CartRule
from integration.domain.consent.consent import SCOPES, Purpose
from integration.domain.contacts.contacts import masked
from integration.flow.carts.holdout import Comparison, comparisons, within
from integration.i18n import translator
from integration.store.carts import figures as cart_figures
from integration.store.carts import listing as cart_listing
from integration.store.carts import settings
from integration.store.carts.figures import Cost
from integration.store.carts.listing import Filter, Funnel, Sum
from integration.store.contacts import listing
from integration.store.shops import shops
from integration.web import labels
from integration.web.formats import Formats, day_span
from integration.web.lists import MARK, csv_line, csv_response, read_day, read_key, write_key
from integration.web.parts import cart_labels
from integration.web.parts.consent_status import standing
from integration.web.parts.voucher_form import DAYS, PERCENTS
from integration.web.render import Pages

FIELDS = ("state", "step", "how", "reason", "shop", "day", "days", "came", "sort")
SCOPE = SCOPES[Purpose.ABANDONED_CART] or ""
#: the times that the figures may be about, in days
PERIODS = (7, 30, 90, 365)
PERIOD = 30
#: where a reminder would still matter
OPEN = (CartState.ACTIVE, CartState.ABANDONED)
#: sides of the comparison: they count from the decision, and after the time to come back
COMPARED = ("reminder", "reminder_bought", "holdout", "holdout_bought")


@dataclass(frozen=True, slots=True)
class Figures:
    """The carts of the last `days`: how far they got, what came back by which sign, what it cost, and the comparison.

    `reasons` are (code, number) of those that nobody could be reminded of.
    """

    days: int
    funnel: Funnel
    brought: Sequence[Sum]
    costs: Sequence[Cost]
    reasons: Sequence[tuple[str, int]]
    compared: Sequence[Comparison]

    @property
    def steps(self) -> list[tuple[str, int]]:
        """The funnel's steps in order."""
        counts = self.funnel
        return [
            ("left", counts.left),
            ("allowed", counts.allowed),
            ("reminded", counts.reminded),
            ("back", counts.back),
        ]

    @property
    def by_sign(self) -> list[tuple[str, int, list[Sum]]]:
        """(sign, carts, sums by currency) for each sign that occurs."""
        found = [(how, [one for one in self.brought if one.how == how]) for how in SIGNS]
        return [(how, sum(one.carts for one in sums), sums) for how, sums in found if sums]

    @property
    def totals(self) -> dict[str, Decimal]:
        """What came back, by currency."""
        found: dict[str, Decimal] = {}
        for one in self.brought:
            found[one.currency] = found.get(one.currency, Decimal(0)) + one.amount
        return found


def show(pages: Pages, request: Request) -> Response:
    """The list, filtered by what the address says, and the figures above it."""
    asked = request.query_params
    chosen = {name: asked.get(name, "") for name in FIELDS}
    with pages.world.database.read() as connection:
        found = cart_listing.page(connection, _filter(pages, asked), read_key(asked.get("after", "")))
        figures = _figures(pages, connection, asked)
        why = _why(connection, found.rows, pages.world.clock())
        told = cart_listing.reminders_of(connection, found.rows)
        orders = cart_listing.orders_of(connection, [row.id for row in found.rows])
        rules = settings.current(connection)
    narrowed = [name for name in FIELDS if chosen[name] and name != "sort"]
    return pages.render(
        request,
        "carts/carts.html",
        chosen=chosen,
        rows=found.rows,
        why=why,
        told=told,
        orders=orders,
        figures=figures,
        after=write_key(found.next) if found.next else "",
        paged=bool(asked.get("after")),
        filtered=bool(narrowed),
        query=urlencode({name: value for name, value in chosen.items() if value}),
        states=list(CartState),
        rules=rules,
        fresh_rule=CartRule(),
        percents=PERCENTS,
        days=DAYS,
        periods=PERIODS,
        least=(LEAST_CARTS, LEAST_BOUGHT),
    )


def export(pages: Pages, request: Request) -> Response:
    """The whole filtered list as CSV."""
    lines = _lines(pages, _filter(pages, request.query_params), Formats(pages.language(request), pages.zone))
    return csv_response(lines, f"carts-{pages.today().isoformat()}.csv")


def _figures(pages: Pages, connection: Connection, asked: Mapping[str, str]) -> Figures:
    shop, now = asked.get("shop", ""), pages.world.clock()
    days = _days(asked) or PERIOD
    wanted = Filter(shop=shop, span=(now - timedelta(days=days), now))
    ours = [shop] if shop else list(pages.deps.shops)
    return Figures(
        days=days,
        funnel=cart_listing.funnel(connection, wanted),
        brought=cart_listing.brought(connection, wanted),
        costs=cart_figures.cost(connection, (now - timedelta(days=days), now), shop),
        reasons=cart_listing.reasons(connection, wanted),
        compared=comparisons(connection, ours, now),
    )


def _days(asked: Mapping[str, str]) -> int:
    typed = asked.get("days", "")
    return int(typed) if typed in map(str, PERIODS) else 0


def _filter(pages: Pages, asked: Mapping[str, str]) -> Filter:
    now, day, came = pages.world.clock(), read_day(asked.get("day", "")), read_day(asked.get("came", ""))
    days, step = _days(asked), asked.get("step", "")
    lately = (now - timedelta(days=days), now) if days else None
    return Filter(
        state=asked.get("state", ""),
        shop=asked.get("shop", ""),
        step=step,
        how=asked.get("how", ""),
        reason=asked.get("reason", ""),
        span=day_span(day, pages.zone) if day else lately,
        came=day_span(came, pages.zone) if came else None,
        asked=within(now) if step in COMPARED else None,
        sort="old" if asked.get("sort") == "old" else "new",
    )


def _why(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[str, str]:
    """For carts whose reminder was not decided on: the code of what forbids one, "ok" when nothing does."""
    concerned = [row for row in rows if row.state in OPEN and row.asked_at is None]
    known = {person.id: person for person in cart_listing.contacts_of(connection, concerned)}
    ledgers = listing.headers(connection, list(known.values()))
    connected = shops.connected_at(connection)
    found = {row.id: row.reason for row in rows if row.reason}
    for row in concerned:
        person = known.get(row.contact_id)
        if row.shop in connected and row.began_at < connected[row.shop]:
            found[row.id] = "before_connection"
        elif person is None:
            found[row.id] = "no_contact" if row.facts and row.facts["phone"] else "no_phone"
        else:
            state = standing(ledgers[person.id], SCOPE, person, now)
            found[row.id] = "ok" if state.standing == "on" else state.code
    return found


def _lines(pages: Pages, wanted: Filter, formats: Formats) -> Iterator[str]:
    _ = translator(formats.language).gettext
    head = [_("Last change"), _("Name"), _("Phone"), _("Items"), _("Total"), _("Currency"), _("Shop"), _("State")]
    yield MARK + csv_line([*head, _("Order"), _("Reminded"), _("Why not reminded")], formats.language)
    for row in cart_listing.everything(pages.world.database, wanted):
        yield csv_line(_cells(row, formats, pages.deps.shops), formats.language)


def _cells(row: Row[Any], formats: Formats, known: Mapping[str, Any]) -> list[str]:
    facts = row.facts or {}
    return [
        _written(row.changed_at, formats),
        row.name or f"{facts.get('first_name', '')} {facts.get('last_name', '')}".strip(),
        masked(row.phone),
        ", ".join(f"{item['quantity']} × {item['name']}" for item in facts.get("items", [])),
        row.total,
        row.currency,
        known[row.shop].name if row.shop in known else row.shop,
        labels.word(cart_labels.CART_STATE, row.state, formats.language),
        row.order_id,
        _written(row.reminded_at, formats),
        cart_labels.why(row.reason, formats.language) if row.reason else "",
    ]


def _written(at: datetime | None, formats: Formats) -> str:
    return at.astimezone(formats.zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""
