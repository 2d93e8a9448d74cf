"""What a message costs at Meta: dated rate cards, and the price of one message or of many.

The rules and their dates stand in docs/reference/whatsapp.md section 4; the cards are settings. Meta charges on
delivery, by the recipient's country; rates change at midnight of the account's time zone. What failed is free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from integration.domain.hot_dataclass import lean

ZERO = Decimal(0)


class Category(StrEnum):
    """Meta's categories as its webhooks write them. SERVICE is free text inside the service window."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    SERVICE = "service"


class Type(StrEnum):
    """How Meta charges: at the rate, free as an answer, or free after a click on an ad."""

    REGULAR = "regular"
    FREE_ANSWER = "free_customer_service"
    FREE_AD = "free_entry_point"


class Window(StrEnum):
    """Where the recipient stands: no service window, an open one, or the 72 hours after an ad."""

    CLOSED = "closed"
    OPEN = "open"
    AD = "ad"


@dataclass(frozen=True, slots=True)
class RateCard:
    """What counts from `since` on. `rates` are by country and category; SERVICE has none of its own.

    `answers_cost`: free text and utility templates inside the window are charged at the utility rate, except the first
    `free_answers` free texts per number and month.
    """

    since: date
    source: str
    currency: str
    rates: Mapping[str, Mapping[Category, Decimal]]
    answers_cost: bool = False
    free_answers: int = 0

    def rate(self, country: str, category: Category) -> tuple[Decimal, bool]:
        """The rate, and whether it had to be assumed: for a country that is not listed the dearest listed one."""
        charged = Category.UTILITY if category is Category.SERVICE else category
        listed = self.rates.get(country)
        if listed is not None:
            return listed[charged], False
        return max((rates[charged] for rates in self.rates.values()), default=ZERO), True


@lean
class Price:
    """What one message costs. `assumed`: the country is not in the rate card."""

    amount: Decimal
    currency: str
    category: str
    type: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """So many messages of one kind to people of one country (ISO, "" when unknown)."""

    country: str
    category: Category
    count: int
    window: Window = Window.CLOSED


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a forecast: `free` of the `count` cost nothing. `amount` is for all of them."""

    group: Group
    each: Decimal
    free: int
    amount: Decimal
    assumed: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What many messages will cost if all are delivered. `assumed` counts those whose country is not in the card."""

    lines: tuple[Line, ...]
    total: Decimal
    currency: str
    assumed: int


@dataclass(frozen=True, slots=True)
class Prices:
    """The rate cards, the oldest first, and the account's time zone."""

    cards: tuple[RateCard, ...]
    zone: ZoneInfo

    def card(self, at: datetime) -> RateCard:
        """The card of that day; before the first one the first."""
        day = at.astimezone(self.zone).date()
        return next((card for card in reversed(self.cards) if card.since <= day), self.cards[0])

    def dearest(self, at: datetime) -> Decimal:
        """The highest rate of the card: what fits then fits for any message."""
        return max((rate for rates in self.card(at).rates.values() for rate in rates.values()), default=ZERO)

    def price(self, country: str, category: Category, window: Window, at: datetime, answers: int = 0) -> Price:
        """What one message costs that is delivered at `at`; `answers` were sent free this month by this number."""
        card = self.card(at)
        kind = _type(card, category, window, answers)
        amount, assumed = card.rate(country, category) if kind is Type.REGULAR else (ZERO, False)
        return Price(amount, card.currency, category.value, kind.value, assumed)

    def billed(self, country: str, category: str, kind: str, at: datetime) -> Price:
        """What Meta charges by its own words: `category` and type `kind` of a status webhook."""
        card = self.card(at)
        if kind in (Type.FREE_ANSWER, Type.FREE_AD):
            return Price(ZERO, card.currency, category, kind)
        amount, assumed = card.rate(country, category_of(category))
        return Price(amount, card.currency, category, kind or Type.REGULAR.value, assumed)

    def forecast(self, groups: Iterable[Group], at: datetime, answers: int = 0) -> Forecast:
        """What these messages will cost from `at` on; `answers` is how many free ones of this month are used up."""
        card, lines = self.card(at), []
        for group in groups:
            line = self._line(card, group, at, answers)
            counts = group.category is Category.SERVICE and group.window is not Window.AD
            answers += group.count if counts else 0
            lines.append(line)
        total = sum((line.amount for line in lines), ZERO)
        return Forecast(tuple(lines), total, card.currency, sum(line.group.count for line in lines if line.assumed))

    def _line(self, card: RateCard, group: Group, at: datetime, answers: int) -> Line:
        each = self.price(group.country, group.category, group.window, at, max(answers, card.free_answers))
        left = max(0, card.free_answers - answers) if group.category is Category.SERVICE else 0
        free = group.count if each.type != Type.REGULAR else min(left, group.count)
        return Line(group, each.amount, free, each.amount * (group.count - free), each.assumed)


def category_of(word: str) -> Category:
    """Meta's word as one of ours: "marketing_lite" and "MARKETING" are marketing; what nobody knows is utility."""
    plain = word.lower()
    if plain.startswith("marketing"):
        return Category.MARKETING
    if plain.startswith("authentication"):
        return Category.AUTHENTICATION
    return Category.SERVICE if plain == Category.SERVICE else Category.UTILITY


def _type(card: RateCard, category: Category, window: Window, answers: int) -> Type:
    if window is Window.AD:
        return Type.FREE_AD
    if category is Category.SERVICE:
        charged = card.answers_cost and answers >= card.free_answers
        return Type.REGULAR if charged else Type.FREE_ANSWER
    free = category is Category.UTILITY and window is Window.OPEN and not card.answers_cost
    return Type.FREE_ANSWER if free else Type.REGULAR


#: Germany, in euros. `source` says where each card is from; Meta's own page was not seen (docs/reference/whatsapp.md
#: section 4).
_GERMANY = {
    "DE": {
        Category.MARKETING: Decimal("0.1131"),
        Category.UTILITY: Decimal("0.0456"),
        Category.AUTHENTICATION: Decimal("0.0456"),
    }
}
DEFAULT_CARDS = (
    RateCard(date(2025, 7, 1), "hello-charles.com, rate card of 2025", "EUR", _GERMANY),
    RateCard(
        date(2026, 10, 1),
        "hello-charles.com, rate card of 2025; rules of October 2026: hello-charles, chakrahq, patagon, ycloud",
        "EUR",
        _GERMANY,
        answers_cost=True,
        free_answers=1000,
    ),
)
