"""The state of one pretend Shopify shop. It belongs to one event loop or thread; nothing in it is locked."""

import itertools
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from integration.sandbox.cast import TEA
from integration.sandbox.clock import Clock
from integration.sandbox.shopify.bucket import Bucket
from integration.sandbox.shopify.records import (
    Bulk,
    Checkout,
    Customer,
    Discount,
    Order,
    Product,
    Subscription,
    Variant,
)
from integration.sandbox.shopify.tokens import App, Tokens

VERSIONS: Final = ("2026-01", "2026-04", "2026-07", "2026-10")
LOG: Final = 20_000

News = tuple[str, Any]
"""A webhook topic and the record that it is about."""


@dataclass(slots=True)
class Switches:
    """What can be wrong or different with a shop.

    `privacy` says what becomes of names, phones and addresses (protected customer data): shown, null, or an error.
    """

    privacy: Literal["open", "null", "denied"] = "open"
    bulk_seconds: float = 0.0
    fall_forward: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, for tests: `actual` is None when it was refused."""

    operation: str
    version: str
    token: str
    at: datetime
    requested: int = 0
    actual: int | None = None
    refusal: str = ""


@dataclass(slots=True)
class Fault:
    """An answer that is none, for the next request to `where`; `expire` ends every token before it is looked at."""

    kind: Literal["status", "html", "slow", "hang", "reset", "redirect", "garbage", "expire"]
    where: Literal["graphql", "token"] = "graphql"
    status: int = 503
    seconds: float = 0.0
    location: str = ""
    retry_after: str = ""
    skip: int = 0


@dataclass(slots=True)
class Plan:
    """The shop's plan: its points (docs/reference/shopify.md section 11)."""

    name: str = "Basic"
    restore: float = 100.0
    bucket: float = 2000.0
    plus: bool = False


def goods(now: datetime) -> list[Product]:
    """A tea shop's shelf."""
    return [
        Product(p.id, p.name, now, now, [Variant(p.id + 500, "Default Title", p.sku, p.price, 40)], p.grams)
        for p in TEA
    ]


@dataclass(slots=True)
class AdminShop:
    """One shop with one installed app."""

    domain: str = "teeladen.myshopify.com"
    name: str = "Teeladen Beispiel"
    app: App = field(default_factory=App)
    clock: Clock = field(default_factory=Clock)
    plan: Plan = field(default_factory=Plan)
    switches: Switches = field(default_factory=Switches)
    versions: tuple[str, ...] = VERSIONS
    orders: dict[int, Order] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    checkouts: dict[int, Checkout] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    discounts: dict[int, Discount] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    bulks: dict[int, Bulk] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=LOG))
    hear: Callable[[Sequence[News]], None] = lambda news: None
    tokens: Tokens = field(init=False)
    bucket: Bucket = field(init=False)
    _ids: "itertools.count[int]" = field(init=False)
    _order_ids: "itertools.count[int]" = field(init=False)
    _numbers: "itertools.count[int]" = field(init=False)

    def __post_init__(self) -> None:
        """Fill the shelf; ids are odd and beyond 2^53, which a float cannot hold."""
        self.tokens = Tokens(self.app, self.clock)
        self.bucket = Bucket(self.clock, self.plan.bucket, self.plan.restore)
        self._ids = itertools.count(9_115_310_627_314_700_001, 10)
        self._order_ids = itertools.count(8_820_982_911_946_100_001, 1_000_002)
        self._numbers = itertools.count(1001)
        self.products = {product.id: product for product in goods(self.now())}

    @property
    def shelf(self) -> list[Product]:
        """The products in order."""
        return list(self.products.values())

    def now(self) -> datetime:
        """By the shop's own clock, with microseconds, which Shopify keeps and never shows."""
        return self.clock.now()

    def new_id(self) -> int:
        """For anything but an order."""
        return next(self._ids)

    def new_order(self) -> tuple[int, str]:
        """Id and number of the next order."""
        return next(self._order_ids), f"#{next(self._numbers)}"

    def token(self) -> str:
        """A cart's or a checkout's token."""
        return secrets.token_hex(16)

    def tell(self, *news: News) -> None:
        """One action happened: these topics belong to it."""
        self.hear(news)
