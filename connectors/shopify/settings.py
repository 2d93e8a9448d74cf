"""A Shopify shop in settings.toml."""

import re
from typing import Literal

from pydantic import SecretStr, field_validator

from connectors.settings import ShopSettings

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}\Z")


class ShopifySettings(ShopSettings):
    """`domain` is the whole host name: the ShopifyAPI package would make `shop.example.de` another shop."""

    platform: Literal["shopify"] = "shopify"
    domain: str
    client_id: str | None = None
    client_secret: SecretStr | None = None
    access_token: SecretStr | None = None

    @field_validator("domain")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        host = value.strip().lower()
        if not _HOST.match(host):
            raise ValueError("must be a plain host name such as my-shop.myshopify.com, without https://")
        return host
