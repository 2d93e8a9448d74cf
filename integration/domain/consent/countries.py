"""Country profiles: what differs from one recipient's country to the next (docs/reference/law.md sections 2 and 11).

Most rules are the strictest everywhere, because Meta demands an opt-in anyway; here stands what is left. An unknown
country has the strictest profile (DE and AT together).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from integration.domain.consent.consent import Policy


@dataclass(frozen=True, slots=True)
class Country:
    """One profile. `holidays` are the countries whose calendars keep marketing quiet.

    `min_age` is the age at which a person consents alone (GDPR Art. 8, DPDP; unverified), `cart_steps` how often an
    abandoned cart may be reminded of.
    """

    holidays: tuple[str, ...]
    min_age: int = 16
    cart_steps: int = 1


STRICTEST = Country(holidays=("DE", "AT"))
_SECOND_CART = 2
PROFILES: Mapping[str, Country] = {
    "DE": Country(("DE",)),
    "AT": Country(("AT",), min_age=14),
    "CH": Country(("CH",)),
    "GB": Country(("GB",), cart_steps=_SECOND_CART),
    "US": Country(("US",), cart_steps=_SECOND_CART),
    "IN": Country(("IN",), min_age=18, cart_steps=_SECOND_CART),
    "BR": Country(("BR",), cart_steps=_SECOND_CART),
}


def profile(country: str | None) -> Country:
    """The profile of a recipient's country; None and everything without a profile of its own get the strictest."""
    return PROFILES.get(country or "", STRICTEST)


@lru_cache(maxsize=512)
def policy_for(policy: Policy, country: str | None) -> Policy:
    """The owner's policy, made stricter where the recipient's country asks for it."""
    return replace(policy, min_age=max(policy.min_age, profile(country).min_age))
