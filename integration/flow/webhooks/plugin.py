"""The one way in for facts of a companion plugin: signed, timely, and each only once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum

from integration.domain import signing
from integration.domain.clock import Clock
from integration.flow.webhooks import verify
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.shops import pairing, plugin_signatures
from integration.store.webhooks.inbox import InboxItem

#: stores one body, and returns after its commit (`flow.receive.Intake.put`)
Put = Callable[[InboxItem], Awaitable[None]]


class Fact(StrEnum):
    """What became of a plugin's fact."""

    STORED = "stored"
    REPLAYED = "replayed"
    UNSIGNED = "unsigned"


class PluginGate:
    """Stores facts of paired plugins. Belongs to one event loop."""

    def __init__(self, database: Database, vault: Vault, put: Put, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._put = put
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def take(
        self,
        shop: str,
        headers: Mapping[str, str],
        body: bytes,
        received_at: datetime,
        arrived: datetime,
        put: Put | None = None,
    ) -> Fact:
        """Judge a fact and store it. It is noted as known only after its commit, so that a crash loses nothing.

        `arrived` is when it arrived by the clock that its signature is held against; for a letter that is the
        mailbox's. What wants more than being stored has a `put` of its own. Raises what the database raises.
        """
        secrets = await asyncio.to_thread(self._secrets, shop)
        item = verify.from_plugin(shop, secrets, headers, body, received_at, arrived)
        if item is None:
            return Fact.UNSIGNED
        async with self._one_at_a_time:
            return await self._once(item, headers[signing.SIGNATURE], put or self._put)

    async def _once(self, item: InboxItem, signature: str, put: Put) -> Fact:
        if await asyncio.to_thread(self._known, item.endpoint, signature):
            return Fact.REPLAYED
        await put(item)
        await asyncio.to_thread(self._note, item.endpoint, signature)
        return Fact.STORED

    def _secrets(self, shop: str) -> list[str]:
        with self._database.read() as connection:
            found = pairing.get(connection, self._vault, shop)
        return [found.secret] if found else []

    def _known(self, shop: str, signature: str) -> bool:
        with self._database.read() as connection:
            return plugin_signatures.known(connection, shop, signature)

    def _note(self, shop: str, signature: str) -> None:
        with self._database.write() as connection:
            plugin_signatures.note(connection, shop, signature, self._clock())
