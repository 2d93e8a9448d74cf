"""The WhatsApp numbers: those of the settings, and those entered in the browser, which come while Ladenbote runs."""

import secrets as chance
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError

from connectors.registry import CONNECTORS
from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.graph import is_partner
from connectors.whatsapp.settings import SenderSettings, is_public
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.clock import Clock
from integration.domain.contacts.contacts import e164
from integration.domain.errors import SettingsError
from integration.domain.numbers.numbers import HIGH_RATE
from integration.domain.numbers.ports import Account
from integration.flow.ports import Door
from integration.flow.world import Live, Sender, Shop
from integration.settings.settings import SLUG, Settings
from integration.store.crypto import Vault
from integration.store.db import Database, announce
from integration.store.numbers import added_numbers
from integration.store.shops import pairing
from jobs.loops.sender import in_flight

#: what is not known yet while a token is being looked at
PLACEHOLDERS: Final = {"phone_number_id": "0", "app_secret": "-", "verify_token": "-"}


class NumberLinks:
    """All numbers as they are now, and the shops that write from them. Used by many threads."""

    def __init__(self, settings: Settings, database: Database, vault: Vault, clock: Clock) -> None:
        self._file = settings
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, datetime] = {}
        self._followers: list[Callable[[], None]] = []
        self.settings = settings
        self.senders: Live[Sender] = Live()
        self.shops: Live[Shop] = Live()
        self._take(settings, frozenset())

    @property
    def entered(self) -> frozenset[str]:
        """The short names of the numbers that were entered in the browser."""
        return frozenset(self._known)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The shops that cannot work yet, because there is no number to write from."""
        return self.settings.waiting

    def follow(self, changed: Callable[[], None]) -> None:
        """Call `changed` now, and from any thread whenever numbers came, went or changed."""
        self._followers.append(changed)
        changed()

    def refresh(self) -> bool:
        """Take in what was entered meanwhile, here or in another process; whether there was something.

        Raises SettingsError when it does not fit the settings.
        """
        with self._lock:
            with self._database.read() as connection:
                if added_numbers.changes(connection) == self._known:
                    return False
                found = added_numbers.every(connection, self._vault)
            chosen = {slug: SenderSettings.model_validate(one.settings) for slug, one in found.items()}
            changed = frozenset(slug for slug, one in found.items() if self._known.get(slug) != one.changed_at)
            self._take(self._file.joined(chosen), changed)
            self._known = {slug: one.changed_at for slug, one in found.items()}
        for follower in self._followers:
            follower()
        return True

    @property
    def connected(self) -> Mapping[str, str]:
        """The short names of all numbers by Meta's ids of them."""
        return {one.phone_number_id: slug for slug, one in self.settings.senders.items()}

    @property
    def companies(self) -> Mapping[str, str]:
        """The companies that a number may belong to: short name and name."""
        return {slug: company.name for slug, company in self._file.companies.items()}

    def management(self, slug: str) -> Account:
        """The account of a number."""
        return self.senders[slug].management

    def account(self, typed: Mapping[str, str]) -> Account:
        """The account of a number that is not entered yet. Raises SettingsError that names the field."""
        return WhatsAppAccount(self._chosen({**PLACEHOLDERS, **typed}))

    def enter(self, slug: str, typed: Mapping[str, str]) -> None:
        """Keep a number and use it from now on. Raises SettingsError with the remedy."""
        if not SLUG.fullmatch(slug):
            raise SettingsError("The short name has small letters, digits and hyphens only.")
        if slug in self._file.senders:
            raise SettingsError(f"[senders.{slug}] stands in the settings already; choose another short name.")
        self._keep(slug, self._chosen({**typed, "verify_token": self._verify_token(slug)}))

    def renewed(self, slug: str, secrets: Mapping[str, str]) -> Account:
        """The account of an entered number as it would be with another token or app secret. Raises SettingsError."""
        return WhatsAppAccount(self._renewed(slug, secrets))

    def renew(self, slug: str, secrets: Mapping[str, str]) -> list[str]:
        """Use another token or app secret from now on, also for the numbers that share the old one; all of them.

        A token is shared within an account only: whether the new one sees other accounts nobody asked. Raises
        SettingsError.
        """
        old, renewed = self.settings.senders[slug], dict[str, SenderSettings]()
        for other in sorted(self._known):
            known = self.settings.senders[other]
            shared = {name: new for name, new in secrets.items() if getattr(known, name) == getattr(old, name)}
            if known.business_account_id != old.business_account_id:
                shared.pop("token", None)
            if other == slug or shared:
                renewed[other] = self._renewed(other, shared)
        for other, chosen in renewed.items():
            self._keep(other, chosen)
        return list(renewed)

    def _renewed(self, slug: str, secrets: Mapping[str, str]) -> SenderSettings:
        known = self.settings.senders[slug]
        plain = known.model_dump(exclude_defaults=True, exclude=set(added_numbers.SECRETS))
        kept = {name: getattr(known, name) for name in added_numbers.SECRETS}
        return self._chosen({**plain, **kept, **secrets})

    def remove(self, slug: str) -> None:
        """Forget a number that was entered in the browser. Raises SettingsError while a shop needs it."""
        self._file.joined(self._others(slug))
        with self._database.write() as connection:
            added_numbers.remove(connection, slug)
            announce(connection, "numbers")
        self.refresh()

    def address(self, slug: str) -> str:
        """Where Meta posts for a number: directly, or to a mailbox; "" while there is neither."""
        public = self._file.public_url
        if self._file.demo or is_public(public):
            return f"{public}/meta/{slug}"
        mailbox = next(iter(self._mailboxes(self.settings.company_of("senders", slug))), "")
        return f"{mailbox}{'&' if '?' in mailbox else '?'}to=meta/{slug}" if mailbox else ""

    def door(self, slug: str) -> Door:
        """What a number's webhooks must show."""
        chosen = self.settings.senders[slug]
        shown = chosen.display_number or slug
        secrets = chosen.verify_token.get_secret_value(), chosen.app_secret.get_secret_value()
        return Door(*secrets, shown, chosen.webhook_header)

    def _verify_token(self, slug: str) -> str:
        known = self.settings.senders.get(slug)
        return known.verify_token.get_secret_value() if known else chance.token_urlsafe(24)

    def _mailboxes(self, company: str) -> list[str]:
        with self._database.read() as connection:
            paired = pairing.of(connection, self._vault, self.shops)
        plugins = [p.mailbox for shop, p in paired.items() if self.shops[shop].company == company]
        return [box.url for box in self._file.mailboxes.values()] + plugins

    def _chosen(self, typed: Mapping[str, Any]) -> SenderSettings:
        try:
            return SenderSettings.model_validate(dict(typed))
        except ValidationError as wrong:
            first = wrong.errors(include_url=False, include_input=False)[0]
            message = str(first["msg"]).removeprefix("Value error, ")
            raise SettingsError(f"{'.'.join(map(str, first['loc']))}: {message}") from None

    def _keep(self, slug: str, chosen: SenderSettings) -> None:
        self._file.joined(self._others(slug) | {slug: chosen})
        plain = chosen.model_dump(mode="json", exclude_defaults=True, exclude=set(added_numbers.SECRETS))
        secrets = {name: getattr(chosen, name).get_secret_value() for name in added_numbers.SECRETS}
        with self._database.write() as connection:
            added_numbers.put(connection, self._vault, slug, plain | secrets, self._clock())
            announce(connection, "numbers")
        self.refresh()

    def _others(self, slug: str) -> dict[str, SenderSettings]:
        return {one: self.settings.senders[one] for one in self._known if one != slug}

    def _take(self, settings: Settings, changed: frozenset[str]) -> None:
        """Exchange what is used; a number that did not change keeps its connections."""
        old = self.senders
        kept = {slug: old[slug] for slug in settings.senders if slug in old and slug not in changed}
        self.settings = settings
        self.senders.exchange({s: kept.get(s) or sender_from(settings, s) for s in settings.senders})
        self.shops.exchange({s: shop_from(settings, s) for s in settings.shops if s not in settings.waiting})


def sender_from(settings: Settings, slug: str) -> Sender:
    """One number, ready to be used."""
    sender = settings.senders[slug]
    return Sender(
        slug=slug,
        company=settings.company_of("senders", slug),
        account=sender.business_account_id or slug,
        rate=sender.rate,
        channel=WhatsAppChannel(sender, in_flight(sender.rate or HIGH_RATE)),
        management=WhatsAppAccount(sender),
        webhook=WEBHOOK,
        number=e164(sender.display_number, settings.country) or "",
        phone_number_id="" if is_partner(sender) else sender.phone_number_id,
        app=sha256(sender.app_secret.get_secret_value().encode()).hexdigest(),
    )


def shop_from(settings: Settings, slug: str) -> Shop:
    """One shop, with the number that it writes from."""
    shop = settings.shops[slug]
    return Shop(
        slug=slug,
        name=shop.name,
        company=settings.company_of("shops", slug),
        sender=settings.sender_of(slug),
        language=shop.language,
        address=shop.address,
        connector=CONNECTORS[shop.platform],
        context=shop.context(slug),
    )
