"""What all shops' settings have in common, and what a registry entry offers beyond `ports.ShopConnector`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from integration.domain.shops.ports import OneClick, ShopConnector, ShopContext, ShopLink


def _not_empty(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty: anybody could sign with an empty secret")
    return value


Secret = Annotated[SecretStr, AfterValidator(_not_empty)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Country = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{2}$")]
Host = Annotated[str, StringConstraints(to_lower=True, pattern=r"^([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}([-_][A-Za-z]{2})?$")]


class ShopSettings(BaseModel):
    """One shop in settings.toml. `name` is what customers read, `wordings` maps versions to opt-in texts.

    `picture_hosts` are hosts besides the shop's own on which its pictures of products lie.

    Without a `webhook_secret` one is drawn, which the webhooks that we register ourselves are signed with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    platform: str
    name: Name
    company: str | None = None
    sender: str | None = None
    webhook_secret: Secret | None = None
    previous_webhook_secret: Secret | None = None
    address: Literal["du", "sie"] = "sie"
    language: Language = "de"
    country: Country = "DE"
    wordings: dict[str, str] = Field(default_factory=dict)
    picture_hosts: tuple[Host, ...] = ()

    def context(self, slug: str) -> ShopContext:
        """What translation needs to know of this shop."""
        return ShopContext(slug, self.country, self.wordings)

    @property
    def shop_url(self) -> str:
        """The shop's own address."""
        raise NotImplementedError

    def secrets(self) -> list[str]:
        """The webhook secrets in force: the present one, and during a rotation the previous one too."""
        kept = (self.webhook_secret, self.previous_webhook_secret)
        return [secret.get_secret_value() for secret in kept if secret]

    @property
    def simulated(self) -> bool | None:
        """Whether the shop's API is a simulated one on this machine; None while nothing is asked of it."""
        return None


class Connector(ShopConnector, Protocol):
    """One entry of the registry."""

    label: str
    settings: type[ShopSettings]
    #: the fields of the settings that a shop may also hand over at run time (one-click connect)
    run_time_keys: tuple[str, ...]
    #: None where the platform has no such page
    one_click: OneClick | None

    def link(self, settings: ShopSettings, shop: ShopContext, clock: Callable[[], datetime]) -> ShopLink | None:
        """Our side of this shop's API; None while its keys are missing in the settings. Asks nobody."""
