"""The comparison: what reminders brought beyond what the people brought whom chance held out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from integration.domain.carts.carts import ATTRIBUTED_FOR, Arm
from integration.domain.carts.holdout import Group, Uplift, uplift
from integration.store.carts import figures
from integration.store.shops import shops as shop_store

#: so far back the comparison looks: what worked years ago says little of today
LOOKS_BACK = timedelta(days=365)
_ARMS = (Arm.REMINDER, Arm.HOLDOUT)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both groups in one currency, since when, and the difference; None while there is not enough data."""

    currency: str
    since: datetime
    reminded: Group
    held_out: Group

    @property
    def uplift(self) -> Uplift | None:
        """What the reminders brought beyond what would have come by itself."""
        return uplift(self.reminded, self.held_out)


def within(now: datetime) -> tuple[datetime, datetime]:
    """When the reminders were decided on that the comparison looks at: each cart had its time to be bought."""
    return now - LOOKS_BACK, now - ATTRIBUTED_FOR


def comparisons(connection: Connection, shops: Sequence[str], now: datetime) -> list[Comparison]:
    """One for each currency, the largest first.

    A cart counts from the decision on its reminder, whether the reminder left or was stopped, and so does a held-out
    one: only so do both groups differ by nothing but chance. Each has its full time to be bought in; what was bought
    later, or cancelled or given back, brought nothing.
    """
    since = _since(connection, shops, now)
    carts: dict[tuple[str, str], int] = defaultdict(int)
    amounts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for shop, began in since.items():
        span = (began, within(now)[1])
        for side, number in figures.carts_compared(connection, shop, span).items():
            carts[side] += number
        for cart in figures.bought_compared(connection, shop, span):
            if cart.asked_at <= cart.at <= cart.asked_at + ATTRIBUTED_FOR:
                amounts[cart.arm, cart.currency].append(cart.amount)
    found = [
        Comparison(currency, min(since.values()), *(_group(arm, currency, carts, amounts) for arm in _ARMS))
        for currency in {currency for _, currency in carts}
    ]
    return sorted(found, key=lambda one: (-one.reminded.carts, one.currency))


def _since(connection: Connection, shops: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Since when each shop compares without a break."""
    connected = shop_store.connected_at(connection)
    found = figures.compared_since(connection, shops, within(now)[0])
    return {shop: max(began, connected.get(shop, began)) for shop, began in found.items()}


def _group(
    arm: Arm, currency: str, carts: dict[tuple[str, str], int], amounts: dict[tuple[str, str], list[Decimal]]
) -> Group:
    side = (str(arm), currency)
    return Group(carts.get(side, 0), tuple(amounts.get(side, ())))
