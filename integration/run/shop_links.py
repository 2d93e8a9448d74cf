"""Our side of the shops' APIs: from the settings, and from what arose at run time (one-click keys, drawn secrets)."""

import hmac
import secrets as chance
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

from connectors.registry import CONNECTORS
from connectors.settings import ShopSettings
from integration.domain.clock import Clock
from integration.domain.errors import Malformed
from integration.domain.shops.ports import ShopLink
from integration.flow.ports import Hook
from integration.flow.world import Shop
from integration.settings.settings import Settings
from integration.store import db, secrets
from integration.store.crypto import Vault
from integration.store.db import Database

#: how long a shop's owner may take to agree
PATIENCE = timedelta(minutes=30)


class ShopLinks:
    """The links of all shops, each made when first asked for. Used by many threads."""

    def __init__(
        self, settings: Settings, shops: Mapping[str, Shop], database: Database, vault: Vault, clock: Clock
    ) -> None:
        self._settings = settings
        self._shops = shops
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[str, ShopLink] = {}
        self._drawn: dict[str, str] = {}

    def link(self, slug: str) -> ShopLink | None:
        """The shop's link; None while its keys are missing. Keys in the settings go before stored ones."""
        with self._lock:
            if slug not in self._links:
                made = CONNECTORS[self._shops[slug].connector.platform].link(
                    self._with_stored_keys(slug), self._shops[slug].context, self._clock
                )
                if made is None:
                    return None
                self._links[slug] = made
            return self._links[slug]

    def hook(self, slug: str) -> Hook | None:
        """Where the shop's webhooks go and what signs them; None while nobody outside reaches us."""
        public = self._settings.public_url
        if not public.startswith("https://") or _is_local(public):
            return None  # in the demo, too: its shops know where to post
        return Hook(f"{public}/hooks/{slug}", self.webhook_secrets(slug)[0])

    def webhook_secrets(self, slug: str) -> list[str]:
        """The secrets that a shop's webhooks may be signed with; one is drawn for a shop that has none."""
        return self._settings.shops[slug].secrets() or [self._own_secret(slug)]

    def may_ask(self, slug: str) -> bool:
        """Whether the shop's owner can connect it with one click."""
        return CONNECTORS[self._settings.shops[slug].platform].one_click is not None

    def ask(self, slug: str) -> str:
        """The page of the shop on which its owner lets us in; valid for half an hour. Raises ShopRefused."""
        chosen, public = self._settings.shops[slug], self._settings.public_url
        one_click = CONNECTORS[chosen.platform].one_click
        if one_click is None:
            raise LookupError(slug)
        state = chance.token_urlsafe(24)
        address = one_click.address(chosen.shop_url, state, f"{public}/connections/{slug}", f"{public}/connect/{slug}")
        with self._database.write() as connection:
            waits = f"{state} {(self._clock() + PATIENCE).isoformat()}"
            secrets.put(connection, self._vault, _name(slug, "asked"), waits, self._clock())
        return address

    def granted(self, slug: str, body: bytes) -> bool:
        """Keep the keys that a shop posted, if its owner was asked for them a moment ago; a question counts once."""
        one_click = CONNECTORS[self._settings.shops[slug].platform].one_click
        try:
            found = one_click.granted(body) if one_click else None
        except Malformed:
            found = None
        if found is None or not self._was_asked(slug, found.state):
            return False
        self.learn(slug, found.keys)
        return True

    def _was_asked(self, slug: str, state: str) -> bool:
        with self._database.write() as connection:
            known, _, until = (secrets.get(connection, self._vault, _name(slug, "asked")) or "").partition(" ")
            right = bool(known) and hmac.compare_digest(known, state) and self._clock() < datetime.fromisoformat(until)
            if right:
                secrets.forget(connection, _name(slug, "asked"))
        return right

    def learn(self, slug: str, keys: Mapping[str, str]) -> None:
        """Keep keys that the shop gave us, encrypted, and use them from now on."""
        with self._database.write() as connection:
            for field, value in keys.items():
                secrets.put(connection, self._vault, _name(slug, field), value, self._clock())
        with self._lock:
            old = self._links.pop(slug, None)
        if old:
            old.close()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for link in self._links.values():
                link.close()
            self._links.clear()

    def _with_stored_keys(self, slug: str) -> ShopSettings:
        chosen = self._settings.shops[slug]
        missing = [f for f in CONNECTORS[chosen.platform].run_time_keys if getattr(chosen, f) is None]
        with self._database.read() as connection:
            found = {field: secrets.get(connection, self._vault, _name(slug, field)) for field in missing}
        return chosen.model_copy(update={field: SecretStr(value) for field, value in found.items() if value})

    def _own_secret(self, slug: str) -> str:
        if slug not in self._drawn:
            name = _name(slug, "webhook_secret")
            with self._database.write() as connection:
                db.lock_people(connection)  # of several processes one draws
                known = secrets.get(connection, self._vault, name)
                if known is None:
                    known = chance.token_hex(24)
                    secrets.put(connection, self._vault, name, known, self._clock())
            self._drawn[slug] = known
        return self._drawn[slug]


def _name(slug: str, field: str) -> str:
    return f"shops.{slug}.{field}"


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
