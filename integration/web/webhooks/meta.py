"""/meta/{sender}: Meta's handshake (GET) and webhooks (POST) of one WhatsApp number."""

import hmac
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from integration.flow.numbers.connect import Refusals
from integration.flow.webhooks import verify
from integration.store.numbers import numbers
from integration.web import asgi
from integration.web.asgi import Answer
from integration.web.deps import SenderEndpoint, WebDeps
from integration.web.webhooks.hooks import received, refused, safely

LIMIT = 4_000_000


class MetaHooks:
    """The webhook addresses of all numbers, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._refused = Refusals(deps.world.database, deps.world.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a handshake or a webhook."""
        sender = self._deps.senders.get(scope["path_params"]["sender"])
        if sender is None:
            return await asgi.NOT_FOUND(send)
        if scope["method"] == "GET":
            answer = handshake(sender, scope["query_string"])
            if answer is not asgi.FORBIDDEN:
                await run_in_threadpool(self._shaken, sender.slug)
            return await answer(send)
        if scope["method"] != "POST":
            return await asgi.NO_METHOD(send)
        body = await received("meta", scope, receive, LIMIT)
        if isinstance(body, bytes):
            proof = asgi.header(scope, verify.proof_header(sender).encode())
            body = await safely("meta", sender.slug, self._answer(sender, proof, body))
        if body:
            await body(send)

    async def _answer(self, sender: SenderEndpoint, proof: bytes, body: bytes) -> Answer:
        item = verify.from_meta(sender, proof.decode("latin-1"), body, self._deps.world.clock())
        if item is None:
            await run_in_threadpool(self._refused.note, sender.slug)
            return refused("meta", "unsigned", asgi.UNSIGNED)
        await self._deps.intake.put(item)
        return asgi.OK

    def _shaken(self, slug: str) -> None:
        with self._deps.world.database.write() as connection:
            numbers.shaken(connection, slug, self._deps.world.clock())


def handshake(sender: SenderEndpoint, query: bytes) -> Answer:
    """Meta asks once whether this address is ours: repeat the challenge if there is one and the token is right."""
    asked = {name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}
    token = asked.get("hub.verify_token", "")
    right = bool(sender.verify_token) and hmac.compare_digest(token.encode(), sender.verify_token.encode())
    challenge = asked.get("hub.challenge", "")
    if not right or asked.get("hub.mode") != "subscribe" or not challenge:
        return asgi.FORBIDDEN
    return Answer(200, challenge)
