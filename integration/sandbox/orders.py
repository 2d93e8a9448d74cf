"""Orders as both shops know them, before each platform gives them its own shape."""

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from integration.sandbox.cast import Customer, Product, wording
from integration.sandbox.digits import whole

MAX_ORDERS: Final = 300
SHIPPING: Final = Decimal("4.90")
VAT: Final = Decimal("0.07")
CENT: Final = Decimal("0.01")


def gross_tax(gross: Decimal) -> Decimal:
    """The VAT inside a gross amount."""
    return (gross - gross / (1 + VAT)).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one article."""

    product: Product
    quantity: int

    @property
    def total(self) -> Decimal:
        """Gross."""
        return self.product.price * self.quantity


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the carrier got."""

    id: int
    carrier: str
    number: str
    url: str
    at: datetime


@dataclass(slots=True)
class Order:
    """One order in one shop. `phone` is as typed; `consent` None means there was no box."""

    shop: str
    id: int
    number: str
    customer: Customer
    lines: tuple[Line, ...]
    phone: str
    consent: bool | None
    wording: str
    created: datetime
    modified: datetime
    paid: datetime | None = None
    completed: datetime | None = None
    cancelled: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def goods(self) -> Decimal:
        """Gross, without shipping."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Gross, with shipping."""
        return self.goods + SHIPPING

    @property
    def prepaid(self) -> bool:
        """Paid while ordering, not by transfer later."""
        return self.paid == self.created

    @property
    def state(self) -> str:
        """One word for the page."""
        if self.cancelled:
            return "cancelled"
        if self.parcels:
            return "shipped"
        return "paid" if self.paid else "open"

    def as_json(self) -> dict[str, Any]:
        """The row on the page."""
        return {
            "id": str(self.id), "number": self.number, "customer": self.customer.key,
            "name": self.customer.name, "phone": self.phone, "consent": self.consent, "state": self.state,
            "total": str(self.total), "created": self.created.isoformat(),
            "items": [f"{line.quantity} x {line.product.name}" for line in self.lines],
            "parcels": [{"carrier": p.carrier, "number": p.number, "url": p.url} for p in self.parcels],
        }  # fmt: skip


class OrderBook:
    """The orders of one shop; the oldest are forgotten."""

    def __init__(self, shop: str, first_id: int, first_number: int, prefix: str, step: int = 1) -> None:
        self._shop = shop
        self._ids = itertools.count(first_id, step)
        self._numbers = itertools.count(first_number)
        self._prefix = prefix
        self._orders: OrderedDict[int, Order] = OrderedDict()

    def __iter__(self) -> Any:
        return iter(list(self._orders.values()))

    def get(self, key: str | int) -> Order | None:
        """By id."""
        number = whole(str(key))
        return self._orders.get(number) if number is not None else None

    def add(
        self, customer: Customer, lines: Sequence[Line], *, phone: str, consent: bool | None,
        company: str, privacy: str,
    ) -> Order:  # fmt: skip
        """A new order, now."""
        now = datetime.now(UTC).replace(microsecond=0)
        number = next(self._numbers)
        order_id = number if self._prefix == "" else next(self._ids)
        words = wording(company, phone, privacy)
        order = Order(
            self._shop,
            order_id,
            f"{self._prefix}{number}",
            customer,
            tuple(lines),
            phone,
            consent,
            words,
            now,
            now,
        )
        self._orders[order.id] = order
        if len(self._orders) > MAX_ORDERS:
            self._orders.popitem(last=False)
        return order
