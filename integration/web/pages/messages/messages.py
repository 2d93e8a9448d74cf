"""Messages: which messages were there, and what became of them?"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.contacts.contacts import masked
from integration.domain.notifications import NOTIFICATIONS
from integration.i18n import translator
from integration.store.messages import listing
from integration.store.messages.listing import Filter
from integration.web import labels
from integration.web.formats import Formats, day_span, explained
from integration.web.forms import Form
from integration.web.lists import MARK, csv_line, csv_response, read_day, read_key, read_period, write_key
from integration.web.render import Pages

FIELDS = ("status", "kind", "reason", "shop", "day", "charged", "category", "sort")


def show(pages: Pages, request: Request) -> Response:
    """The list, filtered by what the address says."""
    return _page(pages, request, dict(request.query_params))


def search(pages: Pages, request: Request, form: Form) -> Response:
    """The list with a search. Names are personal, so they travel in the form, never in an address."""
    return _page(pages, request, form)


def export(pages: Pages, request: Request) -> Response:
    """The whole filtered list as CSV."""
    return _csv(pages, request, dict(request.query_params))


def export_search(pages: Pages, request: Request, form: Form) -> Response:
    """The whole searched list as CSV."""
    return _csv(pages, request, form)


def _page(pages: Pages, request: Request, asked: Mapping[str, str]) -> Response:
    chosen = {name: asked.get(name, "") for name in FIELDS}
    wanted = _filter(pages, asked)
    chosen["charged"] = chosen["charged"] if wanted.charged else ""
    with pages.world.database.read() as connection:
        found = listing.page(connection, wanted, read_key(asked.get("after", "")))
        sums = listing.cost(connection, wanted) if wanted.charged else []
    return pages.render(
        request,
        "messages/messages.html",
        chosen=chosen,
        search=wanted.search,
        sums=sums,
        rows=found.rows,
        after=write_key(found.next) if found.next else "",
        paged=bool(asked.get("after")),
        filtered=any(chosen[name] for name in FIELDS if name != "sort") or bool(wanted.search),
        query=urlencode({name: value for name, value in chosen.items() if value}),
        statuses=list(labels.STATUS),
        kinds=[notification.kind for notification in NOTIFICATIONS],
    )


def _filter(pages: Pages, asked: Mapping[str, str]) -> Filter:
    day = read_day(asked.get("day", ""))
    sort = asked.get("sort", "")
    return Filter(
        status=asked.get("status", ""),
        kind=asked.get("kind", ""),
        reason=asked.get("reason", ""),
        shop=asked.get("shop", ""),
        span=day_span(day, pages.zone) if day else None,
        price_category=asked.get("category", ""),
        charged=read_period(asked.get("charged", ""), pages.zone),
        search=asked.get("q", "").strip()[:100],
        sort=sort if sort in listing.SORTS else "new",
    )


def _csv(pages: Pages, request: Request, asked: Mapping[str, str]) -> Response:
    language = pages.language(request)
    lines = _lines(pages, _filter(pages, asked), Formats(language, pages.zone))
    return csv_response(lines, f"messages-{pages.today().isoformat()}.csv")


def _lines(pages: Pages, wanted: Filter, formats: Formats) -> Iterator[str]:
    _ = translator(formats.language).gettext
    head = [_("Time"), _("Name"), _("Phone"), _("Kind"), _("Order"), _("Shop"), _("Status"), _("Reason")]
    head += [_("Price"), _("Currency"), _("Price category")]
    yield MARK + csv_line(head, formats.language)
    for row in listing.everything(pages.world.database, wanted):
        yield csv_line(_cells(row, formats, pages.deps.shops), formats.language)


def _charged(row: Row[Any], formats: Formats) -> str:
    """What Meta charges for it: nothing before it was delivered."""
    if row.price is None or row.status not in ("delivered", "read"):
        return ""
    return str(format_decimal(row.price, "0.00####", formats.locale))


def _cells(row: Row[Any], formats: Formats, shops: Mapping[str, Any]) -> list[str]:
    language = formats.language
    return [
        row.created_at.astimezone(formats.zone).strftime("%Y-%m-%d %H:%M:%S"),
        row.name or row.variables.get("name", ""),
        masked(row.phone),
        labels.kind(row.kind, language),
        row.variables.get("order", ""),
        shops[row.shop].name if row.shop in shops else row.shop or "",
        labels.word(labels.STATUS, row.status, language),
        explained(row.reason, language),
        _charged(row, formats),
        row.price_currency or "",
        labels.word(labels.PRICE_CATEGORY, row.price_category, language) if row.price_category else "",
    ]
