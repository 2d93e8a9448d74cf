"""What reminders really bring: the carts of people chosen by chance to get none, against those of all others.

The interval is Welch's for the difference of two means (B. L. Welch, Biometrika 34, 1947, 28-35): the groups differ in
size and spread. Most carts bring nothing and a few bring much, so it is shown only from so many purchases on that it
holds what it promises (docs/glossary.md, hold-out).
"""

from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Final

#: With fewer carts or purchases in either group there is "not enough data yet". Measured on invented shops whose
#: reminders bring nothing: from 20 purchases on the interval claims a gain in one of 50 at most, as it should; from 10
#: on it still did in one of 16.
LEAST_CARTS: Final = 30
LEAST_BOUGHT: Final = 20
#: of a hundred such intervals, so many hold the true value
CONFIDENCE: Final = 95
_UPPER = NormalDist().inv_cdf(0.5 + CONFIDENCE / 200)


@dataclass(frozen=True, slots=True)
class Group:
    """Carts that could be reminded of: how many, and what those that were bought brought, in one currency."""

    carts: int = 0
    amounts: tuple[Decimal, ...] = ()

    @property
    def bought(self) -> int:
        """How many were bought."""
        return len(self.amounts)

    @property
    def mean(self) -> Decimal:
        """What a cart brought on average; most bring nothing."""
        return sum(self.amounts, Decimal(0)) / self.carts if self.carts else Decimal(0)

    @property
    def variance(self) -> Decimal:
        """The sample's variance, with those that brought nothing; at least two carts."""
        squares = sum((amount * amount for amount in self.amounts), Decimal(0))
        return (squares - self.carts * self.mean**2) / (self.carts - 1)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough carts and purchases to say anything."""
        return self.carts >= LEAST_CARTS and self.bought >= LEAST_BOUGHT


@dataclass(frozen=True, slots=True)
class Uplift:
    """What the reminders brought beyond what would have been bought anyway: most likely, at least, at most."""

    total: Decimal
    low: Decimal
    high: Decimal

    @property
    def is_sure(self) -> bool:
        """Whether it is more than chance alone would show."""
        return self.low > 0


def uplift(reminded: Group, held_out: Group) -> Uplift | None:
    """The difference per cart times the carts that were reminded of; None while there is not enough data."""
    if not (reminded.is_enough and held_out.is_enough):
        return None
    each = reminded.mean - held_out.mean
    margin = _margin(reminded, held_out)
    count = reminded.carts
    return Uplift(each * count, (each - margin) * count, (each + margin) * count)


def _margin(one: Group, other: Group) -> Decimal:
    """Half the width of Welch's interval for the difference of the means."""
    parts = [(group.variance / group.carts, group.carts - 1) for group in (one, other)]
    spread = sum((part for part, _ in parts), Decimal(0))
    if not spread:
        return Decimal(0)
    freedom = spread**2 / sum((part**2 / freedom for part, freedom in parts), Decimal(0))
    return Decimal(quantile(float(freedom))) * spread.sqrt()


def quantile(freedom: float) -> float:
    """Student's t for a two-sided interval of CONFIDENCE percent (Abramowitz and Stegun 26.7.5).

    Right to four decimals from ten degrees of freedom on.
    """
    z = _UPPER
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))
