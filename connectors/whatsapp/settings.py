"""A sender (one WhatsApp number) in settings.toml."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

GraphId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_/{}.-]*$")]


class SenderSettings(BaseModel):
    """Meta by default. For 360dialog: `base_url`, `auth_header` D360-API-KEY, empty `auth_prefix`, paths.

    `rate` is messages per second: 80, with coexistence 20, after Meta's upgrade up to 1,000.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    company: str | None = None
    phone_number_id: GraphId
    business_account_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    token: SecretStr
    app_secret: SecretStr
    verify_token: SecretStr
    base_url: str = "https://graph.facebook.com/v26.0"
    auth_header: HeaderName = "Authorization"
    auth_prefix: str = "Bearer "
    messages_path: Path = "/{phone_number_id}/messages"
    health_path: Path = "/{phone_number_id}"
    rate: Annotated[float, Field(gt=0, le=1000)] = 80
    display_number: str = ""

    @field_validator("token", "app_secret", "verify_token")
    @classmethod
    def _one_word(cls, value: SecretStr) -> SecretStr:
        plain = value.get_secret_value()
        if not plain or not plain.isascii() or not plain.isprintable() or " " in plain:
            raise ValueError("must be one word without spaces or line ends")
        return value

    @field_validator("base_url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        parts = urlsplit(address)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise ValueError("must be a plain address such as https://graph.facebook.com/v26.0")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(address)):
            raise ValueError("must begin with https://: the token would travel in clear text")
        return address

    @field_validator("messages_path", "health_path")
    @classmethod
    def _known_placeholder(cls, value: str) -> str:
        if "{" in value.replace("{phone_number_id}", "") or "}" in value.replace("{phone_number_id}", ""):
            raise ValueError("may hold no other placeholder than {phone_number_id}")
        return value

    def url(self, path: str) -> str:
        """The whole address of a path of this number."""
        return self.base_url + path.replace("{phone_number_id}", self.phone_number_id)

    def secrets(self) -> list[str]:
        """Everything that must never reach a log."""
        return [one.get_secret_value() for one in (self.token, self.app_secret, self.verify_token)]


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine: only the simulator is."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
