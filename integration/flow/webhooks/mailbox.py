"""A letter from a mailbox goes the way that its webhook would have gone: the same checks, the same inbox."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integration.domain.shops.ports import Verdict
from integration.flow.webhooks import verify
from integration.flow.webhooks.plugin import Fact, PluginGate, Put
from integration.flow.webhooks.verify import SenderDoor, ShopDoor


class Reception(StrEnum):
    """What became of a letter."""

    STORED = "stored"
    PING = "ping"
    REPLAYED = "replayed"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LetterSlot:
    """Takes letters for shops, numbers and plugins."""

    shops: Mapping[str, ShopDoor]
    senders: Mapping[str, SenderDoor]
    gate: PluginGate
    put: Put
    refused: Callable[[str], None]

    async def take(
        self, to: str, headers: Mapping[str, str], body: bytes, received_at: datetime, arrived: datetime
    ) -> Reception:
        """Judge a letter and store it. Whatever is returned, it is settled; raises what the database raises.

        `arrived` is when it came by the mailbox's own clock, which is also the clock of the plugin that signs.
        """
        kind, _, slug = to.partition("/")
        if kind == "meta" and slug in self.senders:
            return await self._meta(self.senders[slug], headers, body, received_at)
        if kind == "hooks" and slug in self.shops:
            return await self._hook(self.shops[slug], headers, body, received_at)
        if kind == "plugin" and slug in self.shops:
            return _reception(await self.gate.take(slug, headers, body, received_at, arrived))
        return Reception.UNKNOWN

    async def _meta(self, sender: SenderDoor, headers: Mapping[str, str], body: bytes, at: datetime) -> Reception:
        item = verify.from_meta(sender, headers.get(verify.proof_header(sender), ""), body, at)
        if item is None:
            await asyncio.to_thread(self.refused, sender.slug)
            return Reception.UNSIGNED
        await self.put(item)
        return Reception.STORED

    async def _hook(self, shop: ShopDoor, headers: Mapping[str, str], body: bytes, at: datetime) -> Reception:
        found = verify.from_shop(shop, headers, body, at)
        if isinstance(found, Verdict):
            return Reception.PING if found is Verdict.PING else Reception.UNSIGNED
        await self.put(found)
        return Reception.STORED


def _reception(fact: Fact) -> Reception:
    return Reception(fact.value)
