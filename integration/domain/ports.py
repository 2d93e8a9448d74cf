"""What flow needs from outside, as Protocols: connectors and the channel fulfil them, wiring plugs them in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integration.domain.channel import Accepted, Envelope, MetaUpdate, RemoteTemplate
from integration.domain.events import Snapshot

Clock = Callable[[], datetime]


class Verdict(StrEnum):
    """What a shop's webhook request is."""

    VERIFIED = "verified"
    PING = "ping"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class ShopContext:
    """What translation needs to know of the shop. `wordings` maps a consent version to the text shown."""

    slug: str
    country: str
    wordings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Translation:
    """A body in our words. `note` is the reason code when there is nothing to do (ping, unknown_topic, …).

    `gone` is the id of an order that the shop deleted; its body says nothing else.
    """

    snapshots: tuple[Snapshot, ...] = ()
    note: str = ""
    gone: str = ""


class ShopConnector(Protocol):
    """One shop platform. Every registry entry passes tests/contract."""

    platform: str

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
        """Check the signature over the raw bytes in constant time. `headers` has lower-case names."""

    def topic(self, headers: Mapping[str, str]) -> str:
        """The topic as the platform names it, "" when the request has none."""

    def kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers worth storing: ids and versions, never secrets."""

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        """Turn a verified body into snapshots. Raises Malformed when it is not what its topic promises."""


class Channel(Protocol):
    """One WhatsApp number."""

    async def send(self, envelope: Envelope) -> Accepted:
        """Send one message once. Raises NotSent, Refused or OutcomeUnknown; only flow.send's loop calls it."""

    async def close(self) -> None:
        """Close the connections."""


class Account(Protocol):
    """The management side of a WhatsApp business account: rare, synchronous calls."""

    def templates(self) -> list[RemoteTemplate]:
        """All templates of the account, every page. Raises ChannelError."""

    def create_template(self, template: Mapping[str, object]) -> None:
        """Submit one template for approval. Raises ChannelError."""

    def healthy(self) -> bool:
        """Whether the number answers with its present token."""


class ChannelWebhook(Protocol):
    """Reading Meta's webhooks."""

    def verify(self, signature: str, body: bytes, app_secret: str) -> bool:
        """Check X-Hub-Signature-256 over the raw bytes in constant time."""

    def parse(self, body: bytes) -> MetaUpdate:
        """Every status, message and preference of every entry and change. Raises Malformed."""

    def people(self, body: bytes) -> set[str]:
        """Phones (E.164) and BSUIDs of everybody who wrote in this body; never raises."""
