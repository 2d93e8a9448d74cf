"""What a Shopify shop keeps. Amounts are in the shop's currency; ids are whole numbers beyond 2^53."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

CENT: Final = Decimal("0.01")


@dataclass(slots=True)
class Address:
    """A postal address; each part can be missing."""

    first_name: str | None = None
    last_name: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    phone: str | None = None
    country: str = "DE"

    @property
    def name(self) -> str | None:
        """First and last name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


@dataclass(slots=True)
class Consent:
    """A marketing consent as Shopify keeps one per channel."""

    state: str = "NOT_SUBSCRIBED"
    level: str | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(slots=True)
class Metafield:
    """A value that an app put beside a customer or an order."""

    id: int
    namespace: str
    key: str
    type: str
    value: str
    created: datetime
    updated: datetime


@dataclass(slots=True)
class Customer:
    """`phone` is the default one, in E.164."""

    id: int
    created: datetime
    updated: datetime
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str = "de"
    address: Address | None = None
    tags: list[str] = field(default_factory=list)
    whatsapp: Consent = field(default_factory=lambda: Consent("NEVER_SUBSCRIBED"))
    sms: Consent = field(default_factory=Consent)
    by_email: Consent = field(default_factory=Consent)
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)


@dataclass(slots=True)
class Variant:
    """One form of a product."""

    id: int
    title: str
    sku: str
    price: Decimal
    stock: int


@dataclass(slots=True)
class Product:
    """What is on the shelf."""

    id: int
    title: str
    created: datetime
    updated: datetime
    variants: list[Variant]
    grams: int = 100
    status: str = "ACTIVE"
    tags: list[str] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        """Of the first variant, VAT included."""
        return self.variants[0].price


@dataclass(slots=True)
class Money:
    """The currencies of an order: what the shop counts in, and what the customer sees."""

    shop: str = "EUR"
    shown: str = "EUR"
    rate: Decimal = Decimal(1)


@dataclass(slots=True)
class Line:
    """So many of one product. `current` is what an edit or a refund left of them."""

    id: int
    product: Product
    quantity: int
    current: int
    money: Money

    @property
    def total(self) -> Decimal:
        """VAT included."""
        return self.product.price * self.quantity


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a line, in a parcel or still on the shelf."""

    id: int
    line: Line
    quantity: int
    remaining: int


@dataclass(slots=True)
class Step:
    """What a carrier reported."""

    id: int
    status: str
    at: datetime


@dataclass(slots=True)
class Tracking:
    """A number of a carrier; the company can be missing."""

    carrier: str | None
    number: str | None
    url: str | None


@dataclass(slots=True)
class Parcel:
    """A fulfilment: tracking may come later, be several, or never come."""

    id: int
    name: str
    order: "Order" = field(repr=False)
    created: datetime
    updated: datetime
    lines: list[tuple[Line, int]]
    tracking: list[Tracking] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    cancelled: bool = False

    def reached(self, status: str) -> datetime | None:
        """When the carrier first reported this."""
        return next((step.at for step in self.steps if step.status == status), None)


@dataclass(slots=True)
class Refund:
    """Money given back."""

    id: int
    order: "Order" = field(repr=False)
    at: datetime
    amount: Decimal
    note: str


@dataclass(slots=True)
class Order:
    """One order. `phone` is the order's own field, mostly empty; `number` is what people read."""

    id: int
    number: str
    lines: list[Line]
    created: datetime
    updated: datetime
    processed: datetime
    customer: Customer | None = None
    email: str | None = None
    phone: str | None = None
    billing: Address | None = None
    shipping: Address | None = None
    source: str = "web"
    test: bool = False
    locale: str | None = "de-DE"
    money: Money = field(default_factory=Money)
    gateway: str = "shopify_payments"
    delivery: Decimal = Decimal("4.90")
    pickup: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    checkout_token: str = ""
    cart_token: str = ""
    paid: datetime | None = None
    cancelled: datetime | None = None
    closed: datetime | None = None
    ready: datetime | None = None
    edited: bool = False
    parcels: list[Parcel] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)

    @property
    def goods(self) -> Decimal:
        """VAT included, without delivery."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What the customer agreed to pay."""
        return self.goods + self.delivery

    @property
    def refunded(self) -> Decimal:
        """What was given back so far."""
        return sum((refund.amount for refund in self.refunds), Decimal(0))

    @property
    def financial(self) -> str:
        """The display status."""
        if self.refunds:
            return "REFUNDED" if self.refunded >= self.total else "PARTIALLY_REFUNDED"
        if self.paid:
            return "PAID"
        return "VOIDED" if self.cancelled else "PENDING"

    @property
    def fulfilment(self) -> str:
        """The display status."""
        if all(parcel.cancelled for parcel in self.parcels):
            return "UNFULFILLED"
        return "PARTIALLY_FULFILLED" if self.left() else "FULFILLED"

    def left(self) -> list[tuple[Line, int]]:
        """What is not in a parcel yet."""
        sent = {line.id: 0 for line in self.lines}
        for parcel in self.parcels:
            for line, quantity in () if parcel.cancelled else parcel.lines:
                sent[line.id] += quantity
        left = [(line, line.current - sent[line.id]) for line in self.lines]
        return [(line, quantity) for line, quantity in left if quantity > 0]

    @property
    def state(self) -> str:
        """One word for the stage's page."""
        if self.cancelled:
            return "cancelled"
        if self.financial == "REFUNDED":
            return "refunded"
        if self.parcels:
            return "shipped"
        return "paid" if self.paid else "open"

    def _on_the_way(self) -> str:
        """What the carrier would report next, "" when there is nothing."""
        if not self.parcels or self.parcels[-1].reached("DELIVERED"):
            return ""
        return "delivered_now" if self.parcels[-1].steps else "out_for_delivery"

    def as_json(self) -> dict[str, Any]:
        """The row on the stage's page."""
        given = {"yes": True, "no": False}.get(self.attributes.get("whatsapp_optin", ""))
        return {
            "id": str(self.id), "number": self.number, "consent": given, "state": self.state,
            "customer": self.email.partition("@")[0] if self.email else "",
            "name": (self.billing and self.billing.name) or "", "total": str(self.total),
            "phone": (self.billing and self.billing.phone) or "", "created": self.created.isoformat(),
            "items": [f"{line.quantity} x {line.product.title}" for line in self.lines],
            "parcels": [{"carrier": t.carrier, "number": t.number, "url": t.url}
                        for parcel in self.parcels for t in parcel.tracking],
            "refunded": str(self.refunded), "on_the_way": self._on_the_way(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packing:
    """The fulfilment order of an order; here each has exactly one."""

    order: Order

    @property
    def id(self) -> int:
        """Its own."""
        return self.order.id + 60_000


@dataclass(slots=True)
class Checkout:
    """Somebody's way to the till. `token` joins it to the order that may come of it."""

    id: int
    token: str
    cart_token: str
    lines: list[Line]
    created: datetime
    updated: datetime
    customer: Customer | None = None
    email: str | None = None
    billing: Address | None = None
    shipping: Address | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    money: Money = field(default_factory=Money)
    completed: datetime | None = None

    @property
    def goods(self) -> Decimal:
        """VAT included."""
        return sum((line.total for line in self.lines), Decimal(0))


@dataclass(slots=True)
class Discount:
    """A voucher with one code."""

    id: int
    title: str
    code: str
    starts: datetime
    ends: datetime | None
    created: datetime
    updated: datetime
    percent: Decimal | None = None
    amount: Decimal | None = None
    limit: int | None = None
    once_each: bool = False
    customers: list[int] = field(default_factory=list)
    used: int = 0
    inactive: bool = False


@dataclass(slots=True)
class Subscription:
    """A webhook made through the Admin API; it is removed after too many failures in a row."""

    id: int
    topic: str
    uri: str
    created: datetime
    updated: datetime
    name: str | None = None
    filter: str | None = None
    include: list[str] = field(default_factory=list)
    failures: int = 0


@dataclass(slots=True)
class Bulk:
    """A bulk operation; its rows are read when it is started."""

    id: int
    query: str
    created: datetime
    done_at: datetime
    rows: list[bytes]
    roots: int
    cancelled: datetime | None = None
    announced: bool = False
