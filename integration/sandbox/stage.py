"""Everything on stage: the shops, and beside them WhatsApp with the phones (whatsapp.py)."""

from typing import Any

from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.shopify.stage_shop import ShopifyShop
from integration.sandbox.whatsapp.whatsapp import WhatsApp
from integration.sandbox.woocommerce.shop import WooShop


class Stage(WhatsApp):
    """The objects of one sandbox, wired together; lives in one event loop."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        super().__init__(config, clock)
        self.woocommerce = WooShop(config, self.courier, self.bus, clock)
        self.shopify = ShopifyShop(config, self.courier, self.bus, clock)
        self.story: dict[str, Any] = {"running": False, "steps": []}

    @property
    def shops(self) -> dict[str, WooShop | ShopifyShop]:
        """By key."""
        return {"woocommerce": self.woocommerce, "shopify": self.shopify}

    async def connect(self) -> bool:
        """What the platforms do when somebody sets them up: pings and Meta's handshake."""
        self.woocommerce.connect()
        return await super().connect()

    def ship(self, shop: WooShop | ShopifyShop, order: Any, carrier: str = "DHL", number: str = "") -> None:
        """Ship with a tracking link, drawing a number if none is given."""
        number = number or f"00340434{order.id % 10**9:09d}{len(order.parcels) + 1:03d}"
        url = f"https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}"
        if not carrier.startswith("DHL"):
            url = f"https://kurier.example/{number}"
        shop.ship(order, carrier, number, url)

    def as_json(self) -> dict[str, Any]:
        """The whole state for the page and for tests."""
        return super().as_json() | {
            "shops": [shop.as_json() for shop in self.shops.values()],
            "customers": [{"key": c.key, "name": c.name, "phone": c.typed_phone} for c in CUSTOMERS.values()],
            "story": self.story,
        }
