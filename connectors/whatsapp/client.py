"""The WhatsApp Business Cloud API as `ports.Channel`. Only flow.send's loop may call `send`."""

from collections.abc import Mapping
from typing import Final

import orjson
from yarl import URL

from connectors.reading import Json, identifier, rows, text
from connectors.whatsapp.answers import accepted, following, read, remote_templates, without_persons
from connectors.whatsapp.calls import Calls
from connectors.whatsapp.definitions import definition
from connectors.whatsapp.http import Connections
from connectors.whatsapp.payloads import message
from connectors.whatsapp.settings import SenderSettings
from integration.domain.actions import Action
from integration.domain.errors import ChannelError, Refused
from integration.domain.messages.channel import Accepted, Envelope, RemoteTemplate
from integration.domain.templates.templates import Template

#: one page of templates holds 100, an account at most 6,000
MAX_PAGES: Final = 100
HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    # the answers are too small to be worth unpacking
    "Accept-Encoding": "identity",
    "User-Agent": "ladenbote",
}
TEMPLATE_FIELDS: Final = "name,language,status,category,rejected_reason,quality_score,components"


class WhatsAppChannel:
    """One WhatsApp number over HTTP. `limit` is the greatest number of messages in flight."""

    def __init__(self, settings: SenderSettings, limit: int = 64) -> None:
        token = settings.auth_prefix + settings.token.get_secret_value()
        headers = {settings.auth_header: token, **HEADERS}
        self._connections, self._calls = Connections(limit, headers), Calls(headers)
        self._messages = URL(settings.url(settings.messages_path))
        self._number = URL(settings.url(settings.health_path)).with_query(fields="id")
        self._templates = URL(settings.url(settings.templates_path))
        self._base = URL(settings.base_url)

    async def send(self, envelope: Envelope) -> Accepted:
        """Send one message once. Raises NotSent, Refused or OutcomeUnknown."""
        return accepted(await self._connections.exchange("POST", self._messages, message(envelope)))

    async def templates(self) -> list[RemoteTemplate]:
        """All templates of the account, every page.

        Only the cursor is taken from the answer: `paging.next` is a foreign address that would get our token.
        """
        found: list[RemoteTemplate] = []
        query = {"fields": TEMPLATE_FIELDS, "limit": "100"}
        for _ in range(MAX_PAGES):
            page = read(await self._calls.exchange("GET", self._templates.with_query(query)))
            found += remote_templates(page)
            more = following(page, len(found))
            if not more or more.items() <= query.items():
                break
            query |= more
        return found

    async def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        """Submit one template for approval. Raises Refused when Meta does not take it."""
        body = orjson.dumps(definition(template, samples))
        read(await self._calls.exchange("POST", self._templates, body))

    async def unpause(self, name: str, language: str) -> None:
        """Release a text that Meta paused. Raises Refused with Meta's words when Meta keeps it."""
        query = {"fields": "id,name,language", "name": name}
        page = read(await self._calls.exchange("GET", self._templates.with_query(query)))
        ids = (identifier(row.get("id")) for row in rows(page.get("data")) if _is(row, name, language))
        if not (id_ := next(filter(None, ids), "")):
            raise Refused(33, 404, "There is no such template.", Action.FAIL)
        answer = read(await self._calls.exchange("POST", self._base / id_ / "unpause", b"{}"))
        if answer.get("success") is not True:
            raise Refused(100, 200, without_persons(text(answer.get("reason"), 300)), Action.FAIL)

    async def healthy(self) -> bool:
        """Whether the number answers with its present token."""
        try:
            read(await self._calls.exchange("GET", self._number))
        except ChannelError:
            return False
        return True

    async def close(self) -> None:
        """Close the connections; what is sent afterwards is NotSent."""
        await self._connections.close()
        await self._calls.close()


def _is(row: Json, name: str, language: str) -> bool:
    return (row.get("name"), row.get("language")) == (name, language)
