"""Everything a use case needs from outside, handed over as one argument; wiring fills it."""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from integration.domain.alarms.alarm_texts import Owner
from integration.domain.alarms.heartbeats import Pulses
from integration.domain.clock import Clock
from integration.domain.consent.consent import Policy
from integration.domain.costs.spending import Caps
from integration.domain.numbers.ports import Account, Channel, ChannelWebhook
from integration.domain.shops.ports import ShopConnector, ShopContext
from integration.flow.ports import InboundCounter, Links, Numbers, OptOutMemory, Selection, Spending
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

    `owner` is whom alarms are for, `costs` what messages cost, `pulses` what runs in this process.
    """

    database: Database
    keys: Database
    vault: Vault
    clock: Clock
    companies: Mapping[str, Company]
    shops: Mapping[str, Shop]
    senders: Mapping[str, Sender]
    links: Links
    numbers: Numbers
    catalogue: Selection
    costs: Spending
    stops: OptOutMemory
    incoming: InboundCounter
    checkpoint_file: Path | None = None
    retention: Retention = field(default_factory=Retention)
    owner: Owner = field(default_factory=Owner)
    media: Path | None = None
    pulses: Pulses = field(default_factory=Pulses)

    @property
    def ledger(self) -> Ledger:
        """The consent ledger on these databases."""
        return Ledger(self.keys, self.vault)
