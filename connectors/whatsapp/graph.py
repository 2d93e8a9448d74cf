"""The management side of the Graph API: rare calls, each with a bounded answer."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson
from yarl import URL

from connectors.reading import mapping
from connectors.whatsapp.answers import read
from connectors.whatsapp.http import Connections, Reply
from connectors.whatsapp.settings import SenderSettings, is_loopback
from integration.domain.errors import OutcomeUnknown

META: Final = "graph.facebook.com"
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "ladenbote"}
JSON: Final = {"Content-Type": "application/json"}


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
        self._connections = Connections(1, {name: token, **HEADERS})

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object. Raises Refused, NotSent or OutcomeUnknown."""
        return read(await self._connections.exchange("GET", self._url(path).with_query(query)))

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Change something. Raises Refused, NotSent or OutcomeUnknown."""
        return read(await self._connections.exchange("POST", self._url(path), orjson.dumps(dict(body)), JSON))

    async def get_secretly(self, path: str, **query: str) -> dict[str, Any]:
        """An object whose query holds a secret: as a batch of one, so that no address carries it."""
        item = {"method": "GET", "relative_url": f"{path.strip('/')}?{urlencode(query)}"}
        body = orjson.dumps({"batch": [item], "include_headers": False})
        reply = await self._connections.exchange("POST", self._url("/"), body, JSON)
        return read(_only(reply))

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

    def _url(self, path: str) -> URL:
        return URL(self._base + path)


def _only(reply: Reply) -> Reply:
    """The one answer in a batch's."""
    try:
        found = orjson.loads(reply.body)
    except ValueError:
        return reply
    if not isinstance(found, list):
        return reply
    answer = mapping(found[0]) if found else {}
    status, body = answer.get("code"), answer.get("body")
    if not isinstance(status, int) or not isinstance(body, str):
        raise OutcomeUnknown("the answer to a batch cannot be read")
    return Reply(status, body.encode())
