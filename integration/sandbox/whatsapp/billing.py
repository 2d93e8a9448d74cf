"""What the pretend WhatsApp charges: a ledger of its own making, by the rules of October 2026 as published.

Rules: per delivered message, by the recipient's country. Until 30 September 2026 answers inside the service window are
free, free text as well as utility templates. Since 1 October 2026 both cost the utility rate, except the first 1,000
free texts of a number and month. For 72 hours after a click on an ad everything is free. What fails is free.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.sandbox.digits import country

OCTOBER: Final = datetime(2026, 10, 1, tzinfo=ZoneInfo("Europe/Berlin"))
FREE_TEXTS: Final = 1000
ZONE: Final = ZoneInfo("Europe/Berlin")
#: euros; countries that nobody listed cost what Germany costs
RATES: Final[Mapping[str, Mapping[str, str]]] = {
    "DE": {"marketing": "0.1131", "utility": "0.0456", "authentication": "0.0456"},
}


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill."""

    wamid: str
    country: str
    category: str
    type: str
    amount: Decimal
    at: datetime

    def as_json(self) -> dict[str, str]:
        """For the listing."""
        return {
            "wamid": self.wamid, "country": self.country, "category": self.category, "type": self.type,
            "amount": str(self.amount), "currency": "EUR", "at": self.at.isoformat(),
        }  # fmt: skip


class Billing:
    """The account's bill. A message has its price from the moment it is taken; it is charged once delivered."""

    def __init__(self) -> None:
        self._charged: dict[str, Charge] = {}
        self._agreed: dict[str, Charge] = {}
        self._texts: Counter[tuple[str, str]] = Counter()

    def agree(
        self, wamid: str, number: str, category: str, at: datetime, *,
        window: bool = False, ad: bool = False, sender: str = "",
    ) -> Charge:  # fmt: skip
        """What this message will cost: `window` is an open service window, `ad` the 72 hours after an ad.

        `number` is the recipient's, `sender` the business' own: each of them has its free texts.
        """
        land = country(number)
        kind = self._type(category, at, sender, window=window, ad=ad)
        amount = Decimal(0) if kind != "regular" else self._rate(land, category)
        charge = self._agreed[wamid] = Charge(wamid, land, category, kind, amount, at)
        return charge

    def _type(self, category: str, at: datetime, sender: str, *, window: bool, ad: bool) -> str:
        if ad:
            return "free_entry_point"
        if category == "service":
            month = (sender, at.astimezone(ZONE).strftime("%Y-%m"))
            self._texts[month] += 1
            return "free_customer_service" if at < OCTOBER or self._texts[month] <= FREE_TEXTS else "regular"
        return "free_customer_service" if category == "utility" and window and at < OCTOBER else "regular"

    def _rate(self, land: str, category: str) -> Decimal:
        return Decimal(RATES.get(land, RATES["DE"])["utility" if category == "service" else category])

    def pricing(self, wamid: str) -> dict[str, Any] | None:
        """The `pricing` of a status webhook."""
        charge = self._agreed.get(wamid)
        if charge is None:
            return None
        kind = charge.type
        return {"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": charge.category}

    def delivered(self, wamid: str) -> None:
        """Charge it, once."""
        charge = self._agreed.get(wamid)
        if charge:
            self._charged.setdefault(wamid, charge)

    def as_json(self) -> dict[str, Any]:
        """The bill so far."""
        lines = [charge.as_json() for charge in self._charged.values()]
        return {"currency": "EUR", "total": str(self.total), "lines": lines}

    @property
    def total(self) -> Decimal:
        """What has been charged."""
        return sum((charge.amount for charge in self._charged.values()), Decimal(0))
