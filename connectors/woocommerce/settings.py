"""A WooCommerce shop in settings.toml."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from connectors.settings import ShopSettings
from integration.domain.shops.ports import ShopContext

LOCAL = ("127.0.0.1", "localhost", "::1")
#: the picture service of WordPress's plugin Jetpack
JETPACK = ("i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com")


class TrackingMeta(BaseModel):
    """Order metas in which a plugin that we do not know keeps tracking numbers; `key.part` looks into an object.

    `carrier` is a meta as well, `carrier_name` the same carrier for all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    carrier: str = ""
    carrier_name: str = ""
    url: str = ""


class WooCommerceSettings(ShopSettings):
    """`url` is the shop's final address: a redirected POST would become a GET.

    `promised_meta` is the order meta in which a plugin keeps the day of delivery that was promised.
    """

    platform: Literal["woocommerce"] = "woocommerce"
    url: str
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    tracking_meta: TrackingMeta | None = None
    promised_meta: str = ""

    @property
    def shop_url(self) -> str:
        """The shop's own address."""
        return self.url

    def context(self, slug: str) -> ShopContext:
        """With the metas that hold tracking numbers and the promised day."""
        tracking = self.tracking_meta.model_dump() if self.tracking_meta else {}
        return ShopContext(slug, self.country, self.wordings, tracking, self.promised_meta)

    @property
    def keys(self) -> tuple[str, str]:
        """Consumer key and secret, "" where there is none."""
        return _shown(self.consumer_key), _shown(self.consumer_secret)

    @property
    def pictures_at(self) -> tuple[str, ...]:
        """Where pictures of products may lie: with the shop, at WordPress's picture service, where the owner says."""
        parts = urlsplit(self.url)
        own = (
            f"{parts.scheme}://{parts.netloc}"
            if parts.hostname in LOCAL
            else f".{(parts.hostname or '').removeprefix('www.')}"
        )
        return (own, *JETPACK, *self.picture_hosts)

    @property
    def simulated(self) -> bool | None:
        """False for a shop elsewhere; a shop on this machine may be a real one or the demo's."""
        local = urlsplit(self.url).hostname in LOCAL
        return None if local or not all(self.keys) else False

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


def _shown(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""
