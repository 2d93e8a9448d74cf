"""The goods on the shelf as WooCommerce's products: one of them comes in two sizes, one is counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from integration.sandbox.cast import Product
from integration.sandbox.woocommerce.model import Item


def first_items(goods: Sequence[Product], now: datetime) -> dict[int, Item]:
    """The goods, and a gift set with two variations."""
    at = now - timedelta(days=90)
    items = [Item(one.id, one.name, one.sku, one.price, at, at) for one in goods]
    items[-1].stock = 40
    items[-1].categories = ("Zubehör",)
    gift = Item(20, "Geschenkset Kaffee", "GE", Decimal("24.90"), at, at, variations=[21, 22])
    small = Item(21, "Geschenkset Kaffee - klein", "GE-K", Decimal("24.90"), at, at, parent=20, attribute="klein")
    large = Item(22, "Geschenkset Kaffee - groß", "GE-G", Decimal("39.90"), at, at, parent=20, attribute="groß")
    small.stock, large.stock = 5, 0
    return {item.id: item for item in (*items, gift, small, large)}
