"""What rests because Meta said so, while the rest goes on: a number's advertising, a country, a template, an account.

marketing  key: the number. Too many people blocked or reported it (131048).
country    key: number/country. Meta does not let it write there (130497).
template   key: account/name/language. Paused, disabled, missing, or filled in a way that Meta refuses (132xxx).
account    key: the account. Too many calls (4, 80007): all its numbers rest for some minutes.

A number that rests as a whole is paused (integration/store/numbers/paused.py).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from integration.domain.hot_dataclass import lean


class Scope(StrEnum):
    """What kind of thing rests."""

    ACCOUNT = "account"
    MARKETING = "marketing"
    COUNTRY = "country"
    TEMPLATE = "template"


#: the reason code of messages that wait for it
REASONS: Mapping[Scope, str] = {
    Scope.ACCOUNT: "account_slowed",
    Scope.MARKETING: "marketing_paused",
    Scope.COUNTRY: "country_paused",
    Scope.TEMPLATE: "template_stopped",
}


@lean
class Block:
    """One thing that rests. Without `until` it rests until its cause is found gone."""

    scope: Scope
    key: str
    code: int
    since: datetime
    until: datetime | None = None

    @property
    def reason(self) -> str:
        """The reason code of messages that wait for it."""
        return REASONS[self.scope]


def country_key(sender: str, country: str) -> str:
    """The key of a country for a number."""
    return f"{sender}/{country}"


def template_key(account: str, name: str, language: str) -> str:
    """The key of a template in one language."""
    return f"{account}/{name}/{language}"
