"""The registry entry."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.reading import way_back
from connectors.settings import ShopSettings
from connectors.woocommerce.connect import WooCommerceOneClick
from connectors.woocommerce.settings import WooCommerceSettings
from connectors.woocommerce.translate import translate
from connectors.woocommerce.verify import kept_headers, topic, verify
from integration.domain.shops.ports import OneClick, ShopContext, ShopLink, Translation


class WooCommerceConnector:
    """WooCommerce as flow sees it."""

    platform: str = "woocommerce"
    label: str = "WooCommerce"
    settings: type[ShopSettings] = WooCommerceSettings
    run_time_keys: tuple[str, ...] = ("consumer_key", "consumer_secret")
    one_click: OneClick | None = WooCommerceOneClick()
    verify = staticmethod(verify)
    topic = staticmethod(topic)
    kept_headers = staticmethod(kept_headers)

    def delivery(self, headers: Mapping[str, str]) -> str:
        """Nothing: eleven different messages shared one delivery id (measured)."""
        return ""

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        """See `translate.translate`. The poll's orders take the same way, as topic `order.updated`."""
        return translate(topic, body, shop)

    def way_back(self, url: str, voucher: str) -> str:
        """Core's link takes `coupon`, the companion plugin's its own name; WooCommerce judges the voucher."""
        name = "ladenbote_voucher" if "ladenbote_cart=" in url else "coupon"
        return way_back(url, {name: voucher} if voucher else {})

    def link(self, settings: ShopSettings, shop: ShopContext, clock: Callable[[], datetime]) -> ShopLink | None:
        """The link of this shop, as soon as its settings hold both keys."""
        if not isinstance(settings, WooCommerceSettings) or not all(settings.keys):
            return None
        # The package takes its time to import: `ladenbote help` does without it.
        from connectors.woocommerce.link import link_of

        return link_of(settings, shop, clock)
