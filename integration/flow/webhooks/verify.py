"""admit: which bodies may enter the inbox. One set of checks, for requests from outside and for mailbox letters."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from integration.domain import signing
from integration.domain.numbers.ports import ChannelWebhook
from integration.domain.shops.ports import ShopConnector, Verdict
from integration.store.webhooks.inbox import InboxItem

META_TOPIC: Final = "whatsapp"
PLUGIN_TOPIC: Final = "plugin"
#: the header that Meta signs with
SIGNATURE: Final = "x-hub-signature-256"
MESSAGES: Final = re.compile(rb'"(?:messages|user_preferences)"\s*:\s*\[')


class ShopDoor(Protocol):
    """What must be known of a shop to judge a request in its name."""

    @property
    def slug(self) -> str: ...
    @property
    def connector(self) -> ShopConnector: ...
    @property
    def secrets(self) -> Callable[[], Sequence[str]]: ...


class SenderDoor(Protocol):
    """What must be known of a number to judge a request in Meta's name."""

    @property
    def slug(self) -> str: ...
    @property
    def app_secret(self) -> str: ...
    @property
    def webhook_header(self) -> str: ...
    @property
    def webhook(self) -> ChannelWebhook: ...


def from_shop(shop: ShopDoor, headers: Mapping[str, str], body: bytes, received_at: datetime) -> InboxItem | Verdict:
    """A shop's webhook as an inbox item, or the verdict (ping, unsigned) why it is none."""
    verdict = shop.connector.verify(headers, body, shop.secrets())
    if verdict is not Verdict.VERIFIED:
        return verdict
    return InboxItem(
        channel="shop",
        endpoint=shop.slug,
        topic=shop.connector.topic(headers),
        headers=shop.connector.kept_headers(headers),
        body=body,
        has_messages=False,
        received_at=received_at,
    )


def proof_header(sender: SenderDoor) -> str:
    """The header that shows whom a webhook comes from: Meta's signature, or a partner's word."""
    return sender.webhook_header.lower() or SIGNATURE


def from_meta(sender: SenderDoor, proof: str, body: bytes, received_at: datetime) -> InboxItem | None:
    """A webhook of Meta's as an inbox item, None when its proof (the value of `proof_header`) is missing or wrong."""
    if not _is_genuine(sender, proof, body):
        return None
    return InboxItem(
        channel="meta",
        endpoint=sender.slug,
        topic=META_TOPIC,
        headers={},
        body=body,
        has_messages=MESSAGES.search(body) is not None,
        received_at=received_at,
    )


def _is_genuine(sender: SenderDoor, proof: str, body: bytes) -> bool:
    """Meta signs the raw bytes. A partner that cannot sends the agreed word, over TLS, in a header of its own."""
    secret = sender.app_secret
    if not secret:  # an empty secret would make every signature computable
        return False
    if sender.webhook_header:
        return hmac.compare_digest(proof.strip().encode("utf-8", "replace"), secret.encode())
    return sender.webhook.verify(proof, body, secret)


def from_plugin(
    shop: str, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, received_at: datetime, arrived: datetime
) -> InboxItem | None:
    """A fact of the companion plugin, None when it is unsigned, altered, or was not signed at about `arrived`."""
    at = signing.signed_at(headers, body, secrets)
    if at is None or abs(arrived - at) > signing.WINDOW:
        return None
    return InboxItem(
        channel="shop",
        endpoint=shop,
        topic=PLUGIN_TOPIC,
        headers={},
        body=body,
        has_messages=False,
        received_at=received_at,
    )
