"""What a company has spent, and its limits."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from integration.domain.costs.pricing import ZERO


@dataclass(frozen=True, slots=True)
class Caps:
    """A company's limits per day and month. At `day` and `month` marketing waits, at the two others everything."""

    day: Decimal | None = None
    month: Decimal | None = None
    stop_day: Decimal | None = None
    stop_month: Decimal | None = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(cap is not None for cap in (self.day, self.month, self.stop_day, self.stop_month))


@dataclass(slots=True)
class Spent:
    """What a company has spent today and this month, as of `at`; `tomorrow` and `next_month` are when that ends.

    `lately` is what of it was priced since `at` and a little before.
    """

    at: datetime
    today: Decimal
    month: Decimal
    tomorrow: datetime
    next_month: datetime
    lately: Decimal = ZERO

    def add(self, amount: Decimal) -> None:
        """Something more is about to be spent, or something less was."""
        self.today += amount
        self.month += amount
        self.lately += amount

    def until(self, caps: tuple[Decimal | None, Decimal | None], more: Decimal) -> datetime | None:
        """When another `more` fits again; None while it fits now. `caps` are for the day and the month."""
        by_day, by_month = caps
        if by_month is not None and self.month + more > by_month:
            return self.next_month
        return self.tomorrow if by_day is not None and self.today + more > by_day else None
