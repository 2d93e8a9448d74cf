"""What flow needs from a shop, as Protocols: the platforms' connectors fulfil them, wiring plugs them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from integration.domain.hot_dataclass import lean
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.text import Text


class Verdict(StrEnum):
    """What a shop's webhook request is."""

    VERIFIED = "verified"
    PING = "ping"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class ShopContext:
    """What translation needs to know of the shop. `wordings` maps a consent version to the text shown.

    `tracking_meta` says where a shop keeps tracking numbers that no known plugin writes, `promised_meta` where it keeps
    the day of delivery that it promised.
    """

    slug: str
    country: str
    wordings: Mapping[str, str] = field(default_factory=dict)
    tracking_meta: Mapping[str, str] = field(default_factory=dict)
    promised_meta: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """Somebody asked their shop for a copy of their data (`kind` export) or for their erasure (erase).

    `kind` shop: the shop itself has left its platform, and everything that came from it goes.
    `customer_id` and `orders` are the shop's ids of the person and of the orders that are meant.
    """

    kind: str
    email: str
    reference: str
    phone: str = ""
    customer_id: str = ""
    orders: tuple[str, ...] = ()


@lean
class Translation:
    """A body in our words. `note` is the reason code when there is nothing to do (ping, unknown_topic, …).

    `gone` is the id of an order that the shop deleted; its body says nothing else. `reread` are objects that
    changed, of which the body tells too little: they are read from the shop (`ShopLink.read`).
    `privacy` are requests to record. `examine`: the connection itself changed (an app was removed, permissions
    changed), so the shop is examined at once.
    """

    snapshots: tuple[Snapshot, ...] = ()
    note: str = ""
    gone: str = ""
    reread: tuple[tuple[ObjectType, str], ...] = ()
    privacy: tuple[PrivacyRequest, ...] = ()
    examine: bool = False


class ShopConnector(Protocol):
    """One shop platform. Every registry entry passes tests/contract."""

    platform: str

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
        """Check the signature over the raw bytes in constant time. `headers` has lower-case names."""

    def topic(self, headers: Mapping[str, str]) -> str:
        """The topic as the platform names it, "" when the request has none."""

    def kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers worth storing: ids and versions, never secrets."""

    def delivery(self, headers: Mapping[str, str]) -> str:
        """What is equal when the platform repeats a verified request, "" where it has nothing that can be trusted."""

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        """Turn a verified body into snapshots. Raises Malformed when it is not what its topic promises."""

    def way_back(self, url: str, voucher: str) -> str:
        """A cart's recovery link that also applies a voucher (if not ""), short enough for a message.

        It says that the visitor came from us (`utm_source=ladenbote`), and nothing about who that is.
        """


Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing that a shop is polled for: every `quickest` while there is news, every `slowest` when quiet.

    `backfill` is how far back the first reading goes: that is knowledge only, nothing is sent for it.
    """

    name: str
    quickest: timedelta
    slowest: timedelta
    backfill: timedelta


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a poll brought. `cursor` continues after it; `more` means that the next page waits already.

    `left` is how many objects are still unread after this page, where the platform says so (for progress).
    `gone` are ids of orders that the shop deleted, `reread` objects to be read singly.
    """

    cursor: Cursor
    snapshots: tuple[Snapshot, ...] = ()
    more: bool = False
    left: int | None = None
    gone: tuple[str, ...] = ()
    reread: tuple[tuple[ObjectType, str], ...] = ()


class Level(StrEnum):
    """How good a finding is."""

    OK = "ok"
    HINT = "hint"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `ladenbote doctor` found out: `text` says what is so, `remedy` what to do about it."""

    code: str
    level: Level
    text: Text
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """A personal voucher: one use, for one person. Exactly one of `percent` and `amount` is set.

    `code` is drawn by us and unique, so asking twice makes one voucher. `customer_id` is the platform's, where known.
    """

    code: str
    expires_at: datetime
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    minimum: Decimal | None = None
    customer_id: str = ""


class VoucherState(StrEnum):
    """What became of a voucher."""

    OPEN = "open"
    REDEEMED = "redeemed"
    GONE = "gone"


class ShopLink(Protocol):
    """Our side of one shop's API. Synchronous, for threads; every call may raise ShopError.

    One link serves one shop and may be used by several threads at once.
    """

    def streams(self) -> Sequence[Stream]:
        """What is polled, most important first. Asks nobody."""

    def first_cursor(self, stream: str, since: datetime) -> Cursor:
        """Where a stream begins that has never been read. Asks nobody."""

    def page(self, stream: str, cursor: Cursor, now: datetime) -> Page:
        """The next step of a stream; one request when there is no news."""

    def read(self, object_type: ObjectType, object_id: str, now: datetime) -> Translation:
        """One object as it is now, with what belongs to it (an order's parcels); `gone` when the shop deleted it."""

    def diagnose(self, now: datetime) -> list[Finding]:
        """What the shop can do and what is wrong with the connection; never raises ShopError."""

    def subscribe(self, address: str, secret: str) -> list[Finding]:
        """Make sure that the webhooks exist, point to `address` and are active; says what had to be mended and why."""

    def bought_since(self, cart: Snapshot, now: datetime) -> str:
        """The id of the order that the person of this cart placed since it was started, "" when there is none.

        Asks the shop itself, by cart id, customer, e-mail and phone; a pending payment counts as bought.
        """

    def create_voucher(self, terms: VoucherTerms) -> None:
        """Make the voucher; one of the same code that exists already is taken as made."""

    def voucher_state(self, code: str) -> VoucherState:
        """Whether it was redeemed."""

    def delete_voucher(self, code: str) -> None:
        """Remove a voucher; one that does not exist is fine."""

    def picture(self, url: str, most: int) -> bytes:
        """The picture of a product at this address of the shop's, cut off one byte after `most`.

        ShopRefused for an address that is not the shop's: nobody outside chooses where we read.
        """

    def close(self) -> None:
        """Close the connections."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a shop sent after its owner had agreed. `state` is the word that we gave along."""

    state: str
    keys: Mapping[str, str] = field(repr=False)


class OneClick(Protocol):
    """Connecting a shop by asking its owner on the shop's own page, instead of pasting keys."""

    def address(self, shop: str, state: str, back: str, callback: str) -> str:
        """Where the owner agrees, in the shop at `shop`. Raises ShopRefused when the shop could not answer us."""

    def granted(self, body: bytes) -> Granted:
        """The keys that the shop posted to `callback`. Raises Malformed."""


@runtime_checkable
class ShowsConsent(Protocol):
    """A link whose shop has a place where its staff see a customer's WhatsApp consent. The ledger stays the proof."""

    def show_consent(self, customer_id: str, phone: str, granted: bool, at: datetime) -> bool:
        """Show what the ledger says since `at` for this E.164 number; False when the customer has another by now."""
