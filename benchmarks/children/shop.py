"""A pretend WooCommerce shop in a process of its own, as slow as you tell it."""

import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.children import talk
from integration.sandbox.woocommerce.hooks import Webhook
from integration.sandbox.woocommerce.loopback import LoopbackShop
from integration.sandbox.woocommerce.model import WooOrder
from integration.sandbox.woocommerce.seed import seed, stir
from integration.sandbox.woocommerce.shop import WooShop

DAY = timedelta(days=1)


class Shop:
    """Obeys the parent; answers are plain numbers."""

    def __init__(self) -> None:
        self.here = LoopbackShop()

    async def fill(self, count: int, newest: float) -> dict[str, Any]:
        """`count` orders of the last month, the newest `newest` days ago."""
        now = datetime.now(UTC)
        self.here.do(seed, self.here.shop, count, now - 29 * DAY, now - newest * DAY, statuses=["processing"])
        return {"orders": len(self.here.shop.orders)}

    async def stir(self, most: int) -> dict[str, Any]:
        """The oldest orders went a step further during the last day."""
        now = datetime.now(UTC)
        rows = list(self.here.shop.orders)[:most]
        self.here.do(stir, self.here.shop, rows, now - DAY, now - timedelta(minutes=1))
        return {"stirred": len(rows)}

    async def pace(self, request: float, order: float) -> dict[str, Any]:
        """Each request takes so many seconds, and each order in its answer so many more."""
        shown = WooShop.shown

        def slowly(shop: WooShop, row: WooOrder) -> dict[str, Any]:
            time.sleep(order)
            return shown(shop, row)

        self.here.do(setattr, self.here.shop, "shown", partial(slowly, self.here.shop))
        self.here.do(self.here.faults.set, "slow", seconds=request)
        return {}

    async def asked(self) -> dict[str, Any]:
        """How many requests there were since the last time."""
        return {"requests": len(self.here.asked())}

    async def hook(self, url: str, secret: str) -> dict[str, Any]:
        """Webhooks go there from now on, at once."""
        now = self.here.shop.now()
        for number, topic in ((6, "order.created"), (7, "order.updated")):
            self.here.do(self.here.shop.hooks.add, Webhook(number, topic, topic, url, secret, now, now))
        self.here.do(setattr, self.here.shop.hooks, "every", None)
        return {}

    async def place(self) -> dict[str, Any]:
        """Somebody orders; the order's id."""
        return {"order": self.here.do(self.here.shop.place_order, "anna", consent=True, paid=True).id}


async def _main() -> None:
    shop = Shop()
    try:
        names = ("fill", "stir", "pace", "asked", "hook", "place")
        await talk.listen({"url": shop.here.url}, {name: getattr(shop, name) for name in names})
    finally:
        shop.here.close()


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    talk.run(_main())
