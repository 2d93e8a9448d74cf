"""What really happened: who bought, filled carts, agreed and stopped, and when. Kept by the play, never asked of us."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SERVICE, MARKETING = "service", "marketing"


@dataclass(frozen=True, slots=True)
class Bought:
    """An order as its customer knows it. `box` is what they did with the box at checkout."""

    shop: str
    number: str
    phone: str
    at: datetime
    box: bool | None


@dataclass(frozen=True, slots=True)
class Browsed:
    """Somebody put something into a cart."""

    shop: str
    phone: str
    at: datetime


@dataclass
class Diary:
    """`said` are a person's yes (True) and no (False) by scope, `parcels` which parcel a tracking number belongs to.

    `sent` and `refunded` count parcels and refunds by the order's number, `paid` says when it was paid.
    """

    orders: list[Bought] = field(default_factory=list)
    carts: list[Browsed] = field(default_factory=list)
    said: dict[tuple[str, str], list[tuple[datetime, bool]]] = field(default_factory=lambda: defaultdict(list))
    wrote: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    paid: dict[str, datetime] = field(default_factory=dict)
    parcels: dict[str, str] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refunded: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def says(self, phone: str, scope: str, yes: bool, at: datetime) -> None:
        """A person agreed to something, or ended it."""
        self.said[phone, scope].append((at, yes))

    def agreed(self, phone: str, scope: str, at: datetime) -> bool:
        """Whether a yes was the last word of this person at that time."""
        words = [yes for moment, yes in self.said[phone, scope] if moment <= at]
        return bool(words) and words[-1]

    def never_stopped(self, phone: str) -> bool:
        """Whether this person never took anything back. A bare STOP that answers news of an order ends those, too."""
        return all(yes for scope in (SERVICE, MARKETING) for _, yes in self.said[phone, scope])

    def bought_since_the_last_cart(self, shop: str, phone: str, at: datetime) -> bool:
        """Whether this person's last doing in this shop was a purchase, or there never was a cart."""
        carts = [one.at for one in self.carts if (one.shop, one.phone) == (shop, phone) and one.at <= at]
        bought = [one.at for one in self.orders if (one.shop, one.phone) == (shop, phone) and one.at <= at]
        return not carts or max(bought, default=carts[0] - timedelta(1)) >= max(carts)

    def browsed_between(self, shop: str, phone: str, first: datetime, last: datetime) -> bool:
        """Whether this person was at a cart in this shop between two moments."""
        return any((one.shop, one.phone) == (shop, phone) and first < one.at < last for one in self.carts)
