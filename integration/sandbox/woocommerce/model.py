"""What is in a WooCommerce shop: versions, orders, parcels, products, coupons, customers, keys."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from integration.sandbox.orders import CENT, SHIPPING, Order

STATUSES: Final = ("auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed",
                   "checkout-draft")  # fmt: skip
LIVE: Final = ("pending", "processing", "on-hold", "completed")
DRAFT: Final = "checkout-draft"


@dataclass(frozen=True, slots=True)
class Version:
    """What differs between the oldest WooCommerce that we know and a new one."""

    woocommerce: str
    wordpress: str
    modern: bool


OLD: Final = Version("8.9.3", "6.7.1", modern=False)
NEW: Final = Version("10.5.2", "6.9.1", modern=True)
VERSIONS: Final = {version.woocommerce: version for version in (OLD, NEW)}


@dataclass(slots=True)
class ApiKey:
    """A consumer key; `permissions` is read, write or read_write."""

    key: str
    secret: str
    permissions: str = "read_write"
    nonces: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back."""

    id: int
    amount: Decimal
    reason: str
    at: datetime
    full: bool


@dataclass(slots=True)
class Shipment:
    """A parcel of core fulfilments or Shiptastic; `status` is Shiptastic's word."""

    id: int
    carrier: str
    number: str
    url: str
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None


@dataclass(slots=True)
class WooOrder(Order):
    """An order with what WooCommerce knows beyond the other platform; a checkout-draft is one, too."""

    status: str = "pending"
    via: str = "store-api"
    method: str = "bacs"
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    placed: datetime | None = None
    note: str = ""
    customer_id: int = 0
    coupon: "Coupon | None" = None
    discount: Decimal = Decimal(0)
    meta: dict[str, Any] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    fulfillments: list[Shipment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    trashed: str = ""

    @property
    def total(self) -> Decimal:
        """Gross, with shipping, less the coupon."""
        return self.goods - self.discount + SHIPPING

    @property
    def refunded(self) -> Decimal:
        """What was given back so far."""
        return sum((refund.amount for refund in self.refunds), Decimal(0)).quantize(CENT)

    @property
    def state(self) -> str:
        """One word for the page."""
        words = {"processing": "paid", DRAFT: "cart", "pending": "open", "on-hold": "open"}
        if self.status == "completed":
            return "shipped" if self.parcels or self.shipments or self.fulfillments else "completed"
        return words.get(self.status, self.status)

    def as_json(self) -> dict[str, Any]:
        """The row on the page."""
        return Order.as_json(self) | {"phone": self.billing.get("phone", ""), "refunded": str(self.refunded)}


@dataclass(slots=True)
class Item:
    """A product, or with `parent` one of its variations. `stock` None: not counted. Prices include VAT."""

    id: int
    name: str
    sku: str
    price: Decimal
    modified: datetime
    created: datetime
    sale: Decimal | None = None
    stock: int | None = None
    categories: tuple[str, ...] = ("Kaffee",)
    status: str = "publish"
    parent: int = 0
    attribute: str = ""
    variations: list[int] = field(default_factory=list)

    @property
    def in_stock(self) -> bool:
        """Whether it can be bought."""
        return self.stock is None or self.stock > 0

    @property
    def kind(self) -> str:
        """WooCommerce's product type."""
        if self.parent:
            return "variation"
        return "variable" if self.variations else "simple"


@dataclass(slots=True)
class Coupon:
    """A coupon as it was created; `code` is in lower case."""

    id: int
    code: str
    created: datetime
    modified: datetime
    fields: dict[str, Any]
    expires: datetime | None = None
    used_by: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Registered:
    """A customer with an account; guests never appear among them."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    billing: dict[str, str]
    created: datetime
    modified: datetime
