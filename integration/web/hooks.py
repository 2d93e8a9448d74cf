"""POST /hooks/{shop}: verify the signature on the raw bytes, commit the raw body, answer 200."""

from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from integration import log, metrics
from integration.domain.ports import Verdict
from integration.flow.receive import InboxItem
from integration.web import raw
from integration.web.deps import ShopEndpoint, WebDeps
from integration.web.raw import Answer

LIMIT = 1_000_000
logger = log.get(__name__)


class ShopHooks:
    """The webhook addresses of all shops, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one webhook."""
        shop = self._deps.shops.get(scope["path_params"]["shop"])
        if shop is None:
            return await raw.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await raw.NO_METHOD(send)
        try:
            body = await raw.read_body(scope, receive, LIMIT)
        except raw.TooLarge:
            return await refused("shop", "too_large", raw.TOO_LARGE)(send)
        except TimeoutError:
            return await refused("shop", "too_slow", raw.TOO_SLOW)(send)
        except raw.Disconnected:
            return None
        return await (await safely("shop", shop.slug, self._answer(shop, raw.headers_of(scope), body)))(send)

    async def _answer(self, shop: ShopEndpoint, headers: dict[str, str], body: bytes) -> Answer:
        verdict = shop.connector.verify(headers, body, shop.secrets())
        if verdict is Verdict.PING:
            return raw.OK
        if verdict is not Verdict.VERIFIED:
            return refused("shop", "unsigned", raw.UNSIGNED)
        item = InboxItem(
            channel="shop",
            endpoint=shop.slug,
            topic=shop.connector.topic(headers),
            headers=shop.connector.kept_headers(headers),
            body=body,
            has_messages=False,
            received_at=self._deps.clock(),
        )
        await self._deps.intake.put(item)
        return raw.OK


async def safely(channel: str, endpoint: str, answer: Awaitable[Answer]) -> Answer:
    """The answer; 503 when anything failed, so that the sender comes again: 2xx only after the commit."""
    try:
        return await answer
    except Exception as problem:  # its text may quote the body: neither the log nor the answer may show it
        logger.error("webhook not stored", endpoint=endpoint, problem=log.brief(problem))
        return refused(channel, "not_stored", raw.TRY_LATER)


def refused(channel: str, reason: str, answer: Answer) -> Answer:
    """Count a refusal."""
    metrics.REFUSED.labels(channel, reason).inc()
    return answer
