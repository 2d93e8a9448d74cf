"""A sender (one WhatsApp number) in settings.toml."""

from ipaddress import ip_address
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

GraphId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_/{}.-]*$")]

#: letters of a word that is a password
LONG: Final = 20
#: names that only a local network knows
LOCAL: Final = (".local", ".lan", ".home", ".internal", ".localhost", ".home.arpa", ".fritz.box")


class SenderSettings(BaseModel):
    """Meta by default. For 360dialog: `base_url`, `auth_header` D360-API-KEY, empty `auth_prefix`, paths.

    `webhook_header` is for a partner that does not sign webhooks as Meta does: it sends this header with `app_secret`
    as its value. `webhook_path` is where the partner takes our address and that header, "" when its portal does.
    `uploads_path` is where a partner takes samples of pictures for templates, "" when it takes none; Meta's is known.
    `rate` is messages per second at most; None is what Meta allows: 80, with coexistence 20, after its upgrade 1,000.
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
    templates_path: Path = "/{business_account_id}/message_templates"
    media_path: Path = "/{phone_number_id}/media"
    uploads_path: Path | Literal[""] = ""
    webhook_header: HeaderName | Literal[""] = ""
    webhook_path: Path | Literal[""] = ""
    rate: Annotated[float, Field(gt=0, le=1000)] | None = None
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

    @field_validator("messages_path", "health_path", "templates_path", "media_path", "uploads_path", "webhook_path")
    @classmethod
    def _known_placeholder(cls, value: str) -> str:
        plain = value.replace("{phone_number_id}", "").replace("{business_account_id}", "")
        if "{" in plain or "}" in plain:
            raise ValueError("may hold no other placeholders than {phone_number_id} and {business_account_id}")
        return value

    @model_validator(mode="after")
    def _hard_to_guess(self) -> "SenderSettings":
        if self.webhook_header and len(self.app_secret.get_secret_value()) < LONG:
            raise ValueError(f"app_secret: with webhook_header it is a password; make it at least {LONG} letters long")
        return self

    def url(self, path: str) -> str:
        """The whole address of a path of this number."""
        filled = path.replace("{phone_number_id}", self.phone_number_id)
        return self.base_url + filled.replace("{business_account_id}", self.business_account_id)

    def secrets(self) -> list[str]:
        """Everything that must never reach a log."""
        return [one.get_secret_value() for one in (self.token, self.app_secret, self.verify_token)]


def is_public(address: str) -> bool:
    """Whether Meta could reach an address: https, and neither this machine nor a name or number of a local network."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    try:
        outside = ip_address(host).is_global
    except ValueError:
        outside = "." in host and not host.endswith(LOCAL)
    return parts.scheme == "https" and outside


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine: only the simulator is."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
