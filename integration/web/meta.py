"""/meta/{sender}: Meta's handshake (GET) and webhooks (POST) of one WhatsApp number."""

import hmac
import re
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from integration.flow.receive import InboxItem
from integration.web import raw
from integration.web.deps import SenderEndpoint, WebDeps
from integration.web.hooks import refused, safely
from integration.web.raw import Answer

LIMIT = 4_000_000
TOPIC = "whatsapp"
SIGNATURE = b"x-hub-signature-256"
MESSAGES = re.compile(rb'"messages"\s*:\s*\[')


class MetaHooks:
    """The webhook addresses of all numbers, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a handshake or a webhook."""
        sender = self._deps.senders.get(scope["path_params"]["sender"])
        if sender is None:
            return await raw.NOT_FOUND(send)
        if scope["method"] == "GET":
            return await handshake(sender, scope["query_string"])(send)
        if scope["method"] != "POST":
            return await raw.NO_METHOD(send)
        try:
            body = await raw.read_body(scope, receive, LIMIT)
        except raw.TooLarge:
            return await refused("meta", "too_large", raw.TOO_LARGE)(send)
        except TimeoutError:
            return await refused("meta", "too_slow", raw.TOO_SLOW)(send)
        except raw.Disconnected:
            return None
        answer = self._answer(sender, raw.header(scope, SIGNATURE), body)
        return await (await safely("meta", sender.slug, answer))(send)

    async def _answer(self, sender: SenderEndpoint, signature: bytes, body: bytes) -> Answer:
        secret = sender.app_secret
        # An empty secret would make every signature computable.
        if not secret or not sender.webhook.verify(signature.decode("latin-1"), body, secret):
            return refused("meta", "unsigned", raw.UNSIGNED)
        item = InboxItem(
            channel="meta",
            endpoint=sender.slug,
            topic=TOPIC,
            headers={},
            body=body,
            has_messages=MESSAGES.search(body) is not None,
            received_at=self._deps.clock(),
        )
        await self._deps.intake.put(item)
        return raw.OK


def handshake(sender: SenderEndpoint, query: bytes) -> Answer:
    """Meta asks once whether this address is ours: repeat the challenge if the token is right."""
    asked = {name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}
    token = asked.get("hub.verify_token", "")
    right = bool(sender.verify_token) and hmac.compare_digest(token.encode(), sender.verify_token.encode())
    if not right or asked.get("hub.mode") != "subscribe":
        return raw.FORBIDDEN
    return Answer(200, asked.get("hub.challenge", ""))
