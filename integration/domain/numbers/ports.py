"""What flow needs from WhatsApp, as Protocols: connectors/whatsapp fulfils them, wiring plugs it in."""

from collections.abc import Collection, Mapping
from typing import Protocol

from integration.domain.messages.channel import Accepted, Envelope, MetaUpdate, RemoteTemplate
from integration.domain.numbers.numbers import BusinessProfile, NumberChoice, NumberFacts
from integration.domain.shops.ports import Finding
from integration.domain.templates.templates import Template


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

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        """Submit one template for approval; `samples` are handles of its media by source. Raises ChannelError."""

    def unpause(self, name: str, language: str) -> None:
        """Ask Meta to release a text that it paused. Raises ChannelError."""

    @property
    def takes_samples(self) -> bool:
        """Whether there is a way to hand such files over; at a partner there may be none."""

    def sample(self, content: bytes, mime: str) -> str:
        """The handle of a file that shows Meta's reviewers what a template's medium looks like. Raises ChannelError."""

    def healthy(self) -> bool:
        """Whether the number answers with its present token."""

    def facts(self) -> NumberFacts:
        """What Meta says of the number, its token, its account and its app; never raises ChannelError."""

    def choices(self) -> list[NumberChoice]:
        """The numbers that the token may write from. Raises ChannelError."""

    def connect(self, address: str, verify_token: str, others: Collection[str] = ()) -> list[Finding]:
        """Let Meta post this number's webhooks to `address`; says what was done or has to be; no ChannelError.

        `others` are the addresses of our other numbers: an app that reports to one of them goes on doing so.
        """

    def upload(self, content: bytes, mime: str) -> str:
        """The id under which this content can be sent for 30 days. Raises ChannelError."""

    def download(self, media_id: str, most: int) -> bytes:
        """What a customer sent, at most `most` bytes. Raises ChannelError."""

    def profile(self) -> BusinessProfile:
        """What customers see of the business. Raises ChannelError."""

    def change_profile(self, profile: BusinessProfile) -> None:
        """Show this from now on. Raises ChannelError."""

    def change_picture(self, content: bytes, mime: str) -> None:
        """Show this picture beside the name from now on. Raises ChannelError."""


class ChannelWebhook(Protocol):
    """Reading Meta's webhooks."""

    def verify(self, signature: str, body: bytes, app_secret: str) -> bool:
        """Check X-Hub-Signature-256 over the raw bytes in constant time."""

    def parse(self, body: bytes) -> tuple[MetaUpdate, ...]:
        """Every status, message and preference of every entry and change, by number or account. Raises Malformed."""

    def people(self, body: bytes) -> set[str]:
        """Phones (E.164) and BSUIDs of everybody who wrote in this body; never raises."""
