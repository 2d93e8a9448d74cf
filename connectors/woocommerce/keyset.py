"""Walking a list that is sorted by modification, without losing a row (docs/reference/woocommerce.md section 2).

Always page 1 behind a moving cursor, which stays two seconds behind the newest row, because `modified_after` has
whole seconds and a shop may still be writing into the last one. When more rows share these seconds than fit on a
page, those that were read are excluded. When even that would be too many for an address, the one second in the way
is read by pages from the last to the first: rows only leave an old second, so no row can slip past.

A cursor is `after`, and `read`: {id: [modified, hash]} of the rows behind it that are known already. While rows are
excluded, `since` is when the first of them was read: an excluded row may change again, so the cursor must not pass
that moment. `sweep` and `size` are the page to read next in the second after `after`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.reading import Json, identifier, moment, rows
from connectors.woocommerce.client import Answer, Param
from connectors.woocommerce.troubles import unreachable

SECOND: Final = timedelta(seconds=1)
#: how far the cursor stays behind the newest row
BEHIND: Final = timedelta(seconds=2)
#: nobody writes into a second any more that is so old by the shop's clock
SETTLED: Final = timedelta(seconds=10)
#: more ids than this would not fit into an address (over http each parameter is sent twice)
EXCLUDED: Final = 250

Ask = Callable[[Mapping[str, Param]], Answer]
Read = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One request's worth: the rows that are news, where to go on, whether more waits, how many are left."""

    rows: list[Json]
    cursor: dict[str, Any]
    more: bool
    left: int | None = None


def start(since: datetime) -> dict[str, Any]:
    """The cursor of a list that is read for the first time."""
    return {"after": _spelt(since.astimezone(UTC))}


def walk(ask: Ask, cursor: Mapping[str, Any], size: int) -> Step:
    """The next page. `ask` adds endpoint and filters, `size` is how many rows to ask for."""
    after = _time(cursor["after"])
    if "sweep" in cursor:
        return _sweep(ask, after, int(cursor["sweep"]), int(cursor["size"]))
    read: Read = dict(cursor.get("read", {}))
    excluded = list(read) if read and "since" in cursor else None
    answer = ask(_page(after, 1, size) | {"exclude": excluded})
    found = rows(answer.body)
    news = [row for row in found if (id_ := identifier(row.get("id"))) not in read or read[id_] != _print(row)]
    since = _time(cursor["since"]) if "since" in cursor else None
    reach = _reach(found, after, since)
    page = {identifier(row.get("id")): _print(row) for row in found if _modified(row) > reach}
    seen = read | page
    left = max((answer.total or 0) - len(found), 0)
    if len(found) < size:
        # What was excluded may have changed meanwhile: look once more without.
        return Step(news, _moved(reach, seen), more=since is not None and reach > after, left=0)
    if reach > after:
        return Step(news, _moved(reach, seen, since), more=True, left=left)
    # Only what was read since then may be excluded: what is known from before may have changed already.
    return _stuck(news, after, seen if since else page, since or answer.at, answer.at, size, left)


def _reach(found: Iterable[Json], after: datetime, since: datetime | None) -> datetime:
    """How far the cursor may move."""
    newest = max((_modified(row) for row in found), default=after)
    limits = [newest - BEHIND] if since is None else [newest - BEHIND, since - BEHIND]
    return max(after, min(limits))


def _moved(after: datetime, seen: Read, since: datetime | None = None) -> dict[str, Any]:
    behind = _spelt(after)
    read = {id_: known for id_, known in seen.items() if known[0] > behind}
    if not 0 < len(read) <= EXCLUDED:
        return {"after": behind}
    return {"after": behind, "read": read} | ({"since": _spelt(since)} if since else {})


def _stuck(news: list[Json], after: datetime, seen: Read, since: datetime, now: datetime, size: int, left: int) -> Step:
    """A full page that did not move the cursor."""
    if len(seen) <= EXCLUDED:
        return Step(news, _moved(after, seen, since), more=True, left=left)
    before = min(_time(known[0]) for known in seen.values()) - SECOND
    if now - before < SETTLED:
        return Step(news, {"after": _spelt(after)}, more=False, left=left)
    return Step(news, {"after": _spelt(before), "sweep": 0, "size": size}, more=True, left=left)


def _sweep(ask: Ask, after: datetime, page: int, size: int) -> Step:
    """One page of the second behind `after`, the last page first; page 0 asks how many there are."""
    window = {"modified_before": _spelt(after + 2 * SECOND)}
    answer = ask(_page(after, max(page, 1), size) | window)
    if page == 0 and answer.pages is None:
        raise unreachable("no_total")
    ahead = (answer.pages or 0) if page == 0 else page - 1
    swept = {"sweep": ahead, "size": size} if ahead else {}
    reached = after if ahead else after + SECOND
    return Step([] if page == 0 else rows(answer.body), {"after": _spelt(reached), **swept}, more=True)


def _page(after: datetime, page: int, size: int) -> dict[str, Param]:
    # `Z` together with the flag silently finds nothing; without the flag the date is read as site time.
    return {
        "orderby": "modified",
        "order": "asc",
        "dates_are_gmt": True,
        "modified_after": _spelt(after),
        "per_page": size,
        "page": page,
    }


def _print(row: Json) -> list[str]:
    digest = hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return [_spelt(_modified(row)), digest[:12]]


def _modified(row: Json) -> datetime:
    return moment(row.get("date_modified_gmt")) or datetime.min.replace(tzinfo=UTC) + BEHIND


def _spelt(at: datetime) -> str:
    """UTC without offset, as the query wants it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _time(spelt: str) -> datetime:
    return datetime.fromisoformat(spelt).replace(tzinfo=UTC)
