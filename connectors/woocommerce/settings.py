"""A WooCommerce shop in settings.toml."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator

from connectors.settings import ShopSettings


class WooCommerceSettings(ShopSettings):
    """`url` is the shop's final address: a redirected POST would become a GET."""

    platform: Literal["woocommerce"] = "woocommerce"
    url: str
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be the shop's address, for example https://www.example.de")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold neither password nor query: keys have their own settings")
        return address
