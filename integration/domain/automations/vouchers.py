"""Personal vouchers: where one stands, when to look at it again, and what its code looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from babel.dates import format_date

from integration.domain.money import amount
from integration.domain.shops.ports import VoucherTerms
from integration.domain.text import Text

#: no vowels, so that no word arises by chance; nothing that looks like something else (0 O, 1 I L, 2 Z, 5 S, 8 B)
LETTERS = "CDFGHJKMNPQRTVWXY34679"
#: only letters and digits, fifteen at most: WhatsApp's button copies nothing else, and partners take no more
LENGTH = 10
#: how often a voucher that may be redeemed is asked for
CHECKED_EVERY = timedelta(hours=12)
#: shops end vouchers by their own clock and time zone; only then is an unused one removed
GRACE = timedelta(days=1)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Offer:
    """A personal voucher as an owner offers it: percent or an amount with its currency, valid for so many days."""

    days: int
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""

    def terms(self, now: datetime, zone: tzinfo, customer_id: str = "") -> VoucherTerms:
        """The voucher of one person, its code still to be drawn; it ends with a day of the shop's calendar."""
        ends = (now.astimezone(zone) + timedelta(days=self.days)).replace(hour=23, minute=59, second=59, microsecond=0)
        return VoucherTerms("", ends, self.percent, self.amount, self.currency, customer_id=customer_id)


class VoucherStatus(StrEnum):
    """Where a voucher stands. Only a created one may be told to anybody."""

    DRAWN = "drawn"
    CREATED = "created"
    REDEEMED = "redeemed"
    REMOVED = "removed"
    GONE = "gone"


def drawn_code(choose: Callable[[str], str]) -> str:
    """A code as people can read it to each other, like KM7TX4RDPH; `choose` picks a letter by chance."""
    return "".join(choose(LETTERS) for _ in range(LENGTH))


def offered(terms: VoucherTerms, language: str, zone: tzinfo) -> str:
    """What a customer is told of a voucher."""
    worth = (
        f"{terms.percent.normalize():f} %"
        if terms.percent is not None
        else amount(str(terms.amount), terms.currency, language)
    )
    day = format_date(terms.expires_at.astimezone(zone), "long", locale=language)
    return Text(
        f"Gutschein {terms.code}: {worth} Rabatt, gültig bis {day}.", f"Voucher {terms.code}: {worth} off until {day}."
    ).in_(language)


def next_look(expires_at: datetime, now: datetime) -> datetime:
    """When to ask for a voucher again that was open now."""
    return min(now + CHECKED_EVERY, max(now, expires_at + GRACE))


def is_over(expires_at: datetime, now: datetime) -> bool:
    """Whether nobody can use it any more, whatever the shop's time zone."""
    return now >= expires_at + GRACE


def backoff(failures: int, wait: float) -> timedelta:
    """How long to leave a shop alone that failed so often; `wait` are the seconds that it asked for."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(failures, 10)
    return max(timedelta(seconds=wait), min(LONGEST_WAIT, doubled))
