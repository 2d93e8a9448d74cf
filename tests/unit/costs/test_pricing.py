"""The price of a message by dated rules, and forecasts that equal the bill of the pretend WhatsApp to the cent."""

import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.whatsapp.people import People
from connectors.whatsapp.statuses import status_of
from integration.domain.costs.pricing import DEFAULT_CARDS, Category, Group, Prices, RateCard, Type, Window, category_of
from integration.domain.messages.channel import StatusUpdate
from integration.sandbox.whatsapp.billing import Billing

BERLIN = ZoneInfo("Europe/Berlin")
PRICES = Prices(DEFAULT_CARDS, BERLIN)
SEPTEMBER = datetime(2026, 9, 30, 21, 59, tzinfo=UTC)  # 23:59 in Berlin
OCTOBER = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)  # midnight in Berlin
M, U, A, S = Category
CLOSED, OPEN, AD = Window
MARKETING, UTILITY = Decimal("0.1131"), Decimal("0.0456")


@pytest.mark.parametrize(
    ("at", "category", "window", "answers", "expected"),
    [
        (SEPTEMBER, M, CLOSED, 0, (MARKETING, Type.REGULAR)),
        (SEPTEMBER, M, OPEN, 0, (MARKETING, Type.REGULAR)),
        (SEPTEMBER, U, CLOSED, 0, (UTILITY, Type.REGULAR)),
        (SEPTEMBER, U, OPEN, 0, (0, Type.FREE_ANSWER)),
        (SEPTEMBER, A, OPEN, 0, (UTILITY, Type.REGULAR)),
        (SEPTEMBER, S, OPEN, 5000, (0, Type.FREE_ANSWER)),
        (SEPTEMBER, M, AD, 0, (0, Type.FREE_AD)),
        (OCTOBER, M, OPEN, 0, (MARKETING, Type.REGULAR)),
        (OCTOBER, U, CLOSED, 0, (UTILITY, Type.REGULAR)),
        (OCTOBER, U, OPEN, 0, (UTILITY, Type.REGULAR)),
        (OCTOBER, S, OPEN, 999, (0, Type.FREE_ANSWER)),
        (OCTOBER, S, OPEN, 1000, (UTILITY, Type.REGULAR)),
        (OCTOBER, S, AD, 1000, (0, Type.FREE_AD)),
        (OCTOBER, M, AD, 0, (0, Type.FREE_AD)),
    ],
)
def test_the_rules_by_date(
    at: datetime, category: Category, window: Window, answers: int, expected: tuple[Decimal, Type]
) -> None:
    price = PRICES.price("DE", category, window, at, answers)
    assert (price.amount, price.type, price.currency, price.assumed) == (*expected, "EUR", False)


def test_a_country_without_a_rate_counts_as_the_dearest() -> None:
    rates = {
        "DE": {M: Decimal("0.1131"), U: Decimal("0.0456"), A: Decimal("0.0456")},
        "CH": {M: Decimal("0.09"), U: Decimal("0.05"), A: Decimal("0.04")},
    }
    prices = Prices((RateCard(date(2026, 10, 1), "test", "EUR", rates),), BERLIN)
    for country in ("IT", ""):
        found = [prices.price(country, category, CLOSED, OCTOBER) for category in (M, U, A)]
        assert [price.amount for price in found] == [Decimal("0.1131"), Decimal("0.05"), Decimal("0.0456")]
        assert all(price.assumed for price in found)
    assert not prices.price("CH", M, CLOSED, OCTOBER).assumed


def test_the_card_of_the_day_counts_in_the_accounts_zone() -> None:
    assert PRICES.card(SEPTEMBER).since == date(2025, 7, 1)
    assert PRICES.card(OCTOBER).since == date(2026, 10, 1)
    assert Prices(DEFAULT_CARDS, ZoneInfo("UTC")).card(OCTOBER).since == date(2025, 7, 1)
    assert PRICES.card(datetime(2020, 1, 1, tzinfo=UTC)).since == date(2025, 7, 1), "before the first card"


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("MARKETING", M),
        ("marketing_lite", M),
        ("utility", U),
        ("authentication_international", A),
        ("service", S),
        ("?", U),
    ],
)
def test_metas_words(word: str, category: Category) -> None:
    assert category_of(word) is category


def test_a_forecast_uses_the_free_answers_up_once_only() -> None:
    groups = [Group("DE", S, 300, OPEN), Group("DE", S, 300, OPEN), Group("DE", M, 10)]
    forecast = PRICES.forecast(groups, OCTOBER, answers=500)
    assert [line.free for line in forecast.lines] == [300, 200, 0]
    assert forecast.total == 100 * UTILITY + 10 * MARKETING
    assert PRICES.forecast(groups, SEPTEMBER, answers=500).total == 10 * MARKETING


def test_a_forecast_says_which_prices_it_assumed() -> None:
    forecast = PRICES.forecast([Group("DE", M, 3), Group("IT", M, 2), Group("", U, 1)], OCTOBER)
    assert forecast.assumed == 3
    assert forecast.total == 5 * MARKETING + UTILITY


MONTHS = [SEPTEMBER.replace(day=5), SEPTEMBER, OCTOBER, datetime(2026, 11, 26, 12, tzinfo=UTC)]


def billed(billing: Billing, wamid: str, at: datetime) -> StatusUpdate:
    row = {"id": wamid, "status": "delivered", "timestamp": str(int(at.timestamp())), "pricing": billing.pricing(wamid)}
    found = status_of(row, People({}))
    assert isinstance(found, StatusUpdate)
    return found


@pytest.mark.parametrize("at", MONTHS)
@pytest.mark.parametrize("seed", range(5))
def test_forecast_and_kept_prices_equal_the_sandboxs_bill_to_the_cent(at: datetime, seed: int) -> None:
    chance, billing = random.Random(seed), Billing()  # noqa: S311 - repeatable, no secret
    groups: Counter[tuple[str, Category, Window]] = Counter()
    kept = Decimal(0)
    for n in range(2500):
        category = chance.choice((M, U, A, S, S))
        window = OPEN if category is S else chance.choice((CLOSED, OPEN))
        window = AD if chance.random() < 0.05 else window
        number, country = chance.choice((("+491713920001", "DE"), ("+436601234567", "AT")))
        billing.agree(f"w{n}", number, category, at, window=window is OPEN, ad=window is AD)
        update = billed(billing, f"w{n}", at)
        kept += PRICES.billed(country, str(update.price_category), str(update.price_type), at).amount
        groups[country, category, window] += 1
        billing.delivered(f"w{n}")
        billing.delivered(f"w{n}")
    # free texts after an ad do not use up the thousand, neither in the bill nor in the forecast
    forecast = PRICES.forecast([Group(c, k, count, w) for (c, k, w), count in groups.items()], at)
    assert forecast.total == kept == billing.total
    assert billing.total > 0


def test_what_was_not_delivered_is_not_on_the_bill() -> None:
    billing = Billing()
    billing.agree("w1", "+491713920001", "marketing", OCTOBER)
    assert billing.as_json() == {"currency": "EUR", "total": "0", "lines": []}
