"""The sections of settings.toml, each as it stands there and as the code behind it takes it."""

import re
from datetime import date, time
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from connectors.alarm_routes.settings import MailSettings, OwnersPhoneSettings, WebhookSettings
from integration.domain.consent.consent import Policy
from integration.domain.costs.pricing import Category, RateCard
from integration.domain.costs.spending import Caps

ORIGIN = re.compile(r"https://[a-zA-Z0-9.-]+(:\d{1,5})?")
Hours = tuple[time, time] | Literal[False]


def _database_url(value: str) -> str:
    if not re.match(r"sqlite:///.|postgresql(\+psycopg)?://.", value):
        raise ValueError("write it like sqlite:///data/ladenbote.db or postgresql://user:password@host/name")
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(_Part):
    """Where the data lie."""

    url: DatabaseUrl = Field(default="sqlite:///data/ladenbote.db", repr=False)
    keys_url: DatabaseUrl = Field(default="sqlite:///data/keys.db", repr=False)
    master_key_file: Path = Path("data/master.key")


class ServerSettings(_Part):
    """Where the dashboard and the webhook addresses listen, and whose word on visitors' addresses counts."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    embed_from: str | None = None
    trusted_proxies: tuple[str, ...] = ()

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks = [ip_network(text) for text in value]
        except ValueError:
            raise ValueError('write addresses or networks, like "127.0.0.1" or "10.0.0.0/24"') from None
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("a proxy that may be anywhere is none: then every visitor could claim any address")
        return value

    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies as networks."""
        return tuple(ip_network(text) for text in self.trusted_proxies)


class LogSettings(_Part):
    """How much is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


class LedgerSettings(_Part):
    """Where the ledger's signed ends go besides the database: best to another machine."""

    checkpoint_file: Path | None = None


class AlarmSettings(_Part):
    """How the owner is told of alarms, and at which hour he gets the day before in figures."""

    digest_hour: Annotated[int, Field(ge=0, le=23)] | Literal[False] = 8
    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None
    whatsapp: OwnersPhoneSettings | None = None


class RetentionSettings(_Part):
    """For how many days things are kept; `words_days` up to 72 months where messages are trade letters."""

    bodies_days: int = Field(default=14, ge=8, le=30)
    words_days: int = Field(default=365, ge=30, le=2192)
    refusals_days: int = Field(default=90, ge=30, le=365)
    proof_years: int = Field(default=3, ge=3, le=5)


class PolicySettings(_Part):
    """The owner's choices inside what law allows. Hours are half-open, in the recipient's time zone."""

    quiet_marketing: Hours = (time(20), time(8))
    quiet_service: Hours = (time(21), time(7))
    quiet_sunday: bool = True
    cap_24h: int = Field(default=1, ge=1, le=3)
    cap_7d: int = Field(default=2, ge=1, le=7)
    min_age: int = Field(default=16, ge=13, le=21)

    def policy(self) -> Policy:
        """As the decision takes it."""
        return Policy(
            quiet_marketing=self.quiet_marketing or None,
            quiet_service=self.quiet_service or None,
            quiet_sunday=self.quiet_sunday,
            cap_24h=self.cap_24h,
            cap_7d=self.cap_7d,
            min_age=self.min_age,
        )


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError('write money in quotation marks, like "0.1131": a float is never exact')
    return value


Amount = Annotated[Decimal, BeforeValidator(_no_float), Field(ge=0, le=1_000_000, decimal_places=6)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class RateSettings(_Part):
    """What a message costs in one country, by Meta's category."""

    marketing: Amount
    utility: Amount
    authentication: Amount


class PriceSettings(_Part):
    """A rate card of Meta's, from its first day on. `answers_cost` and `free_answers` are the rules of October 2026."""

    since: date
    source: str = Field(min_length=1, max_length=300)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    answers_cost: bool
    free_answers: int = Field(ge=0, le=1_000_000)
    rates: dict[Country, RateSettings] = Field(min_length=1)

    def card(self) -> RateCard:
        """As the domain takes it."""
        rates = {country: {Category(name): amount for name, amount in chosen} for country, chosen in self.rates.items()}
        return RateCard(self.since, self.source, self.currency, rates, self.answers_cost, self.free_answers)


class CostSettings(_Part):
    """What messages may cost a day and a month, in the rate card's currency; each may be left out."""

    day: Amount | None = None
    month: Amount | None = None
    stop_day: Amount | None = None
    stop_month: Amount | None = None

    def caps(self) -> Caps:
        """As the flow takes it."""
        return Caps(**self.model_dump())


class CompanySettings(_Part):
    """A controller in law. `town`, `privacy_url` and `messages_per_month` stand in the texts that people agree to.

    `form_pages` are addresses of websites, besides the shops', that may show a sign-up form in a frame.
    """

    name: str = Field(min_length=1, max_length=100)
    town: str = Field(default="", max_length=60)
    privacy_url: str = Field(default="", pattern=r"^(https://\S{1,200})?$")
    messages_per_month: int = Field(default=4, ge=1, le=30)
    form_pages: tuple[str, ...] = ()
    keep_ip: bool = False
    policy: PolicySettings = PolicySettings()
    costs: CostSettings = CostSettings()

    @field_validator("form_pages")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(ORIGIN.fullmatch(address.rstrip("/")) for address in value):
            raise ValueError("write addresses with https:// and without a path, like https://www.musterladen.example")
        return tuple(address.rstrip("/") for address in value)
