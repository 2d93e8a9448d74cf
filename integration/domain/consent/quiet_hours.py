"""When a message may arrive: quiet hours in the recipient's own time (docs/reference/law.md section 12).

Intervals are half-open, `[from, to)`. Several possible zones must all be inside the hours. `until` is exact
across clock changes: a wall time that is skipped opens when the clock jumps, one that comes twice opens each
time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: unknown country or zone: the strictest profile is DE/AT (docs/reference/law.md section 11)
DEFAULT_ZONE = "Europe/Berlin"
#: nobody is closed longer in a row; then it is worth asking again
HORIZON = timedelta(days=14)
_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_SUNDAY = 6
_SECOND = timedelta(seconds=1)
#: zones with the same clock at all these moments are one zone
_COMPARED = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(0, 12 * 366, 10)]


class Quiet(NamedTuple):
    """When not to write: daily from `hours[0]` to `hours[1]`, on whole days in `holidays`, and on Sundays."""

    hours: tuple[time, time] | None
    sundays: bool = False
    holidays: frozenset[date] = frozenset()

    def at(self, local: datetime) -> bool:
        """Whether it is quiet at this local time."""
        if self.sundays and local.weekday() == _SUNDAY:
            return True
        if self.holidays and local.date() in self.holidays:
            return True
        return self.hours is not None and _within(self.hours, local.time())


def next_open(now: datetime, zones: Sequence[str], quiet: Quiet) -> datetime:
    """The first moment from `now` on that is quiet in none of the zones, in UTC; `now` if it is not quiet."""
    if len(zones) == 1:
        return _next_in(_zone(zones[0]), now, quiet)
    clocks = [_zone(name) for name in zones or (DEFAULT_ZONE,)]
    moment, horizon = now, now + HORIZON
    while moment < horizon:
        opening = max(_next_in(clock, moment, quiet) for clock in clocks)
        if opening == moment:
            return moment
        moment = opening
    return horizon


def zones_of(phone: str | None, country: str | None) -> tuple[str, ...]:
    """The time zones a recipient may be in: the country's, narrowed by the number where it tells more."""
    zones = _zones_of_country(country.upper()) if country else ()
    if len(zones) == 1:
        return zones
    return (_zones_of_number(phone) if phone else ()) or zones or (DEFAULT_ZONE,)


def _within(hours: tuple[time, time], wall: time) -> bool:
    start, end = hours
    if start <= end:
        return start <= wall < end
    return wall >= start or wall < end


def _next_in(zone: ZoneInfo, moment: datetime, quiet: Quiet) -> datetime:
    local = moment.astimezone(zone)
    if not quiet.at(local):
        return moment
    openings = (c for c in _candidates(zone, local.date(), quiet) if c > moment)
    return next((c for c in openings if not quiet.at(c.astimezone(zone))), moment + HORIZON)


def _candidates(zone: ZoneInfo, first: date, quiet: Quiet) -> Iterator[datetime]:
    """Every moment at which quiet can end: midnight after a closed day, and the end of the quiet hours."""
    walls = {_MIDNIGHT} | ({quiet.hours[1]} if quiet.hours else set())
    for n in range(HORIZON.days + 2):
        day = first + n * _DAY
        yield from sorted({moment for wall in walls for moment in _moments(zone, day, wall)})


def _moments(zone: ZoneInfo, day: date, wall: time) -> tuple[datetime, ...]:
    """The UTC moments at which clocks in `zone` show `wall`: one, two, or the jump that skips it."""
    naive = datetime.combine(day, wall, zone)
    first, second = naive.astimezone(UTC), naive.replace(fold=1).astimezone(UTC)
    if first == second:
        return (first,)
    return (first, second) if first < second else (_jump(zone, second, first),)


def _jump(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The second between `low` and `high` at which the clocks of `zone` jump."""
    before = low.astimezone(zone).utcoffset()

    def jumped(second: int) -> bool:
        return (low + second * _SECOND).astimezone(zone).utcoffset() != before

    return low + bisect_left(range((high - low) // _SECOND + 1), True, key=jumped) * _SECOND


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _zones_of_country(country: str) -> tuple[str, ...]:
    return _distinct(_zone_table().get(country, ()))


@lru_cache(maxsize=4096)
def _zones_of_number(phone: str) -> tuple[str, ...]:
    # Its tables are large: only countries with several zones pay for them.
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_number

    try:
        names = time_zones_for_number(parse(phone))
    except NumberParseException:
        return ()
    return _distinct(name for name in names if name != "Etc/Unknown")


@cache
def _zone_table() -> dict[str, tuple[str, ...]]:
    """ISO country → its zones, from the table that comes with tzdata."""
    table: dict[str, tuple[str, ...]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            table[country] = (*table.get(country, ()), name)
    return table


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """One zone for each clock: Büsingen never differs from Berlin."""
    by_clock: dict[tuple[timedelta | None, ...], str] = {}
    for name in names:
        by_clock.setdefault(_clock(name), name)
    return tuple(by_clock.values())


def _clock(name: str) -> tuple[timedelta | None, ...]:
    zone = _zone(name)
    return tuple(moment.astimezone(zone).utcoffset() for moment in _COMPARED)
