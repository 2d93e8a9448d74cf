"""Bulk operations: a query without pages, answered as a file of JSON lines."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from integration.sandbox.shopify.call import Args, Call
from integration.sandbox.shopify.records import Bulk
from integration.sandbox.shopify.shop import AdminShop

AT_ONCE: Final = 5


def run(_: Any, call: Call, args: Args) -> dict[str, Any]:
    """bulkOperationRunQuery."""
    shop = call.shop
    running = [bulk for bulk in shop.bulks.values() if not bulk.cancelled and bulk.done_at > shop.now()]
    if len(running) >= AT_ONCE:
        return _refused("A bulk query operation for this app and shop is already in progress.", "OPERATION_IN_PROGRESS")
    data, faults = call.read(args["query"])
    if data is None or faults:
        return _refused(f"Invalid bulk query: {'; '.join(faults)}", "INVALID")
    roots = [node for value in data.values() for node in _nodes(value)]
    if not any(_is_connection(value) for value in data.values()):
        return _refused("Bulk queries must contain at least one connection.", "INVALID")
    if any(_hides_connection(value) for root in roots for value in root.values()):
        return _refused("Queries that contain a connection field within a list field are not supported.", "INVALID")
    found = _grouped(roots) if args.get("groupObjects") else _flat(roots)
    rows, now = [json.dumps(row, ensure_ascii=False).encode() for row in found], shop.now()
    done = now + timedelta(seconds=shop.switches.bulk_seconds)
    made = Bulk(shop.new_id(), args["query"], now, done, rows, len(roots))
    shop.bulks[made.id] = made
    return {"bulkOperation": made, "userErrors": []}


def cancel(_: Any, call: Call, args: Args) -> dict[str, Any]:
    """bulkOperationCancel."""
    number = args["id"].rpartition("/")[2]
    found = call.shop.bulks.get(int(number) if number.isdecimal() else 0)
    if found is None or found.done_at <= call.shop.now():
        message = "The operation does not exist or has ended."
        return {"bulkOperation": found, "userErrors": [{"field": ["id"], "message": message}]}
    found.cancelled = call.shop.now()
    return {"bulkOperation": found, "userErrors": []}


def announce(shop: AdminShop) -> None:
    """Tell about operations that have ended since."""
    for bulk in shop.bulks.values():
        if not bulk.announced and (bulk.cancelled or bulk.done_at <= shop.now()):
            bulk.announced = True
            shop.tell(("bulk_operations/finish", bulk))


def _refused(message: str, code: str) -> dict[str, Any]:
    return {"bulkOperation": None, "userErrors": [{"field": None, "message": message, "code": code}]}


def _is_connection(value: Any) -> bool:
    return isinstance(value, dict) and ("nodes" in value or "edges" in value)


def _nodes(value: Any) -> list[dict[str, Any]]:
    if not _is_connection(value):
        return []
    nodes = value.get("nodes")
    return nodes if nodes is not None else [edge["node"] for edge in value["edges"]]


def _flat(roots: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Parents before children, yet not beside them: nobody may count on the order."""
    level: list[tuple[dict[str, Any], str | None]] = [(root, None) for root in roots]
    while level:
        below: list[tuple[dict[str, Any], str | None]] = []
        for node, parent in level:
            yield _own(node) | ({"__parentId": parent} if parent else {})
            below += [(child, node.get("id")) for value in node.values() for child in _nodes(value)]
        level = below


def _grouped(nodes: list[dict[str, Any]], parent: str | None = None) -> Iterator[dict[str, Any]]:
    """Children right after their parent."""
    for node in nodes:
        yield _own(node) | ({"__parentId": parent} if parent else {})
        for value in node.values():
            yield from _grouped(_nodes(value), node.get("id"))


def _hides_connection(value: Any) -> bool:
    """Whether a connection stands inside a plain list."""
    if isinstance(value, list):
        return any(_is_connection(one) for row in value if isinstance(row, dict) for one in row.values())
    return any(_hides_connection(one) for node in _nodes(value) for one in node.values())


def _own(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if not _is_connection(value)}
