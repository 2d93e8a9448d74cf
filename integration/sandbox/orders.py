"""Orders as both shops know them, before each platform gives them its own shape."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from integration.sandbox.cast import Customer, Product

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
