"""Lists of orders, products, coupons: filtered by dates and ids, sorted, cut into pages, linked, as wc/v3 does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote

from integration.sandbox.woocommerce.params import (
    Check,
    Refused,
    boolean,
    checked,
    instant,
    integer,
    moment,
    numbers,
    one_of,
    text,
)

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
ORDER_BY: Final = ("date", "modified", "id", "include", "title", "slug")
PAGING: Final[dict[str, Check]] = {"page": integer(1), "per_page": integer(1, 100), "offset": integer(0)}
COMMON: Final[dict[str, Check]] = PAGING | {
    "order": one_of(("asc", "desc")), "orderby": one_of(ORDER_BY), "search": text,
    "after": moment, "before": moment, "modified_after": moment, "modified_before": moment,
    "dates_are_gmt": boolean, "include": numbers, "exclude": numbers,
}  # fmt: skip


class Row(Protocol):
    """What every listed thing has."""

    id: int
    created: datetime
    modified: datetime


T = TypeVar("T", bound=Row)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a body, a status, and headers of its own."""

    body: Any
    http: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def dated(rows: Sequence[T], query: Mapping[str, Any]) -> list[T]:
    """Those inside all date and id limits. Both ends are exclusive and count whole seconds (measured)."""
    found = [row for row in rows if row.id not in set(query.get("exclude", ()))]
    if query.get("include"):
        wanted = set(query["include"])
        found = [row for row in found if row.id in wanted]
    for name in ("after", "modified_after", "before", "modified_before"):
        if name in query:
            found = _limited(found, name, instant(query[name], gmt=query.get("dates_are_gmt", False)))
    return found


def _limited(rows: list[T], name: str, at: datetime | None) -> list[T]:
    if at is None:
        return []
    when: Callable[[T], datetime] = (lambda r: r.modified) if name.startswith("modified") else (lambda r: r.created)
    if name.endswith("after"):
        return [row for row in rows if _second(when(row)) > at]
    return [row for row in rows if _second(when(row)) < at]


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def ordered(rows: list[T], query: Mapping[str, Any]) -> list[T]:
    """Newest first unless asked otherwise."""
    keys: dict[str, Callable[[T], Any]] = {
        "modified": lambda row: (_second(row.modified), row.id), "id": lambda row: row.id,
    }  # fmt: skip
    key = keys.get(query.get("orderby", "date"), lambda row: (_second(row.created), row.id))
    return sorted(rows, key=key, reverse=query.get("order", "desc") != "asc")


def page(rows: Sequence[T], query: Mapping[str, Any], shown: Callable[[T], dict[str, Any]]) -> Answer:
    """One page. Beyond the end it is empty and the total says 0, not how many there are (measured)."""
    size, number = query.get("per_page", 10), query.get("page", 1)
    start = query.get("offset", (number - 1) * size)
    part = rows[start : start + size]
    total = len(rows) if part else 0
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // size))}
    return Answer([shown(row) for row in part], headers=headers)


def neighbours(address: str, given: Mapping[str, Any], answer: Answer) -> str:
    """The Link header: it repeats the whole query, keys included (measured: the trap of query-string auth)."""
    number, pages = int(given.get("page", 1)), int(answer.headers.get("X-WP-TotalPages", 0))
    links = []
    if number > 1:
        before = number - 1 if number - 1 <= pages else pages
        links.append(_link(address, given, before, "prev"))
    if number < pages:
        links.append(_link(address, given, number + 1, "next"))
    return ", ".join(links)


def _link(address: str, given: Mapping[str, Any], number: int, rel: str) -> str:
    pairs = []
    for name, value in {**given, "page": number}.items():
        if name in ("status", "include", "exclude"):
            pairs += [(f"{name}[{n}]", one) for n, one in enumerate(str(value).split(","))]
        else:
            pairs.append((name, value))
    query = "&".join(f"{quote(str(name), safe='')}={quote(str(value), safe='')}" for name, value in pairs)
    return f'<{address}?{query}>; rel="{rel}"'


def fields(body: Any, names: str, *, keep_links: bool) -> Any:
    """`_fields`, nested with dots. A single object keeps its `_links`, rows of a list lose them (measured)."""
    wanted = [name.strip().split(".") for name in names.split(",") if name.strip()]
    if not wanted:
        return body
    if isinstance(body, list):
        return [fields(row, names, keep_links=False) for row in body]
    if not isinstance(body, dict):
        return body
    links = [["_links"]] if keep_links else []
    return _cut(body, [*wanted, *links])


def _cut(body: dict[str, Any], paths: Sequence[Sequence[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in body.items():
        below = [path[1:] for path in paths if path[0] == key]
        if not below:
            continue
        whole = any(not path for path in below) or not isinstance(value, dict)
        found[key] = value if whole else _cut(value, [path for path in below if path])
    return found


def parsed(given: Mapping[str, Any], more: Mapping[str, Check]) -> dict[str, Any]:
    """The parameters of a list, converted. Raises Refused."""
    return checked(given, {**COMMON, **more})


def absent(code: str, message: str = "Invalid ID.") -> Refused:
    """There is no such thing."""
    return Refused(404, code, message)


def links(site: str, path: str, collection: str, up: str = "", allow: tuple[str, ...] = METHODS) -> dict[str, Any]:
    """The `_links` of one object."""
    found: dict[str, Any] = {
        "self": [{"href": f"{site}/wp-json/{path}", "targetHints": {"allow": list(allow)}}],
        "collection": [{"href": f"{site}/wp-json/{collection}"}],
    }
    return found | ({"up": [{"href": f"{site}/wp-json/{up}"}]} if up else {})
