"""Country profiles and holidays by federal state."""

from datetime import UTC, date, datetime

import pytest

from integration.domain.consent.consent import Policy
from integration.domain.consent.countries import PROFILES, STRICTEST, policy_for, profile
from integration.flow.messages.public_holidays import holidays_around

EPIPHANY, REFORMATION = date(2027, 1, 6), date(2027, 10, 31)


def test_every_country_of_the_reference_has_a_profile() -> None:
    assert set(PROFILES) == {"DE", "AT", "CH", "GB", "US", "IN", "BR"}


@pytest.mark.parametrize("country", [None, "", "XX", "FR"])
def test_the_rest_is_the_strictest(country: str | None) -> None:
    assert profile(country) is STRICTEST
    assert all(STRICTEST.cart_steps <= p.cart_steps for p in PROFILES.values())
    assert STRICTEST.holidays == ("DE", "AT")


@pytest.mark.parametrize(("country", "mine", "age"), [("AT", 14, 14), ("AT", 16, 16), ("DE", 14, 16), ("IN", 16, 18)])
def test_the_stricter_age_of_owner_and_country_counts(country: str, mine: int, age: int) -> None:
    assert policy_for(Policy(min_age=mine), country).min_age == age


def around(day: date, country: str | None, region: str | None = None) -> bool:
    return day in holidays_around(datetime(day.year, day.month, 1, 12, tzinfo=UTC), country, region)


@pytest.mark.parametrize(
    ("day", "country", "region", "quiet"),
    [
        (EPIPHANY, "DE", "DE-BY", True),
        (EPIPHANY, "DE", "BY", True),
        (EPIPHANY, "DE", "hh", False),
        (EPIPHANY, "DE", None, True),
        (EPIPHANY, "DE", "XX", True),
        (EPIPHANY, "AT", None, True),
        (EPIPHANY, None, None, True),
        (EPIPHANY, "GB", None, False),
        (REFORMATION, "DE", "BY", False),
        (REFORMATION, "DE", None, True),
        (date(2027, 8, 8), "DE", "BY", False),
        (date(2027, 7, 14), "FR", None, True),
        (date(2027, 11, 30), "GB", None, True),
        (date(2027, 11, 30), "GB", "ENG", False),
        (date(2027, 10, 26), "ZZ", None, True),
    ],
)
def test_holidays_by_state(day: date, country: str | None, region: str | None, quiet: bool) -> None:
    """An unknown state has every state's holidays; Augsburg's own day is not Bavaria's."""
    assert around(day, country, region) is quiet


def test_the_turn_of_the_year_is_covered() -> None:
    found = holidays_around(datetime(2026, 12, 28, 12, tzinfo=UTC), "DE", "BY")
    assert {date(2026, 12, 26), date(2027, 1, 1), EPIPHANY} <= found
