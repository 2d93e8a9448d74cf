"""The management side of the Graph API: rare calls, each with a bounded answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson
from yarl import URL

from connectors.reading import Json, mapping, rows
from connectors.whatsapp.answers import following, read
from connectors.whatsapp.calls import Calls
from connectors.whatsapp.http import Reply
from connectors.whatsapp.settings import SenderSettings, is_loopback
from integration.domain.errors import ChannelError, OutcomeUnknown

META: Final = "graph.facebook.com"
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "ladenbote"}
JSON: Final = {"Content-Type": "application/json"}
#: GETs that Meta takes in one batch, and pages of a list before something must be wrong
MOST_AT_ONCE: Final = 50
MOST_PAGES: Final = 50

#: a path and its query
Asked = tuple[str, Mapping[str, str]]


def is_meta(settings: SenderSettings) -> bool:
    """Whether the API is Meta's own (or the simulator's): a partner has no token, apps and subscriptions of ours."""
    return urlsplit(settings.base_url).hostname == META or is_loopback(settings.base_url)


def is_partner(settings: SenderSettings) -> bool:
    """Whether everything goes through a partner: its key opens nothing at Meta, and must not be sent there."""
    return bool(settings.webhook_header) or not is_meta(settings)


class Graph:
    """A few requests with one token; belongs to one event loop."""

    def __init__(self, settings: SenderSettings, authorization: str = "") -> None:
        token = authorization or settings.auth_prefix + settings.token.get_secret_value()
        name = "Authorization" if authorization else settings.auth_header
        self._base = settings.base_url
        self._calls = Calls({name: token, **HEADERS})

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object. Raises Refused, NotSent or OutcomeUnknown."""
        return read(await self._calls.exchange("GET", self._url(path).with_query(query)))

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Change something. Raises Refused, NotSent or OutcomeUnknown."""
        return read(await self._calls.exchange("POST", self._url(path), orjson.dumps(dict(body)), JSON))

    async def every(self, path: str, **query: str) -> list[Json]:
        """All rows of a list, page by page. Raises Refused, NotSent or OutcomeUnknown."""
        found: list[Json] = []
        more: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = await self.get(path, **{"limit": "100", **query, **more})
            found += rows(page.get("data"))
            more = following(page, len(found))
            if not more:
                break
        return found

    async def get_secretly(self, path: str, **query: str) -> dict[str, Any]:
        """An object whose query holds a secret: as a batch of one, so that no address carries it."""
        [reply] = await self._batch([(path, query)])
        return read(reply)

    async def several(self, asked: Sequence[Asked]) -> list[Json | None]:
        """An object for each path and query, None where there is none; fifty to a request. Raises as `get`."""
        found: list[Json | None] = []
        for first in range(0, len(asked), MOST_AT_ONCE):
            for reply in await self._batch(asked[first : first + MOST_AT_ONCE]):
                try:
                    found.append(read(reply))
                except ChannelError:
                    found.append(None)
        return found

    async def _batch(self, asked: Sequence[Asked]) -> list[Reply]:
        items = [{"method": "GET", "relative_url": f"{path.strip('/')}?{urlencode(query)}"} for path, query in asked]
        body = orjson.dumps({"batch": items, "include_headers": False})
        reply = await self._calls.exchange("POST", self._url("/"), body, JSON)
        return _each(reply, len(asked))

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    def _url(self, path: str) -> URL:
        return URL(self._base + path)


def _each(reply: Reply, many: int) -> list[Reply]:
    """The answers in a batch's. Raises what the answer means when the batch was refused as a whole."""
    try:
        found = orjson.loads(reply.body)
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != many:
        read(reply)
        raise OutcomeUnknown("the answer to a batch cannot be read")
    return [_answer(mapping(row)) for row in found]


def _answer(row: Json) -> Reply:
    status, body = row.get("code"), row.get("body")
    if not isinstance(status, int) or not isinstance(body, str):
        raise OutcomeUnknown("the answer to a batch cannot be read")
    return Reply(status, body.encode())
