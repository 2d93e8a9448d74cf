"""Where alarms and the daily digest go, in settings.toml."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from connectors.whatsapp.payloads import PHONE
from connectors.whatsapp.settings import is_loopback

#: signs of ASCII alone: few mail servers take others
Mailbox = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190}$")]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:\[\]-]{1,253}$")]


class MailSettings(BaseModel):
    """Your provider's outgoing mail server. `to` are the people who are told."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: Host
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: Mailbox
    to: tuple[Mailbox, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _never_in_clear(self) -> "MailSettings":
        if self.security == "none" and not is_loopback(f"//{self.host}"):
            raise ValueError("security: only a mail server on this machine is spoken to without encryption")
        return self


def _e164(value: str) -> str:
    number = "".join(value.split())
    if not PHONE.match(number):
        raise ValueError("write it with the country's code and without other signs, like +491711234567")
    return number


class OwnersPhoneSettings(BaseModel):
    """Your own phone, which gets alarms by WhatsApp. `agreed_on` is the day on which you decided that."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    phone: Annotated[str, AfterValidator(_e164)]
    agreed_on: date
    sender: str | None = None


def _address(value: str) -> str:
    parts = urlsplit(value.strip())
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(value))
    if not encrypted or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("must be a whole https address without a password in it, like https://example.de/alarm")
    return value.strip()


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 16:
        raise ValueError("must be at least 16 characters long: it signs what is sent")
    return value


class WebhookSettings(BaseModel):
    """An address of yours that gets each alarm as JSON, signed with `secret`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_address)]
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
