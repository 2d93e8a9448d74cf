"""POST /hooks/{shop}: verify the signature on the raw bytes, commit the raw body, answer 200."""

from collections import OrderedDict
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from integration import log, metrics
from integration.domain.shops.ports import Verdict
from integration.flow.webhooks import verify as admit
from integration.web import asgi as raw
from integration.web.asgi import Answer
from integration.web.deps import ShopEndpoint, WebDeps

LIMIT = 1_000_000
#: deliveries that are remembered; a repetition comes within hours, and after a restart its content is known anyway
REMEMBERED = 10_000
logger = log.get(__name__)


class ShopHooks:
    """The webhook addresses of all shops, as a plain ASGI app."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._stored: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one webhook."""
        shop = self._deps.shops.get(scope["path_params"]["shop"])
        if shop is None:
            return await raw.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await raw.NO_METHOD(send)
        body = await received("shop", scope, receive, LIMIT)
        if isinstance(body, bytes):
            body = await safely("shop", shop.slug, self._answer(shop, raw.headers_of(scope), body))
        if body:
            await body(send)

    async def _answer(self, shop: ShopEndpoint, headers: dict[str, str], body: bytes) -> Answer:
        found = admit.from_shop(shop, headers, body, self._deps.clock())
        if found is Verdict.PING:
            return raw.OK
        if isinstance(found, Verdict):
            return refused("shop", "unsigned", raw.UNSIGNED)
        delivery = (shop.slug, shop.connector.delivery(headers))
        if delivery in self._stored:
            metrics.REPEATED.labels(shop.slug).inc()
            return raw.OK
        await self._deps.intake.put(found)
        self._remember(delivery)
        return raw.OK

    def _remember(self, delivery: tuple[str, str]) -> None:
        """What was committed need not be stored again when the platform repeats it."""
        if delivery[1]:
            self._stored[delivery] = None
            if len(self._stored) > REMEMBERED:
                self._stored.popitem(last=False)


async def received(channel: str, scope: Scope, receive: Receive, limit: int) -> bytes | Answer | None:
    """The raw body, the refusal to answer with, or None when the caller has gone."""
    try:
        return await raw.read_body(scope, receive, limit)
    except raw.TooLarge:
        return refused(channel, "too_large", raw.TOO_LARGE)
    except TimeoutError:
        return refused(channel, "too_slow", raw.TOO_SLOW)
    except raw.Disconnected:
        return None


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
