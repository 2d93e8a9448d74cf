"""POST /hooks/{shop}: verify the signature on the raw bytes, commit the raw body, answer 200."""

from collections import OrderedDict
from collections.abc import Awaitable

from starlette.types import Receive, Scope, Send

from integration import log, metrics
from integration.domain.shops.ports import Verdict
from integration.flow.webhooks import verify
from integration.web import asgi
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
            return await asgi.NOT_FOUND(send)
        if scope["method"] != "POST":
            return await asgi.NO_METHOD(send)
        body = await received("shop", scope, receive, LIMIT)
        if isinstance(body, bytes):
            body = await safely("shop", shop.slug, self._answer(shop, asgi.headers_of(scope), body))
        if body:
            await body(send)

    async def _answer(self, shop: ShopEndpoint, headers: dict[str, str], body: bytes) -> Answer:
        found = verify.from_shop(shop, headers, body, self._deps.world.clock())
        if found is Verdict.PING:
            return asgi.OK
        if isinstance(found, Verdict):
            return refused("shop", "unsigned", asgi.UNSIGNED)
        delivery = (shop.slug, shop.connector.delivery(headers))
        if delivery in self._stored:
            metrics.REPEATED.labels(shop.slug).inc()
            return asgi.OK
        await self._deps.intake.put(found)
        self._remember(delivery)
        return asgi.OK

    def _remember(self, delivery: tuple[str, str]) -> None:
        """What was committed need not be stored again when the platform repeats it."""
        if delivery[1]:
            self._stored[delivery] = None
            if len(self._stored) > REMEMBERED:
                self._stored.popitem(last=False)


async def received(channel: str, scope: Scope, receive: Receive, limit: int) -> bytes | Answer | None:
    """The raw body, the refusal to answer with, or None when the caller has gone."""
    try:
        return await asgi.read_body(scope, receive, limit)
    except asgi.TooLarge:
        return refused(channel, "too_large", asgi.TOO_LARGE)
    except TimeoutError:
        return refused(channel, "too_slow", asgi.TOO_SLOW)
    except asgi.Disconnected:
        return None


async def safely(channel: str, endpoint: str, answer: Awaitable[Answer]) -> Answer:
    """The answer; 503 when anything failed, so that the sender comes again: 2xx only after the commit."""
    try:
        return await answer
    except Exception as problem:  # its text may quote the body: neither the log nor the answer may show it
        logger.error("webhook not stored", endpoint=endpoint, problem=log.brief(problem))
        return refused(channel, "not_stored", asgi.TRY_LATER)


def refused(channel: str, reason: str, answer: Answer) -> Answer:
    """Count a refusal."""
    metrics.REFUSED.labels(channel, reason).inc()
    return answer
