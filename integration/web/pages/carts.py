"""Carts: who left, who was reminded, who came back?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.cart_reminders import CartRule
from integration.domain.carts import CartState
from integration.domain.consent import SCOPES, Purpose
from integration.domain.contacts import masked
from integration.i18n import translator
from integration.store import cart_history, cart_rules, people, shops
from integration.store.cart_history import Filter
from integration.web import labels
from integration.web.formats import Formats, day_span
from integration.web.lists import MARK, csv_line, csv_response, read_day, read_key, write_key
from integration.web.pages.cart_settings import DAYS, PERCENTS
from integration.web.render import Pages
from integration.web.standing import standing

FIELDS = ("state", "shop", "day", "sort")
SCOPE = SCOPES[Purpose.ABANDONED_CART] or ""
WHILE = timedelta(days=30)
#: where a reminder would still matter
OPEN = (CartState.ACTIVE, CartState.ABANDONED)


def show(pages: Pages, request: Request) -> Response:
    """The list, filtered by what the address says."""
    asked = request.query_params
    chosen = {name: asked.get(name, "") for name in FIELDS}
    with pages.deps.database.read() as connection:
        found = cart_history.page(connection, _filter(pages, asked), read_key(asked.get("after", "")))
        sums = cart_history.sums(connection, pages.deps.clock() - WHILE)
        why = _why(connection, found.rows, pages.deps.clock())
        rules = cart_rules.current(connection)
    return pages.render(
        request,
        "carts/carts.html",
        chosen=chosen,
        rows=found.rows,
        why=why,
        sums=sums,
        after=write_key(found.next) if found.next else "",
        paged=bool(asked.get("after")),
        filtered=any(chosen[name] for name in FIELDS if name != "sort"),
        query=urlencode({name: value for name, value in chosen.items() if value}),
        states=list(CartState),
        rules=rules,
        fresh_rule=CartRule(),
        percents=PERCENTS,
        days=DAYS,
    )


def export(pages: Pages, request: Request) -> Response:
    """The whole filtered list as CSV."""
    lines = _lines(pages, _filter(pages, request.query_params), Formats(pages.language(request), pages.zone))
    return csv_response(lines, f"carts-{pages.today().isoformat()}.csv")


def _filter(pages: Pages, asked: Mapping[str, str]) -> Filter:
    day = read_day(asked.get("day", ""))
    return Filter(
        state=asked.get("state", ""),
        shop=asked.get("shop", ""),
        span=day_span(day, pages.zone) if day else None,
        sort="old" if asked.get("sort") == "old" else "new",
    )


def _why(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[str, str]:
    """For carts that somebody may still come back to: the code of what forbids a reminder, "ok" when nothing does."""
    concerned = [row for row in rows if row.state in OPEN]
    known = {person.id: person for person in cart_history.contacts_of(connection, concerned)}
    ledgers = people.headers(connection, list(known.values()))
    connected = shops.connected_at(connection)
    found = {}
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
    yield MARK + csv_line([*head, _("Order")], formats.language)
    for row in cart_history.everything(pages.deps.database, wanted):
        yield csv_line(_cells(row, formats, pages.deps.shops), formats.language)


def _cells(row: Row[Any], formats: Formats, known: Mapping[str, Any]) -> list[str]:
    facts = row.facts or {}
    return [
        row.changed_at.astimezone(formats.zone).strftime("%Y-%m-%d %H:%M:%S"),
        row.name or f"{facts.get('first_name', '')} {facts.get('last_name', '')}".strip(),
        masked(row.phone),
        ", ".join(f"{item['quantity']} × {item['name']}" for item in facts.get("items", [])),
        row.total,
        row.currency,
        known[row.shop].name if row.shop in known else row.shop,
        labels.word(labels.CART_STATE, row.state, formats.language),
        row.order_id,
    ]
