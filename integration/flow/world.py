"""Everything a use case needs from outside, handed over as one argument; wiring fills it."""

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from integration.domain.alarms.alarm_texts import Owner
from integration.domain.consent.consent import Policy
from integration.domain.shops.ports import Account, Channel, ChannelWebhook, Clock, ShopConnector, ShopContext, ShopLink
from integration.flow.costs.costs import Caps, Costs
from integration.flow.messages.inbound_rate import Incoming
from integration.flow.messages.recent_optouts import Stops
from integration.flow.templates.selection import Catalogue
from integration.store.consent.ledger import Ledger
from integration.store.crypto import Vault
from integration.store.db import Database

T = TypeVar("T")


class Live(Mapping[str, T]):
    """What may come and go while others read it: exchanged whole, so whoever walks through it sees one state."""

    def __init__(self, items: Mapping[str, T] | None = None) -> None:
        self._items = dict(items or {})

    def exchange(self, items: Mapping[str, T]) -> None:
        """From now on these."""
        self._items = dict(items)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> ItemsView[str, T]:
        """Names and things of one moment."""
        return self._items.items()

    def values(self) -> ValuesView[T]:
        """The things of one moment."""
        return self._items.values()


@dataclass(frozen=True, slots=True)
class Company:
    """The controller in law. Owns shops, numbers, contacts and the ledger.

    `named` is the name as wordings give it, with the town; `per_month` how many marketing messages they promise.
    `keep_ip`: who fills in a form has the computer's address kept as evidence.
    """

    slug: str
    name: str
    policy: Policy = field(default_factory=Policy)
    town: str = ""
    privacy_url: str = ""
    per_month: int = 4
    time_zone: str = "Europe/Berlin"
    keep_ip: bool = False
    caps: Caps = field(default_factory=Caps)

    @property
    def named(self) -> str:
        """The company with its town: who reads a wording must know who it is."""
        return f"{self.name}, {self.town}" if self.town else self.name


@dataclass(frozen=True, slots=True)
class Shop:
    """A connected shop. `address` is du or sie, `language` the one for customers whose own is unknown."""

    slug: str
    name: str
    company: str
    sender: str
    language: str
    address: str
    connector: ShopConnector
    context: ShopContext


@dataclass(frozen=True, slots=True)
class Sender:
    """A WhatsApp number. `account` names the business account that its templates belong to; `rate` is per second
    at most, None what Meta allows.

    `number` is the phone number for wa.me links, E.164, empty while nobody told it. `phone_number_id` is how Meta's
    webhooks name it, empty where they need not: at a partner. Numbers of one `app` share the secret that signs them.
    """

    slug: str
    company: str
    account: str
    rate: float | None
    channel: Channel
    management: Account
    webhook: ChannelWebhook
    number: str = ""
    phone_number_id: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a shop's webhooks go, and the secret that signs them."""

    address: str
    secret: str = field(repr=False)


class Links:
    """Our side of the shops' APIs. This one knows no shop; wiring has the real one."""

    def link(self, _shop: str) -> ShopLink | None:
        """The shop's link; None while its keys are missing."""
        return None

    def hook(self, _shop: str) -> Hook | None:
        """Where the shop's webhooks go; None while nobody outside reaches us."""
        return None

    def webhook_secrets(self, _shop: str) -> list[str]:
        """The secrets that the shop's webhooks may be signed with."""
        return []

    def may_ask(self, _shop: str) -> bool:
        """Whether the shop's owner can connect it with one click."""
        return False

    def ask(self, shop: str) -> str:
        """The page of the shop on which its owner lets us in. Raises ShopRefused."""
        raise LookupError(shop)

    def granted(self, _shop: str, _body: bytes) -> bool:
        """Keep the keys that a shop posted, if its owner was asked for them a moment ago."""
        return False

    def learn(self, _shop: str, _keys: Mapping[str, str]) -> None:
        """Keep keys that the shop gave us, encrypted, and use them from now on."""

    def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True)
class Door:
    """What Meta's webhooks for a number must show, and how people read the number."""

    verify_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    shown: str
    webhook_header: str = ""


class Numbers:
    """The WhatsApp numbers that come and go while Ladenbote runs. This one knows none; wiring has the real one."""

    @property
    def entered(self) -> frozenset[str]:
        """The short names of the numbers that were entered in the browser."""
        return frozenset()

    @property
    def waiting(self) -> tuple[str, ...]:
        """The shops that cannot work yet, because there is no number to write from."""
        return ()

    def follow(self, changed: Callable[[], None]) -> None:
        """Call `changed` now, and from any thread whenever numbers came, went or changed."""
        changed()

    def refresh(self) -> bool:
        """Take in what was entered meanwhile, here or in another process; whether there was something."""
        return False

    @property
    def connected(self) -> Mapping[str, str]:
        """The short names of all numbers by Meta's ids of them."""
        return {}

    @property
    def companies(self) -> Mapping[str, str]:
        """The companies that a number may belong to: short name and name."""
        return {}

    def account(self, typed: Mapping[str, str]) -> Account:
        """The account of a number that is not entered yet. Raises SettingsError that names the field."""
        raise LookupError(typed)

    def management(self, slug: str) -> Account:
        """The account of a number."""
        raise LookupError(slug)

    def enter(self, slug: str, typed: Mapping[str, str]) -> None:
        """Keep a number and use it from now on. Raises SettingsError with the remedy."""
        raise LookupError(slug)

    def renewed(self, slug: str, secrets: Mapping[str, str]) -> Account:
        """The account of an entered number as it would be with another token or app secret. Raises SettingsError."""
        raise LookupError(slug)

    def renew(self, slug: str, secrets: Mapping[str, str]) -> list[str]:
        """Use another token or app secret from now on, also for the numbers that share the old one; all of them.

        Raises SettingsError.
        """
        raise LookupError(slug)

    def remove(self, slug: str) -> None:
        """Forget a number that was entered in the browser. Raises SettingsError while a shop needs it."""
        raise LookupError(slug)

    def address(self, _slug: str) -> str:
        """Where Meta posts for a number: directly, or to a mailbox; "" while there is neither."""
        return ""

    def door(self, slug: str) -> Door:
        """What a number's webhooks must show."""
        raise LookupError(slug)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days raw bodies, the words of messages, and decisions against sending are kept.

    `proof_years`: an erased person's proof is kept until the end of the year that comes so many years later.
    """

    bodies_days: int = 14
    words_days: int = 365
    refusals_days: int = 90
    proof_years: int = 3


@dataclass(frozen=True, slots=True)
class World:
    """The databases, the clock, and what the settings connect. `checkpoint_file` collects the ledger's signed ends.

    `owner` is whom alarms are for, `costs` what messages cost.
    """

    database: Database
    keys: Database
    vault: Vault
    clock: Clock
    companies: Mapping[str, Company]
    shops: Mapping[str, Shop]
    senders: Mapping[str, Sender]
    catalogue: Catalogue = field(init=False)
    links: Links = field(default_factory=Links)
    checkpoint_file: Path | None = None
    retention: Retention = field(default_factory=Retention)
    owner: Owner = field(default_factory=Owner)
    numbers: Numbers = field(default_factory=Numbers)
    costs: Costs = field(default_factory=Costs)
    media: Path | None = None
    stops: Stops = field(default_factory=Stops)
    incoming: Incoming = field(default_factory=Incoming)

    def __post_init__(self) -> None:
        object.__setattr__(self, "catalogue", Catalogue(self.database))

    @property
    def ledger(self) -> Ledger:
        """The consent ledger on these databases."""
        return Ledger(self.keys, self.vault)
