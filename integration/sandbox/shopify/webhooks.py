"""Webhooks: signed bytes to every subscription, retried, repeated, held back, and given up on."""

import base64
import hashlib
import hmac
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from integration.sandbox.courier import Delivery
from integration.sandbox.shopify.bodies import encode
from integration.sandbox.shopify.records import Checkout, Customer, Order, Parcel, Refund, Subscription
from integration.sandbox.shopify.shop import AdminShop, News
from integration.sandbox.shopify.topics import PRIVACY, body_of

RETRIES: Final = 8
TIMEOUT: Final = 5.0
PATIENCE: Final = 8
"""After so many failures in a row a subscription is removed."""
_PERSONAL: Final = frozenset({"phone", "email", "contact_email", "first_name", "last_name", "address1", "address2",
                              "zip", "city"})  # fmt: skip
Post = Callable[[Sequence[Delivery]], None]


@dataclass(slots=True)
class Mischief:
    """What can happen on the way: every delivery `copies` times with one id, out of order, or held until `release`."""

    copies: int = 1
    shuffle: bool = False
    hold: bool = False
    seed: int = 1


class Webhooks:
    """Turns what happens in a shop into deliveries."""

    def __init__(self, shop: AdminShop, post: Post, source: str = "shopify") -> None:
        self._shop = shop
        self._post = post
        self._source = source
        self._held: list[Delivery] = []
        self.mischief = Mischief()
        shop.hear = self.hear

    def hear(self, news: Sequence[News]) -> None:
        """One action: its topics share an event id, its retries keep the body of this moment."""
        event = str(uuid.uuid4())
        made = [delivery for topic, record in news for delivery in self._deliveries(topic, record, event)]
        made = [delivery for delivery in made for _ in range(self.mischief.copies)]
        if self.mischief.shuffle:
            random.Random(self.mischief.seed).shuffle(made)  # noqa: S311 - disorder that a test can repeat
        self._held += made
        if not self.mischief.hold:
            self.release()

    def release(self) -> None:
        """Let go what was held; the headers still say when it happened."""
        held, self._held = self._held, []
        if held:
            self._post(held)

    def _deliveries(self, topic: str, record: Any, event: str) -> list[Delivery]:
        if topic in PRIVACY:
            uri = self._shop.app.compliance_uri
            return [self._delivery(topic, record, event, uri, None)] if uri else []
        wanted = [one for one in self._shop.subscriptions.values() if one.topic == topic]
        return [self._delivery(topic, record, event, one.uri, one) for one in wanted]

    def _delivery(self, topic: str, record: Any, event: str, uri: str, to: Subscription | None) -> Delivery:
        body = body_of(topic, self._shop, record)
        if self._shop.switches.privacy != "open":
            body = _protected(body)
        if to and to.include:
            body = {name: value for name, value in body.items() if name in to.include}
        raw = encode(body)
        return Delivery(
            self._source, topic, uri, raw, self._headers(topic, raw, event, to), retries=RETRIES, timeout=TIMEOUT,
            subject=_subject(record), told=self._teller(to) if to else None,
        )  # fmt: skip

    def _headers(self, topic: str, raw: bytes, event: str, to: Subscription | None) -> dict[str, str]:
        digest = hmac.new(self._shop.app.secret.encode(), raw, hashlib.sha256).digest()
        return {
            "User-Agent": "Shopify-Captain-Hook", "Content-Type": "application/json",
            "X-Shopify-Topic": topic, "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": self._shop.domain, "X-Shopify-API-Version": self._shop.app.webhook_version,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()), "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": _stamp(self._shop.now()),
            **({"X-Shopify-Name": to.name} if to and to.name else {}),
        }  # fmt: skip

    def _teller(self, to: Subscription) -> Callable[[bool], None]:
        def told(taken: bool) -> None:
            to.failures = 0 if taken else to.failures + 1
            if to.failures >= PATIENCE:
                self._shop.subscriptions.pop(to.id, None)

        return told


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _subject(record: Any) -> str:
    if isinstance(record, tuple):
        return _subject(record[0])
    if isinstance(record, Parcel | Refund):
        return record.order.number
    if isinstance(record, Order):
        return record.number
    return f"{type(record).__name__} {record.id}" if isinstance(record, Checkout | Customer) else ""


def _protected(value: Any) -> Any:
    """Without the personal data that the shop's plan keeps from the app."""
    if isinstance(value, list):
        return [_protected(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: None if name in _PERSONAL else _protected(one) for name, one in value.items()}
    return kept | {"name": None} if "address1" in value else kept
