"""Birthdays: when one is, and whose date was given for it.

Only a date that was given for this counts, once a year (docs/reference/law.md section 2, birthday_voucher).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

#: in the morning, when advertising may be sent
HOUR = time(8)
#: over Christmas with a Sunday behind it; later nobody congratulates
LATEST_WISHES = timedelta(days=4)


def birthday(born_on: date, year: int) -> date:
    """The birthday in a year. Who was born on 29 February has it on 1 March where there is none, as age is counted."""
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def last_birthday(born_on: date, today: date) -> date:
    """The newest birthday that has come."""
    this_year = birthday(born_on, today.year)
    return this_year if this_year <= today else birthday(born_on, today.year - 1)


def begins(day: date, zone: tzinfo) -> datetime:
    """When a birthday is wished for."""
    return datetime.combine(day, HOUR, zone)


def is_time(born_on: date, now: datetime, zone: tzinfo) -> bool:
    """Whether the newest birthday is to be wished for now."""
    at = begins(last_birthday(born_on, now.astimezone(zone).date()), zone)
    return at <= now < at + LATEST_WISHES


def days_to_look_at(today: date) -> Iterator[tuple[int, int]]:
    """(month, day) of everybody whose birthday may be wished for on this day."""
    for back in range(LATEST_WISHES.days + 1):
        day = today - timedelta(days=back)
        yield day.month, day.day
        if (day.month, day.day) == (3, 1):
            yield 2, 29
