"""settings.toml, environment variables and secret files, in one shape (pydantic-settings).

Order, the first wins: environment (`LADENBOTE_SENDERS__NUMBER__TOKEN`), secret files (`secrets/senders__number__token`
beside settings.toml), settings.toml. Unknown keys are errors. settings.example.toml explains every key.
"""

import operator
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariable

from connectors.mailbox.settings import MailboxSettings
from connectors.registry import CONNECTORS
from connectors.settings import ShopSettings
from connectors.whatsapp.settings import SenderSettings, is_loopback
from integration.domain.costs.pricing import DEFAULT_CARDS, Prices
from integration.domain.errors import SettingsError
from integration.settings.errors import readable, sentence, unreadable
from integration.settings.sections import (
    AlarmSettings,
    CompanySettings,
    DatabaseSettings,
    LedgerSettings,
    LogSettings,
    PriceSettings,
    RetentionSettings,
    ServerSettings,
)

#: the clock, unless another is handed in
THE_REAL = partial(datetime.now, UTC)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")

if TYPE_CHECKING:
    AnyShop = ShopSettings
else:
    AnyShop = Annotated[
        reduce(operator.or_, [connector.settings for connector in CONNECTORS.values()]),
        Field(discriminator="platform"),
    ]


class Settings(BaseSettings):
    """Everything that a Ladenbote needs to know."""

    model_config = SettingsConfigDict(
        env_prefix="LADENBOTE_",
        env_nested_delimiter="__",
        secrets_prefix="",
        secrets_nested_delimiter="__",
        secrets_dir_missing="ok",
        extra="forbid",
    )

    language: Literal["de", "en"] = "de"
    country: str = "DE"
    time_zone: str = "Europe/Berlin"
    public_url: str = "http://127.0.0.1:8080"
    demo: bool = False
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()
    ledger: LedgerSettings = LedgerSettings()
    alarms: AlarmSettings = AlarmSettings()
    retention: RetentionSettings = RetentionSettings()
    prices: tuple[PriceSettings, ...] = ()
    companies: dict[str, CompanySettings] = {}
    shops: dict[str, AnyShop] = {}
    senders: dict[str, SenderSettings] = {}
    mailboxes: dict[str, MailboxSettings] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before secret files before TOML."""
        secrets = NestedSecretsSettingsSource(file_secret_settings)
        return init_settings, env_settings, secrets, InitSettingsSource(settings_cls, getattr(settings_cls, "toml", {}))

    @field_validator("country")
    @classmethod
    def _two_letters(cls, value: str) -> str:
        if not re.fullmatch("[A-Za-z]{2}", value):
            raise ValueError("write the country's two letters, like DE")
        return value.upper()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no such time zone; write it like Europe/Berlin")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^/\s?#]+", value.rstrip("/")):
            raise ValueError("write the address with https:// and without a path, like https://bote.example.de")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        for table in ("companies", "shops", "senders", "mailboxes"):
            for slug in getattr(self, table):
                if not SLUG.fullmatch(slug):
                    raise ValueError(f"{table}.{slug}: short names have small letters, digits and hyphens only")
        for slug, shop in self.shops.items():
            self.company_of("shops", slug)
            if shop.sender in self.senders or (shop.sender is None and self.senders):
                self.sender_of(slug)
            if shop.simulated not in (None, self.demo):
                raise ValueError(
                    f"shops.{slug}: a simulated shop on this machine runs with demo = true and a real one never does; "
                    "the two never mix"
                )
        for slug in self.senders:
            self._fits(slug)
        return self

    def _fits(self, sender: str) -> None:
        self.company_of("senders", sender)
        if self.demo != is_loopback(self.senders[sender].base_url):
            raise ValueError(
                f"senders.{sender}.base_url: a simulated WhatsApp on this machine runs with demo = true and nothing "
                "else does; the two never mix"
            )

    def joined(self, entered: Mapping[str, SenderSettings]) -> "Settings":
        """With the numbers that were entered in the browser. Raises SettingsError.

        Without any number at all the shops wait for the first one (`waiting`).
        """
        if twice := sorted(self.senders.keys() & entered.keys()):
            raise SettingsError(
                f"senders.{twice[0]}: was entered in the browser and stands in the settings, too. Remove it and its "
                "secrets from the settings: the one entered in the browser goes on."
            )
        whole = self.model_copy(update={"senders": {**self.senders, **entered}})
        try:
            for slug in entered:
                whole._fits(slug)
            for shop in self.shops if whole.senders else ():
                whole.sender_of(shop)
        except ValueError as wrong:
            raise SettingsError(f"{wrong}.") from None
        return whole

    @property
    def waiting(self) -> tuple[str, ...]:
        """The shops that cannot work yet, because there is no number to write from."""
        return () if self.senders else tuple(self.shops)

    @field_validator("prices")
    @classmethod
    def _one_table(cls, value: tuple[PriceSettings, ...]) -> tuple[PriceSettings, ...]:
        """One account, one currency; sums and limits are in it."""
        if len({card.currency for card in value}) > 1:
            raise ValueError("all cards must have the same currency: the one of your WhatsApp account")
        if len({card.since for card in value}) < len(value):
            raise ValueError("two cards begin on the same day")
        return value

    def price_cards(self) -> Prices:
        """The rate cards in the order of their days; Germany's when the settings have none."""
        chosen = sorted((price.card() for price in self.prices), key=lambda card: card.since)
        return Prices(tuple(chosen) or DEFAULT_CARDS, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The dashboard's time zone."""
        return ZoneInfo(self.time_zone)

    def frames(self) -> tuple[str, ...]:
        """The origins of the shops' own websites: they may show a sign-up form in a frame."""
        shops = [urlsplit(shop.shop_url) for shop in self.shops.values()]
        known = [f"{parts.scheme}://{parts.netloc}" for parts in shops if parts.netloc]
        chosen = [address for company in self.companies.values() for address in company.form_pages]
        return tuple(dict.fromkeys([*known, *chosen]))

    def company_of(self, table: str, slug: str) -> str:
        """The company that a shop or sender belongs to. Raises ValueError with the remedy."""
        company: str | None = getattr(self, table)[slug].company
        if company is None and len(self.companies) == 1:
            return next(iter(self.companies))
        if company is None:
            raise ValueError(f'{table}.{slug}: say which company it belongs to, like company = "musterladen"')
        if company not in self.companies:
            raise ValueError(f"{table}.{slug}.company: there is no [companies.{company}]")
        return company

    def sender_of(self, shop: str) -> str:
        """The WhatsApp number that a shop writes from. Raises ValueError with the remedy."""
        sender: str | None = self.shops[shop].sender
        if sender is None and len(self.senders) == 1:
            return next(iter(self.senders))
        if sender is None:
            raise ValueError(f'shops.{shop}: say which number it writes from, like sender = "nummer"')
        if sender not in self.senders:
            raise ValueError(f"shops.{shop}.sender: there is no [senders.{sender}]")
        if self.company_of("shops", shop) != self.company_of("senders", sender):
            raise ValueError(f"shops.{shop}.sender: the number [senders.{sender}] belongs to another company")
        return sender


def load(file: Path, clock: Callable[[], datetime] = THE_REAL) -> Settings:
    """Read the settings. Raises SettingsError: key, line and remedy of each fault, a line each."""
    text, values = _read(file)

    class FromFile(Settings):
        model_config = SettingsConfigDict(secrets_dir=file.parent / "secrets")
        toml: ClassVar[dict[str, Any]] = values

    try:
        found = FromFile()
    except ValidationError as wrong:
        raise SettingsError(readable(wrong, file, text)) from None
    except UnreadableVariable as wrong:
        raise SettingsError(unreadable(wrong)) from None
    phone = found.alarms.whatsapp
    # a day's grace: it is tomorrow already in other zones
    if phone and phone.agreed_on > clock().date() + timedelta(days=1):
        fault = "is the day on which you agreed; it cannot lie in the future"
        raise SettingsError(sentence(["alarms", "whatsapp", "agreed_on"], fault, file, text))
    return found


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors on Windows begin with a byte order mark
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"{file} does not exist. Run `ladenbote init` to make one.") from None
    except OSError as wrong:
        raise SettingsError(f"{file} cannot be read: {wrong.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{file} is not valid TOML: {wrong}.") from None
