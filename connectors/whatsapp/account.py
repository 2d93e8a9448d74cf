"""The management side of a WhatsApp business account as `ports.Account`: rare calls, from a sweep's thread."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeVar

from connectors.whatsapp import business_profile, media, number, webhook_setup
from connectors.whatsapp.choices import choices
from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.settings import SenderSettings
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.numbers.numbers import BusinessProfile, NumberChoice, NumberFacts
from integration.domain.shops.ports import Finding
from integration.domain.templates.templates import Template

T = TypeVar("T")


class WhatsAppAccount:
    """Each call opens its own connection: a channel's belong to the send loop's thread."""

    def __init__(self, settings: SenderSettings) -> None:
        self._settings = settings

    def templates(self) -> list[RemoteTemplate]:
        """All templates of the account. Raises ChannelError."""
        return self._call(WhatsAppChannel.templates)

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        """Submit one template for approval. Raises ChannelError."""
        self._call(lambda channel: channel.create_template(template, samples))

    def unpause(self, name: str, language: str) -> None:
        """Ask Meta to release a text that it paused. Raises ChannelError."""
        self._call(lambda channel: channel.unpause(name, language))

    @property
    def takes_samples(self) -> bool:
        """Whether there is a way to hand such files over; at a partner there may be none."""
        return media.takes_samples(self._settings)

    def sample(self, content: bytes, mime: str) -> str:
        """The handle of a file that shows what a template's medium looks like. Raises ChannelError."""
        return asyncio.run(media.sample(self._settings, content, mime))

    def healthy(self) -> bool:
        """Whether the number answers with its present token."""
        return self._call(WhatsAppChannel.healthy)

    def facts(self) -> NumberFacts:
        """What Meta says of the number, its token, its account and its app; never raises ChannelError."""
        return asyncio.run(number.facts(self._settings))

    def choices(self) -> list[NumberChoice]:
        """The numbers that the token may write from. Raises ChannelError."""
        return asyncio.run(choices(self._settings))

    def connect(self, address: str, verify_token: str, others: Collection[str] = ()) -> list[Finding]:
        """Let Meta post this number's webhooks to `address`; says what was done or has to be; no ChannelError.

        `others` are the addresses of our other numbers: an app that reports to one of them goes on doing so.
        """
        return asyncio.run(webhook_setup.connect(self._settings, address, verify_token, others))

    def profile(self) -> BusinessProfile:
        """What customers see of the business. Raises ChannelError."""
        return asyncio.run(business_profile.read(self._settings))

    def change_profile(self, profile: BusinessProfile) -> None:
        """Show this from now on. Raises ChannelError."""
        asyncio.run(business_profile.write(self._settings, profile))

    def change_picture(self, content: bytes, mime: str) -> None:
        """Show this picture beside the name from now on. Raises ChannelError."""
        asyncio.run(business_profile.picture(self._settings, content, mime))

    def upload(self, content: bytes, mime: str) -> str:
        """The id under which this content can be sent for 30 days. Raises ChannelError."""
        return asyncio.run(media.upload(self._settings, content, mime))

    def download(self, media_id: str, most: int) -> bytes:
        """What a customer sent, at most `most` bytes. Raises ChannelError."""
        return asyncio.run(media.download(self._settings, media_id, most))

    def _call(self, work: Callable[[WhatsAppChannel], Awaitable[T]]) -> T:
        async def once() -> T:
            channel = WhatsAppChannel(self._settings, limit=1)
            try:
                return await work(channel)
            finally:
                await channel.close()

        return asyncio.run(once())
