"""The registry entry."""

from collections.abc import Callable
from datetime import datetime

from connectors.reading import way_back
from connectors.settings import ShopSettings
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.translate import translate
from connectors.shopify.verify import delivery, kept_headers, topic, verify
from integration.domain.shops.ports import OneClick, ShopContext, ShopLink, Translation


class ShopifyConnector:
    """Shopify as flow sees it."""

    platform: str = "shopify"
    label: str = "Shopify"
    settings: type[ShopSettings] = ShopifySettings
    run_time_keys: tuple[str, ...] = ("access_token",)
    one_click: OneClick | None = None
    verify = staticmethod(verify)
    topic = staticmethod(topic)
    kept_headers = staticmethod(kept_headers)
    delivery = staticmethod(delivery)

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        """See `translate.translate`."""
        return translate(topic, body, shop)

    def way_back(self, url: str, voucher: str) -> str:
        """The checkout applies the code in `discount`."""
        return way_back(url, {"discount": voucher} if voucher else {})

    def link(self, settings: ShopSettings, shop: ShopContext, clock: Callable[[], datetime]) -> ShopLink | None:
        """The link of this shop, as soon as its settings hold keys."""
        if not isinstance(settings, ShopifySettings) or not settings.has_keys:
            return None
        # The package costs a quarter of a second to import: `ladenbote help` does without it.
        from connectors.shopify.link import link_of

        return link_of(settings, shop, clock)
