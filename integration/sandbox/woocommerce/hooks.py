"""WooCommerce's webhooks: late, coalesced, never repeated, switched off after the seventh failure in a row."""

import base64
import hashlib
import hmac
import ipaddress
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from integration.sandbox.bus import Bus
from integration.sandbox.courier import Courier, Delivery
from integration.sandbox.woocommerce.model import Version
from integration.sandbox.woocommerce.order_body import encode

RESOURCES: Final = ("coupon", "customer", "order", "product")
EVENTS: Final = ("created", "updated", "deleted", "restored")
MAX_FAILURES: Final = 5
SAFE_PORTS: Final = (80, 443, 8080)


@dataclass(slots=True)
class Webhook:
    """One webhook; its secret is never shown. `failures` outlives being switched on again."""

    id: int
    name: str
    topic: str
    url: str
    secret: str
    created: datetime
    modified: datetime
    status: str = "active"
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """What waits in the queue: one per webhook and object, however often that changed."""

    webhook: int
    topic: str
    object_id: int
    subject: str
    copies: int = 1


def valid_topic(topic: str) -> bool:
    """Whether WooCommerce takes it over REST."""
    resource, _, event = topic.partition(".")
    return (resource in RESOURCES and event in EVENTS) or (resource == "action" and bool(event))


class Hooks:
    """The webhooks of one shop and the queue behind them.

    `every` is how many seconds lie at least between two runs of WP-Cron, which only runs when somebody visits;
    None delivers at once, with the body of that moment (the demo). `safe_only` refuses private targets without a
    word, as a stock shop does; `double` and `backwards` make a mess of it.
    """

    def __init__(
        self, shop_url: str, version: Version, courier: Courier, bus: Bus, now: Callable[[], datetime]
    ) -> None:
        self._shop_url = shop_url
        self._version = version
        self._courier = courier
        self._bus = bus
        self._now = now
        self._ids = itertools.count(8)
        self._queue: dict[tuple[int, int], Job] = {}
        self._last_run = time.monotonic()
        self.rows: dict[int, Webhook] = {}
        self.body_of: Callable[[str, int], Any] = lambda topic, number: {"id": number}
        self.every: float | None = None
        self.safe_only = False
        self.double = False
        self.backwards = False

    def add(self, webhook: Webhook | None = None, **fields: Any) -> Webhook:
        """A new webhook; it is tried out with a ping."""
        row = webhook or Webhook(id=next(self._ids), **fields)
        self.rows[row.id] = row
        return row

    def ping(self, rows: Sequence[Webhook]) -> None:
        """The unsigned `webhook_id=n` by which WooCommerce tries a target out."""
        good = [row for row in rows if row.status == "active" and self.reachable(row.url)]
        self._courier.dispatch([self._ping(row) for row in good])

    def fire(self, topic: str, object_id: int, subject: str = "", copies: int = 1) -> None:
        """Something happened: deliver now, or put one job per webhook and object into the queue."""
        jobs = [
            Job(row.id, topic, object_id, subject, copies)
            for row in self.rows.values() if row.topic == topic and row.status == "active"
        ]  # fmt: skip
        if self.every is None:
            self._send(jobs)
            return
        for job in jobs:
            self._queue.setdefault((job.webhook, job.object_id), job)

    def touched(self) -> None:
        """Somebody visits the shop: WP-Cron may run."""
        if self.every is not None and time.monotonic() - self._last_run >= self.every:
            self.run()

    def run(self) -> None:
        """Deliver what waits; bodies are built only now."""
        self._last_run = time.monotonic()
        jobs = list(self._queue.values())
        self._queue.clear()
        self._send(jobs[::-1] if self.backwards else jobs)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._queue)

    def reachable(self, url: str) -> bool:
        """Whether wp_safe_remote_post goes there: not to private addresses nor odd ports, save the shop's own."""
        target, own = urlsplit(url), urlsplit(self._shop_url)
        if not self.safe_only or (target.hostname, target.port) == (own.hostname, own.port):
            return True
        port = target.port or (443 if target.scheme == "https" else 80)
        return target.username is None and port in SAFE_PORTS and _public(target.hostname or "")

    def _send(self, jobs: Sequence[Job]) -> None:
        deliveries = []
        for job in jobs:
            row = self.rows.get(job.webhook)
            if row is None or row.status != "active":
                continue
            if not self.reachable(row.url):
                self._settled(row, False)
                continue
            deliveries += [self._delivery(row, job) for _ in range(job.copies + self.double)]
        if deliveries:
            self._courier.dispatch(deliveries)

    def _settled(self, row: Webhook, delivered: bool) -> None:
        if delivered:
            row.failures = 0
        elif row.failures > MAX_FAILURES:
            row.status = "disabled"
        else:
            row.failures += 1

    def _ping(self, row: Webhook) -> Delivery:
        headers = {"User-Agent": self._agent, "Content-Type": "application/x-www-form-urlencoded"}
        body = f"webhook_id={row.id}".encode()
        return Delivery("woocommerce", "ping", row.url, body, headers, accept_redirect=True)

    @property
    def _agent(self) -> str:
        return f"WooCommerce/{self._version.woocommerce} Hookshot (WordPress/{self._version.wordpress})"

    def _delivery(self, row: Webhook, job: Job) -> Delivery:
        # WooCommerce never repeats a failed webhook, and takes a redirect for success
        body = encode(self.body_of(job.topic, job.object_id))
        return Delivery(
            "woocommerce", job.topic, row.url, body, self._headers(row, body), subject=job.subject,
            timeout=60.0, accept_redirect=True, told=partial(self._settled, row),
        )  # fmt: skip

    def _headers(self, row: Webhook, body: bytes) -> dict[str, str]:
        digest = hmac.new(row.secret.encode(), body, hashlib.sha256).digest()
        resource, _, event = row.topic.partition(".")
        # the real id is a hash of webhook and second, too: different messages share it
        moment = f"{row.id}{int(self._now().timestamp())}"
        return {
            "User-Agent": self._agent, "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self._shop_url}/", "X-WC-Webhook-Topic": row.topic,
            "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(digest).decode(), "X-WC-Webhook-ID": str(row.id),
            "X-WC-Webhook-Delivery-ID": hashlib.md5(moment.encode(), usedforsecurity=False).hexdigest(),
        }  # fmt: skip


def _public(host: str) -> bool:
    if ":" in host or host == "localhost":
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True
