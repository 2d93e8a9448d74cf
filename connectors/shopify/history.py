"""The orders of the last 30 days, read once beside the poll: knowledge only, nothing is sent for them.

A small shop's are read page by page, a large one's by a bulk operation, which Shopify prepares as one file; it is
read as a stream, a few hundred orders a step, and continued where the last step ended. The file lies on another
host: it is fetched without our token.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

import httpx
import orjson

from connectors.reading import Json, iso, link, mapping, moment, text
from connectors.shopify import changes, documents, failures
from connectors.shopify.changes import Source
from connectors.shopify.client import Client
from connectors.shopify.poll import order_nodes
from integration.domain.shops.ports import Cursor, Page, ShopContext

#: from so many orders on, one file is cheaper than pages
LARGE: Final = 2_000
STEP: Final = 200
#: after so many steps what happens now in the shop gets its turn
TURN: Final = 10
#: an order with all its lines is far smaller
LONGEST_LINE: Final = 4_000_000
DONE: Final[Cursor] = {"done": True}


def first(since: datetime, until: datetime) -> Cursor:
    """Where the history begins."""
    return {"since": iso(since), "until": iso(until)}


def page(client: Client, source: Source, cursor: Cursor, now: datetime, shop: ShopContext) -> Page:
    """The next step; no request at all once everything is read. Raises ShopError."""
    if cursor.get("done"):
        return Page(DONE)
    found = _step(client, source, cursor, now, shop)
    if not found.more:
        return found
    steps = int(cursor.get("steps", 0)) + 1
    return replace(found, cursor={**found.cursor, "steps": steps}, more=steps % TURN != 0)


def _step(client: Client, source: Source, cursor: Cursor, now: datetime, shop: ShopContext) -> Page:
    if cursor.get("bulk"):
        return _bulk_step(client, cursor, now, shop)
    if "left" not in cursor:
        return _begin(client, source, cursor, now)
    return _paged(client, source, cursor, now)


def _begin(client: Client, source: Source, cursor: Cursor, now: datetime) -> Page:
    since, until = moment(cursor.get("since")) or now, moment(cursor.get("until"))
    search = source.search(since, until)
    count = mapping(client.query(documents.ORDERS_COUNT, {"query": search}).data.get("ordersCount")).get("count")
    if not isinstance(count, int):
        raise failures.broken(200)
    started = _bulk_started(client, search) if count >= LARGE else ""
    return Page({**cursor, "left": count, **({"bulk": started} if started else {})}, more=not started, left=count)


def _paged(client: Client, source: Source, cursor: Cursor, now: datetime) -> Page:
    found = changes.page(client, source, cursor, now)
    orders = {one.order_key for one in found.snapshots}
    left = max(int(cursor["left"]) - len(orders), 0) if found.more else 0
    following = {**found.cursor, "left": left} if found.more else DONE
    return Page(following, found.snapshots, found.more, left)


def _bulk_started(client: Client, search: str) -> str:
    """The id of the operation, "" when Shopify makes none now (then pages do it)."""
    payload = client.mutate(documents.BULK_RUN, {"query": documents.bulk_orders(search)}).data
    return text(mapping(mapping(payload.get("bulkOperationRunQuery")).get("bulkOperation")).get("id"))


def _bulk_step(client: Client, cursor: Cursor, now: datetime, shop: ShopContext) -> Page:
    operation = mapping(client.query(documents.BULK_STATUS, {"id": cursor["bulk"]}).data.get("bulkOperation"))
    status, left = text(operation.get("status")), int(cursor.get("left", 0))
    if status in ("CREATED", "RUNNING"):
        return Page(cursor, left=left)
    if status != "COMPLETED":
        return Page(_by_pages(cursor), more=True, left=left)
    address = link(operation.get("url"))
    if not address:  # nothing found
        return Page(DONE, left=0)
    nodes, offset = _orders_from(client.http, address, int(cursor.get("offset", 0)))
    snapshots = tuple(order_nodes(client, nodes, shop))
    left = max(left - len(nodes), 0)
    if offset is None:
        return Page(DONE, snapshots, left=0)
    return Page({**cursor, "offset": offset, "left": left}, snapshots, more=True, left=left)


def _by_pages(cursor: Cursor) -> Cursor:
    return {name: value for name, value in cursor.items() if name not in ("bulk", "offset")}


def _orders_from(http: httpx.Client, address: str, offset: int) -> tuple[list[Json], int | None]:
    """The next orders from byte `offset` of the file, and where to go on; None at its end."""
    found: list[Json] = []
    try:
        for start, row in _lines(http, address, offset):
            parent = row.get("__parentId")
            if parent is None:
                if len(found) == STEP:
                    return found, start
                found.append(row | {"lineItems": {"nodes": []}})
            elif found and found[-1].get("id") == parent:
                found[-1]["lineItems"]["nodes"].append(row)
    except httpx.HTTPError as error:
        raise failures.no_answer(type(error).__name__) from None
    return found, None


def _lines(http: httpx.Client, address: str, offset: int) -> Iterator[tuple[int, Json]]:
    """The objects of the file with the byte that each begins at."""
    headers = {"Range": f"bytes={offset}-", "Accept-Encoding": "identity"}
    with http.stream("GET", address, headers=headers) as response:
        if response.status_code == 416:  # the file ends here
            return
        if response.status_code not in (200, 206):
            raise failures.broken(response.status_code)
        skip = offset if response.status_code == 200 else 0
        at, rest = offset - skip, b""
        for piece in response.iter_bytes():
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise failures.broken(200)
            for line in whole:
                if at >= offset and line.strip():
                    yield at, _object(line)
                at += len(line) + 1
        if at >= offset and rest.strip():
            yield at, _object(rest)


def _object(line: bytes) -> Json:
    try:
        return mapping(orjson.loads(line))
    except ValueError:
        raise failures.broken(200) from None
