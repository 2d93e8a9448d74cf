"""When a birthday is, leap days included, and how long it is wished for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.domain.automations.birthdays import begins, birthday, days_to_look_at, is_time, last_birthday

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("born_on", "year", "day"),
    [
        (date(1990, 4, 1), 2026, date(2026, 4, 1)),
        (date(1992, 2, 29), 2028, date(2028, 2, 29)),
        (date(1992, 2, 29), 2027, date(2027, 3, 1)),
        (date(1992, 2, 29), 2100, date(2100, 3, 1)),
    ],
)
def test_the_birthday_in_a_year(born_on: date, year: int, day: date) -> None:
    assert birthday(born_on, year) == day


def test_around_new_year_the_last_one_was_last_year() -> None:
    assert last_birthday(date(1990, 12, 31), date(2027, 1, 2)) == date(2026, 12, 31)
    assert last_birthday(date(1990, 1, 2), date(2027, 1, 2)) == date(2027, 1, 2)


@pytest.mark.parametrize(
    ("now", "is_it"),
    [
        (datetime(2026, 4, 1, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 4, 1, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 4, 5, 5, 59, tzinfo=UTC), True),
        (datetime(2026, 4, 5, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 31, 20, 0, tzinfo=UTC), False),
    ],
)
def test_it_is_wished_for_from_eight_on_for_four_days(now: datetime, is_it: bool) -> None:
    assert is_time(date(1990, 4, 1), now, BERLIN) is is_it


@pytest.mark.parametrize(
    "born_on", [date(1992, 2, 29), date(1990, 12, 31), date(1990, 1, 1), date(1990, 3, 1)], ids=str
)
@pytest.mark.parametrize("year", [2027, 2028])
def test_whoever_may_be_wished_is_looked_at(born_on: date, year: int) -> None:
    """The database looks by month and day: nobody whose time it is may be missing."""
    for day in range(366):
        now = datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        if is_time(born_on, now, BERLIN):
            assert (born_on.month, born_on.day) in set(days_to_look_at(now.astimezone(BERLIN).date()))


def test_the_hour_is_that_of_the_shop() -> None:
    assert begins(date(2026, 7, 1), BERLIN).astimezone(UTC).hour == 6
    assert begins(date(2026, 12, 1), BERLIN).astimezone(UTC).hour == 7
