"""Connections: `first`, `last`, `after`, `before`, and cursors that stay where they were when records move."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graphql import GraphQLError

MOST: Final = 250
Key = Callable[[Any], Any]
Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sorting:
    """A sort key by its name; ties are broken by id."""

    name: str
    key: Key
    reverse: bool = False

    def place(self, record: Any) -> tuple[Any, int]:
        """Where a record stands."""
        return self.key(record), record.id


def connection(records: Sequence[Any], args: Args, sorting: Sorting, *, everything: bool = False) -> dict[str, Any]:
    """One page as `pageInfo`, `nodes` and `edges`. `everything` is for bulk operations, which have no pages."""
    ordered = sorted(records, key=sorting.place, reverse=sorting.reverse)
    if everything and not args.get("first"):
        return _shown(ordered, sorting, more=False, before=False)
    size, forward = _size(args)
    ordered = _between(ordered, args, sorting)
    page = ordered[:size] if forward else ordered[-size:]
    cut = len(ordered) > len(page)
    return _shown(
        page, sorting,
        more=cut if forward else bool(args.get("before")), before=bool(args.get("after")) if forward else cut,
    )  # fmt: skip


def listed(records: Sequence[Any], args: Args, *, everything: bool = False) -> dict[str, Any]:
    """A connection inside a record, in the order in which it stands there."""
    position = {id(record): n for n, record in enumerate(records)}
    sorting = Sorting("POSITION", lambda record: position[id(record)], bool(args.get("reverse")))
    return connection(records, args, sorting, everything=everything)


def cursor(record: Any, sorting: Sorting) -> str:
    """Opaque to others: the record's place in this sorting."""
    value, record_id = sorting.place(record)
    shown = value.isoformat() if isinstance(value, datetime) else value
    place = {"last_id": record_id, "last_value": shown, "sort": sorting.name}
    return base64.b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def _size(args: Args) -> tuple[int, bool]:
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    name = "first" if first is not None else "last"
    size = int(args[name])
    if size > MOST:
        raise GraphQLError(f"{name} cannot exceed {MOST}", extensions={"code": "BAD_REQUEST"})
    if size < 0:
        raise GraphQLError(f"{name} must be greater than or equal to 0", extensions={"code": "BAD_REQUEST"})
    return size, first is not None


def _between(ordered: list[Any], args: Args, sorting: Sorting) -> list[Any]:
    after, before = args.get("after"), args.get("before")
    if after is not None:
        place = _place(after, sorting)
        ordered = [one for one in ordered if (sorting.place(one) < place if sorting.reverse
                                              else sorting.place(one) > place)]  # fmt: skip
    if before is not None:
        place = _place(before, sorting)
        ordered = [one for one in ordered if (sorting.place(one) > place if sorting.reverse
                                              else sorting.place(one) < place)]  # fmt: skip
    return ordered


def _place(text: str, sorting: Sorting) -> tuple[Any, int]:
    try:
        place = json.loads(base64.b64decode(text, validate=True))
        value, record_id, name = place["last_value"], int(place["last_id"]), place["sort"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise GraphQLError("Invalid cursor.", extensions={"code": "BAD_REQUEST"}) from error
    if name != sorting.name:
        raise GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"})
    return (datetime.fromisoformat(value) if name.endswith("_AT") else value), record_id


def _shown(page: Sequence[Any], sorting: Sorting, *, more: bool, before: bool) -> dict[str, Any]:
    ends = [cursor(page[0], sorting), cursor(page[-1], sorting)] if page else [None, None]
    info = {"hasNextPage": more, "hasPreviousPage": before, "startCursor": ends[0], "endCursor": ends[1]}
    return {
        "pageInfo": info,
        "nodes": page,
        "edges": lambda: [{"cursor": cursor(one, sorting), "node": one} for one in page],
    }
