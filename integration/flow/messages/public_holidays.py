"""Public holidays of the recipient, from the library `holidays`: facts for a decision."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from integration.domain.consent.countries import PROFILES, STRICTEST
from integration.domain.consent.quiet_hours import HORIZON

#: a federal state's code; longer names in the library's list are towns
_STATE = 3
_DAY = timedelta(days=1)


def holidays_around(now: datetime, country: str | None, region: str | None) -> frozenset[date]:
    """The holidays that may matter to a message now. An unknown federal state has every state's.

    See docs/reference/law.md section 2.
    """
    first, last = (now - _DAY).astimezone(UTC).year, (now + HORIZON + _DAY).astimezone(UTC).year
    return _holidays(_calendars(country), _state(region), first, last)


def _calendars(country: str | None) -> tuple[str, ...]:
    known = PROFILES.get(country or "")
    if known:
        return known.holidays
    return (country,) if country in _states() else STRICTEST.holidays


def _state(region: str | None) -> str | None:
    """ "DE-BY" and "BY" are Bavaria."""
    return region.rpartition("-")[2].upper() if region else None


@lru_cache(maxsize=1024)
def _holidays(countries: tuple[str, ...], state: str | None, first: int, last: int) -> frozenset[date]:
    from holidays import country_holidays  # half a second to load: only marketing pays for it

    years = sorted({first, last})
    return frozenset(
        day
        for country in countries
        for subdivision in _subdivisions(country, state)
        for day in country_holidays(country, subdiv=subdivision, years=years)
    )


def _subdivisions(country: str, state: str | None) -> tuple[str | None, ...]:
    known = _states()[country]
    return (state,) if state in known else known or (None,)


@lru_cache(maxsize=1)
def _states() -> dict[str, tuple[str, ...]]:
    from holidays import list_supported_countries

    found = list_supported_countries(include_aliases=False)
    return {country: tuple(code for code in codes if len(code) <= _STATE) for country, codes in found.items()}
