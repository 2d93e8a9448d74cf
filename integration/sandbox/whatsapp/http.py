"""Reading requests to the Graph API, and cutting its answers to what was asked for."""

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from starlette.datastructures import URL, QueryParams
from starlette.requests import Request

from integration.sandbox.digits import whole
from integration.sandbox.whatsapp.errors import GraphError

MAX_JSON: Final = 256 * 1024
MAX_PAGE: Final = 1000


async def raw_body(request: Request, most: int) -> bytes:
    """The body's bytes; GraphError when there are too many."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise GraphError(100, "The request body is too large.")
    return bytes(raw)


async def json_body(request: Request) -> Any:
    """The body as JSON, empty as an object."""
    raw = await raw_body(request, MAX_JSON)
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise GraphError(100, "The request body is not valid JSON.") from error


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return body


def select(
    node: dict[str, Any], query: Mapping[str, str], default: Collection[str] = (), empty: Collection[str] = ()
) -> dict[str, Any]:
    """The fields that were asked for, and the id. `empty` ones exist, and this object has nothing in them."""
    asked = query.get("fields")
    names = {n.split("{")[0].strip() for n in asked.split(",")} if asked else set(default) or set(node)
    unknown = sorted(names - set(node) - set(empty))
    if unknown:
        raise GraphError(100, f"Tried accessing nonexisting field ({unknown[0]}).")
    return {key: value for key, value in node.items() if key in names | {"id"}}


def paged(
    url: URL, rows: list[dict[str, Any]], default: Collection[str] = (), empty: Collection[str] = ()
) -> dict[str, Any]:
    """The page of a list that an address asks for, with its cursors."""
    query = QueryParams(url.query)
    limit = max(1, min(whole(query.get("limit", "25")) or 25, MAX_PAGE))
    start = _position(query.get("after", ""))
    if "before" in query:
        start = max(0, _position(query["before"]) - limit)
    part = [select(row, query, default, empty) for row in rows[start : start + limit]]
    if not part:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(start + len(part))}}
    plain = url.remove_query_params(["after", "before"])
    if start + limit < len(rows):
        paging["next"] = str(plain.include_query_params(after=paging["cursors"]["after"]))
    if start > 0:
        paging["previous"] = str(plain.include_query_params(before=paging["cursors"]["before"]))
    return {"data": part, "paging": paging}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    position = whole(text.removeprefix("p"))
    if position is None:
        raise GraphError(100, "The cursor is not valid.")
    return position
