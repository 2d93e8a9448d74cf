"""What flow needs from `run` and from its own services, as Protocols; wiring builds the one real class of each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from integration.domain.costs.pricing import Price, Prices
from integration.domain.costs.spending import Spent
from integration.domain.numbers.ports import Account
from integration.domain.shops.ports import ShopLink
from integration.domain.templates.selection import Slot
from integration.domain.templates.templates import Template


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a shop's webhooks go, and the secret that signs them."""

    address: str
    secret: str = field(repr=False)


class Links(Protocol):
    """Our side of the shops' APIs: `run.shop_links.ShopLinks`."""

    def link(self, shop: str) -> ShopLink | None:
        """The shop's link; None while its keys are missing."""

    def hook(self, shop: str) -> Hook | None:
        """Where the shop's webhooks go; None while nobody outside reaches us."""

    def webhook_secrets(self, shop: str) -> list[str]:
        """The secrets that the shop's webhooks may be signed with."""

    def may_ask(self, shop: str) -> bool:
        """Whether the shop's owner can connect it with one click."""

    def ask(self, shop: str) -> str:
        """The page of the shop on which its owner lets us in. Raises ShopRefused."""

    def granted(self, shop: str, body: bytes) -> bool:
        """Keep the keys that a shop posted, if its owner was asked for them a moment ago."""

    def learn(self, shop: str, keys: Mapping[str, str]) -> None:
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


class Numbers(Protocol):
    """The WhatsApp numbers that come and go while Ladenbote runs: `run.number_links.NumberLinks`."""

    @property
    def entered(self) -> frozenset[str]:
        """The short names of the numbers that were entered in the browser."""

    @property
    def waiting(self) -> tuple[str, ...]:
        """The shops that cannot work yet, because there is no number to write from."""

    def follow(self, changed: Callable[[], None]) -> None:
        """Call `changed` now, and from any thread whenever numbers came, went or changed."""

    def refresh(self) -> bool:
        """Take in what was entered meanwhile, here or in another process; whether there was something."""

    @property
    def connected(self) -> Mapping[str, str]:
        """The short names of all numbers by Meta's ids of them."""

    @property
    def companies(self) -> Mapping[str, str]:
        """The companies that a number may belong to: short name and name."""

    def account(self, typed: Mapping[str, str]) -> Account:
        """The account of a number that is not entered yet. Raises SettingsError that names the field."""

    def management(self, slug: str) -> Account:
        """The account of a number."""

    def enter(self, slug: str, typed: Mapping[str, str]) -> None:
        """Keep a number and use it from now on. Raises SettingsError with the remedy."""

    def renewed(self, slug: str, secrets: Mapping[str, str]) -> Account:
        """The account of an entered number as it would be with another token or app secret. Raises SettingsError."""

    def renew(self, slug: str, secrets: Mapping[str, str]) -> list[str]:
        """Use another token or app secret from now on, also for the numbers that share the old one; all of them.

        Raises SettingsError.
        """

    def remove(self, slug: str) -> None:
        """Forget a number that was entered in the browser. Raises SettingsError while a shop needs it."""

    def address(self, slug: str) -> str:
        """Where Meta posts for a number: directly, or to a mailbox; "" while there is neither."""

    def door(self, slug: str) -> Door:
        """What a number's webhooks must show."""


class Selection(Protocol):
    """Which text serves where: `flow.templates.selection.Catalogue`."""

    def template(self, account: str, slot: Slot, variables: Mapping[str, str]) -> Template:
        """The version that a message with these variables uses now, from this account of Meta's."""

    def candidates(self, account: str, slot: Slot) -> list[Template]:
        """The versions that messages may use now, best first."""

    def body(self, account: str, name: str, language: str) -> str:
        """The text behind Meta's name of it, as Meta has it; "" for an unknown one."""

    def forget(self) -> None:
        """Look again, because something has changed."""


class Spending(Protocol):
    """The rate cards and the sums spent: `flow.costs.costs.Costs`."""

    @property
    def prices(self) -> Prices:
        """What a message costs, by day and country."""

    def spent(self, connection: Connection, company: str, now: datetime) -> Spent:
        """A company's sums, up to a minute old."""

    def read(self, connection: Connection, company: str, now: datetime) -> Spent:
        """A company's sums as they are now."""

    def share(self, connection: Connection, company: str, now: datetime) -> None:
        """Before a claim: other processes' claims for the company count, and they wait for this one's end."""

    def answers(self, connection: Connection, sender: str, now: datetime) -> int:
        """How many free texts a number has sent this month, up to a minute old."""

    def take(self, company: str, sender: str, price: Price) -> None:
        """A message is about to leave: count it until the sums are read again."""


class OptOutMemory(Protocol):
    """Whose permission ended a moment ago: `flow.messages.recent_optouts.RecentOptOuts`."""

    def note(self, contact_ids: Iterable[str]) -> None:
        """These people's permissions end with this transaction."""

    def since(self, contact_id: str | None, moment: float) -> bool:
        """Whether somebody was stopped after `moment` of the monotonic clock."""


class InboundCounter(Protocol):
    """How much customers wrote to each number lately: `flow.messages.inbound_rate.InboundRate`."""

    def note(self, sender: str, count: int) -> None:
        """So many came for this number."""

    def taken(self, sender: str) -> int:
        """How many came since this was asked last."""
