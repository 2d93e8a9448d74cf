"""Polling one kind of object: what changed since, then the details of what is news.

See docs/reference/shopify.md sections 2 and 5. A run lists everything from `since` on, page by page; it ends where
there is no further page, or where the list (newest first) reaches what was known before. Then the next run begins where
this one began, less an overlap for what Shopify's search shows late. What a run listed already is kept as short digests
of (id, updatedAt), so that the overlap costs one point per object and not its details. A run that breaks off is
continued at its last page.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.reading import Json, iso, mapping, moment, rows, text
from connectors.shopify import failures
from connectors.shopify.answers import Answer
from connectors.shopify.client import Client
from connectors.shopify.documents import LIST
from connectors.shopify.failures import TooCostly
from integration.domain.shops.events import Snapshot
from integration.domain.shops.ports import Cursor, Page

#: what Shopify's search may show late, and what clocks may differ
OVERLAP: Final = timedelta(minutes=2)
#: Shopify stamps whole seconds: what is younger than this may change again under the same stamp
SETTLED: Final = timedelta(seconds=5)
#: digests kept at most; what is forgotten is only read once more
KEPT: Final = 2_000
DIGEST: Final = 8


@dataclass(frozen=True, slots=True)
class Source:
    """How one kind of object is polled. `reach` is how far before `since` the search begins.

    `search` makes Shopify's search text from the two ends (the later one may be open); `newest_first` lists stop
    at what is older than `since`. `translate` gets the nodes of one request, and the whole answer's data.
    """

    field: str
    changed: str
    details: str
    batch: int
    search: Callable[[datetime, datetime | None], str]
    translate: Callable[[Client, Json], Sequence[Snapshot]]
    reach: timedelta = timedelta(0)
    newest_first: bool = False


def since(field: str, start: datetime, end: datetime | None = None) -> str:
    """A search by time: quoted, because else Shopify ignores the time of day, and `>=`, because `>` drops a second."""
    begun = f"{field}:>='{_stamp(start)}'"
    return f"{begun} AND {field}:<='{_stamp(end)}'" if end else begun


def by_day(field: str, start: datetime) -> str:
    """A search by whole days, which is all that customers have; a day more for the shop's own time zone."""
    return f"{field}:>='{start - timedelta(days=1):%Y-%m-%d}'"


def page(client: Client, source: Source, cursor: Cursor, now: datetime) -> Page:
    """The next step of a run. Raises ShopError."""
    run = _Run.of(cursor, now)
    search = source.search(run.since - source.reach, run.until)
    answer = _listed(client, source, {"query": search, "after": run.after})
    listing = mapping(answer.data.get(source.field))
    if not isinstance(listing.get("nodes"), list):
        # An answer that says nothing is not one that there is no news.
        raise failures.broken(200)
    nodes = [node for node in rows(listing["nodes"]) if text(node.get("id"))]
    # In whole seconds, as Shopify stamps: the cursor keeps no finer ones.
    started = run.started or min(now, answer.at or now).replace(microsecond=0)
    news = [text(node["id"]) for node in nodes if _digest(node) not in _digests(run.seen)]
    snapshots = read(client, source, news)
    listed = _packed(nodes, started - OVERLAP - source.reach, started - SETTLED)
    run = replace(run, started=started, fresh=run.fresh + listed)
    following = _next_page(listing, run.after)
    if following is None or (source.newest_first and _reached(nodes, run.since - source.reach)):
        return Page(run.ended().cursor(), tuple(snapshots))
    return Page(replace(run, after=following).cursor(), tuple(snapshots), more=True)


@dataclass(frozen=True, slots=True)
class _Run:
    """Where a run stands; it is what a cursor holds. `seen` are the last run's digests, `fresh` this one's."""

    since: datetime
    until: datetime | None = None
    started: datetime | None = None
    after: str | None = None
    seen: str = ""
    fresh: str = ""

    @classmethod
    def of(cls, cursor: Cursor, now: datetime) -> "_Run":
        return cls(
            since=moment(cursor.get("since")) or now,
            until=moment(cursor.get("until")),
            started=moment(cursor.get("started")),
            after=text(cursor.get("after"), 2_000) or None,
            seen=text(cursor.get("seen"), KEPT * DIGEST),
            fresh=text(cursor.get("fresh"), KEPT * DIGEST),
        )

    def ended(self) -> "_Run":
        started = self.started or self.since
        return _Run(max(self.since, started - OVERLAP), self.until, seen=self.fresh[-KEPT * DIGEST :])

    def cursor(self) -> Cursor:
        times = {name: iso(getattr(self, name)) for name in ("since", "until", "started")}
        marks = {"after": self.after, "seen": self.seen, "fresh": self.fresh[-KEPT * DIGEST :]}
        return {name: value for name, value in (times | marks).items() if value}


def read(client: Client, source: Source, gids: Sequence[str]) -> list[Snapshot]:
    """The objects behind these ids as they are now; those that are gone are left out. Raises ShopError."""
    found: list[Snapshot] = []
    for start in range(0, len(gids), source.batch):
        found += _details(client, source, list(gids[start : start + source.batch]))
    return found


def _details(client: Client, source: Source, gids: list[str]) -> list[Snapshot]:
    try:
        answer = client.query(source.details, {"ids": gids})
        if not isinstance(answer.data.get("nodes"), list):
            raise failures.broken(200)
    except TooCostly:
        if len(gids) == 1:
            raise
    else:
        if answer.denied and None in answer.data["nodes"]:
            # Not deleted but kept from us: going on would lose it.
            raise failures.missing_scope(answer.denied)
        return list(source.translate(client, answer.data))
    half = len(gids) // 2
    return _details(client, source, gids[:half]) + _details(client, source, gids[half:])


def _listed(client: Client, source: Source, variables: dict[str, Any]) -> Answer:
    first = LIST
    while True:
        try:
            return client.query(source.changed, variables | {"first": first})
        except TooCostly:
            if first == 1:
                raise
            first //= 2


def _next_page(listing: Json, after: object) -> str | None:
    info = mapping(listing.get("pageInfo"))
    following = text(info.get("endCursor"), 2_000)
    # A cursor that stands still would never end.
    return following if info.get("hasNextPage") is True and following and following != after else None


def _reached(nodes: Sequence[Json], begin: datetime) -> bool:
    times = [moment(node.get("updatedAt")) for node in nodes]
    return any(at is not None and at < begin for at in times)


def _digests(packed: str) -> set[str]:
    return {packed[at : at + DIGEST] for at in range(0, len(packed), DIGEST)}


def _packed(nodes: Sequence[Json], earliest: datetime, latest: datetime) -> str:
    times = [(node, moment(node.get("updatedAt"))) for node in nodes]
    return "".join(_digest(node) for node, at in times if at and earliest <= at <= latest)


def _digest(node: Json) -> str:
    given = f"{node.get('id')} {node.get('updatedAt')}".encode()
    return base64.urlsafe_b64encode(hashlib.blake2b(given, digest_size=6).digest()).decode()


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
