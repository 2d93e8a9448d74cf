"""Carries webhooks to the worker, repeats what failed, and keeps a log."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock

LOG_SIZE: Final = 400
MAX_BACKOFF: Final = 8.0
#: so many on the way at once: httpx collapses beyond some fifty, and while the worker is away hundreds are tried again,
#: until the sandbox has no time left to answer it
AT_ONCE: Final = 16


@dataclass(slots=True)
class Delivery:
    """One webhook: the exact bytes, and what the worker answered to each try.

    `told` hears after each try whether it was taken. `at` is when the courier got it.
    """

    source: str
    topic: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    retries: int = 0
    timeout: float = 10.0
    subject: str = ""
    accept_redirect: bool = False
    told: Callable[[bool], None] | None = None
    id: int = 0
    answers: list[str] = field(default_factory=list)
    delivered: bool = False
    finished: bool = False
    at: datetime = field(init=False)

    def as_json(self) -> dict[str, Any]:
        """The log line for the page."""
        return {
            "id": self.id, "source": self.source, "topic": self.topic, "subject": self.subject,
            "at": self.at.isoformat(), "bytes": len(self.body), "answers": self.answers,
            "status": int(self.answers[-1]) if self.answers and self.answers[-1].isdigit() else None,
            "delivered": self.delivered, "finished": self.finished,
        }  # fmt: skip


class Courier:
    """Posts deliveries; a first try in order, further tries in the background."""

    def __init__(self, bus: Bus, backoff: float, clock: Clock) -> None:
        self._bus = bus
        self._backoff = backoff
        self._clock = clock
        self._ids = itertools.count(1)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None
        self.transport: httpx.AsyncBaseTransport | None = None
        self.log: deque[Delivery] = deque(maxlen=LOG_SIZE)

    @property
    def client(self) -> httpx.AsyncClient:
        """Made on first use, so that a transport can be put in before."""
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self.transport, follow_redirects=False, trust_env=False)
        return self._client

    def dispatch(self, deliveries: Sequence[Delivery]) -> None:
        """Send these one after the other without making the caller wait."""
        for delivery in deliveries:
            self._enter(delivery)
        self._bus.spawn(self._send_all(deliveries))

    async def send(self, delivery: Delivery) -> bool:
        """One try now; if it fails, the rest happens in the background."""
        self._enter(delivery)
        return await self._first_try(delivery)

    async def get(self, source: str, topic: str, url: str, params: Mapping[str, str]) -> httpx.Response | None:
        """A logged GET (Meta's handshake)."""
        delivery = Delivery(source, topic, url, b"", {})
        self._enter(delivery)
        try:
            response = await self.client.get(url, params=dict(params), timeout=delivery.timeout)
        except httpx.HTTPError as error:
            self._answered(delivery, type(error).__name__, delivered=False, finished=True)
            return None
        self._answered(delivery, str(response.status_code), response.is_success, finished=True)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _enter(self, delivery: Delivery) -> None:
        delivery.id, delivery.at = next(self._ids), self._clock.now()
        self.log.append(delivery)
        self._bus.changed()

    async def _send_all(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._first_try(delivery)

    async def _first_try(self, delivery: Delivery) -> bool:
        if await self._try(delivery, last=delivery.retries == 0):
            return True
        if delivery.retries:
            self._bus.spawn(self._retry(delivery))
        return False

    async def _retry(self, delivery: Delivery) -> None:
        for n in range(delivery.retries):
            await asyncio.sleep(min(self._backoff * 2**n, MAX_BACKOFF))
            if await self._try(delivery, last=n + 1 == delivery.retries):
                return

    async def _try(self, delivery: Delivery, last: bool) -> bool:
        try:
            async with self._free:
                response = await self.client.post(
                    delivery.url, content=delivery.body, headers=dict(delivery.headers), timeout=delivery.timeout
                )
        except httpx.HTTPError as error:
            self._answered(delivery, type(error).__name__, delivered=False, finished=last)
            return False
        limit = 303 if delivery.accept_redirect else 300
        good = 200 <= response.status_code < limit
        self._answered(delivery, str(response.status_code), good, finished=good or last)
        return good

    def _answered(self, delivery: Delivery, answer: str, delivered: bool, finished: bool) -> None:
        delivery.answers.append(answer)
        delivery.delivered = delivered
        delivery.finished = finished
        if delivery.told:
            delivery.told(delivered)
        self._bus.changed()
