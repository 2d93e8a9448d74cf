"""A Shopify shop in settings.toml."""

import re
from typing import Literal

from pydantic import SecretStr, field_validator

from connectors.settings import ShopSettings

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}\Z")

_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9_/-]*)?\Z")


class ShopifySettings(ShopSettings):
    """`domain` is the whole host name: the ShopifyAPI package would make `shop.example.de` another shop.

    `base_url` is set in the demo only: the simulated shop on this machine.
    """

    platform: Literal["shopify"] = "shopify"
    domain: str
    client_id: str | None = None
    client_secret: SecretStr | None = None
    access_token: SecretStr | None = None
    base_url: str = ""

    @field_validator("domain")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        host = value.strip().lower()
        if not _HOST.match(host):
            raise ValueError("must be a plain host name such as my-shop.myshopify.com, without https://")
        return host

    @field_validator("base_url")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        if address and not _LOOPBACK.match(address):
            raise ValueError("is for a simulated shop on this machine only, like http://127.0.0.1:8700")
        return address

    @property
    def shop_url(self) -> str:
        """The shop's own address."""
        return f"https://{self.domain}"

    @property
    def api_base(self) -> str:
        """Where the Admin API is: the shop itself, or the simulator."""
        return self.base_url or f"https://{self.domain}"

    @property
    def client_credentials(self) -> tuple[str, str]:
        """Client id and secret, "" where there is none."""
        return self.client_id or "", self.client_secret.get_secret_value() if self.client_secret else ""

    @property
    def has_keys(self) -> bool:
        """Whether the Admin API can be asked: with a token, or with client id and secret."""
        return bool(self.access_token or all(self.client_credentials))

    @property
    def simulated(self) -> bool | None:
        """Whether the Admin API is the simulated one."""
        return bool(self.base_url) if self.has_keys else None

    @property
    def pictures_at(self) -> tuple[str, ...]:
        """Where pictures of products may lie: with Shopify, with the shop, where the owner says; or the simulator."""
        own = (self.base_url,) if self.base_url else ("cdn.shopify.com", self.domain)
        return (*own, *self.picture_hosts)

    def secrets(self) -> list[str]:
        """The webhook secrets in force. Webhooks made by us are signed with the app's client secret."""
        client_secret = self.client_credentials[1]
        return list(dict.fromkeys([*super().secrets(), *([client_secret] if client_secret else [])]))
