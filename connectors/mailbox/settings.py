"""A mailbox in settings.toml."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

LEAST_TOKEN = 32


def _address(value: str) -> str:
    address = value.strip()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be the mailbox's whole address, for example https://www.example.de/mailbox.php")
    return address


def _token(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value().strip()
    if len(plain) < LEAST_TOKEN:
        raise ValueError(f"must be at least {LEAST_TOKEN} characters long, the same as in the mailbox's own file")
    return SecretStr(plain)


class MailboxSettings(BaseModel):
    """`token` signs what we ask of the mailbox; the same one stands in its file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_address)]
    token: Annotated[SecretStr, AfterValidator(_token)]
