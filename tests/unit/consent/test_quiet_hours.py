"""Quiet hours to the second, in every zone, across both clock changes."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.domain.consent.quiet_hours import HORIZON, Quiet, next_open, zones_of

NIGHT = Quiet((time(20), time(8)))
BERLIN = ("Europe/Berlin",)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2027-02-10T06:59:59.999999", "2027-02-10T07:00:00"),
        ("2027-02-10T07:00:00", "2027-02-10T07:00:00"),
        ("2027-02-10T18:59:59.999999", "2027-02-10T18:59:59.999999"),
        ("2027-02-10T19:00:00", "2027-02-11T07:00:00"),
        ("2027-03-27T22:00:00", "2027-03-28T06:00:00"),
        ("2027-10-30T22:00:00", "2027-10-31T07:00:00"),
    ],
)
def test_the_interval_is_half_open(now: str, opening: str) -> None:
    assert next_open(utc(now), BERLIN, NIGHT) == utc(opening)


def test_a_day_quiet_interval() -> None:
    noon = Quiet((time(12), time(14, 30)))
    assert next_open(utc("2027-02-10T11:00:00"), BERLIN, noon) == utc("2027-02-10T13:30:00")
    assert next_open(utc("2027-02-10T10:59:59"), BERLIN, noon) == utc("2027-02-10T10:59:59")


def test_skipped_wall_time_opens_when_the_clock_jumps() -> None:
    # 02:30 does not exist on 28 March 2027: at 02:00 the clock shows 03:00.
    quiet = Quiet((time(22), time(2, 30)))
    assert next_open(utc("2027-03-27T23:00:00"), BERLIN, quiet) == utc("2027-03-28T01:00:00")


def test_doubled_wall_time_opens_twice() -> None:
    # On 31 October 2027 02:30 comes at 00:30Z and again at 01:30Z; 02:00 to 02:30 is quiet both times.
    quiet = Quiet((time(22), time(2, 30)))
    assert next_open(utc("2027-10-30T23:00:00"), BERLIN, quiet) == utc("2027-10-31T00:30:00")
    assert next_open(utc("2027-10-31T00:45:00"), BERLIN, quiet) == utc("2027-10-31T00:45:00")
    assert next_open(utc("2027-10-31T01:00:00"), BERLIN, quiet) == utc("2027-10-31T01:30:00")


def test_midnight_that_does_not_exist() -> None:
    # In the Azores the clock jumps from 00:00 to 01:00 on a Sunday; closed the day before only.
    quiet = Quiet(None, holidays=frozenset({date(2027, 3, 27)}))
    assert next_open(utc("2027-03-27T12:00:00"), ("Atlantic/Azores",), quiet) == utc("2027-03-28T01:00:00")


def test_sundays_and_holidays() -> None:
    quiet = Quiet((time(20), time(8)), sundays=True, holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26)}))
    assert next_open(utc("2026-12-24T20:00:00"), BERLIN, quiet) == utc("2026-12-28T07:00:00")


def test_a_closed_day_without_hours_ends_at_midnight() -> None:
    quiet = Quiet(None, sundays=True)
    assert next_open(utc("2027-02-14T10:00:00"), BERLIN, quiet) == utc("2027-02-14T23:00:00")


def test_all_zones_must_be_open() -> None:
    zones = ("America/New_York", "Pacific/Honolulu")
    assert next_open(utc("2027-02-10T14:00:00"), zones, NIGHT) == utc("2027-02-10T18:00:00")
    assert next_open(utc("2027-02-11T00:59:59"), zones, NIGHT) == utc("2027-02-11T00:59:59")
    assert next_open(utc("2027-02-11T01:00:00"), zones, NIGHT) == utc("2027-02-11T18:00:00")


def test_zones_that_never_meet_are_asked_again_later() -> None:
    now = utc("2027-02-10T09:00:00")
    never = ("Pacific/Auckland", "Atlantic/Azores")
    assert next_open(now, never, Quiet((time(12), time(8)))) == now + HORIZON
    assert next_open(now, BERLIN, Quiet(None, holidays=_days(now, 40))) == now + HORIZON


def test_an_unknown_zone_is_the_strictest_profile() -> None:
    assert next_open(utc("2027-02-10T19:00:00"), (), NIGHT) == utc("2027-02-11T07:00:00")


def test_equal_ends_are_no_quiet_hours() -> None:
    now = utc("2027-02-10T03:00:00")
    assert next_open(now, BERLIN, Quiet((time(8), time(8)))) == now


@pytest.mark.parametrize(
    ("phone", "country", "zones"),
    [
        ("+4915112345678", "DE", ("Europe/Berlin",)),
        ("+436601234567", "at", ("Europe/Vienna",)),
        (None, "CH", ("Europe/Zurich",)),
        (None, None, ("Europe/Berlin",)),
        ("nonsense", None, ("Europe/Berlin",)),
        ("+12125550123", "US", ("America/New_York",)),
        ("+4915112345678", None, ("Europe/Berlin",)),
        ("nonsense", "XX", ("Europe/Berlin",)),
    ],
)
def test_zones_of(phone: str | None, country: str | None, zones: tuple[str, ...]) -> None:
    assert zones_of(phone, country) == zones


def test_several_zones_stay_several() -> None:
    assert set(zones_of(None, "PT")) == {"Europe/Lisbon", "Atlantic/Azores"}
    spain = {ZoneInfo(name).utcoffset(datetime(2027, 2, 1)) for name in zones_of("+34612345678", "ES")}  # noqa: DTZ001
    assert spain == {timedelta(0), timedelta(hours=1)}


def test_a_country_with_one_zone_loads_no_tables_of_numbers() -> None:
    code = (
        "import sys; from integration.domain.consent.quiet_hours import zones_of; zones_of('+4915112345678', 'DE');"
        "sys.exit(any(name.startswith('phonenumbers') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _days(first: datetime, number: int) -> frozenset[date]:
    return frozenset(first.astimezone(UTC).date() + timedelta(days=n) for n in range(number))
