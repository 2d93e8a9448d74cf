"""WooCommerce's webhook bodies in our words; a REST order is the same body."""

from typing import Final

from connectors import notes
from connectors.reading import Json, document
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.plugin import TOPIC, translate_fact
from integration.domain.ports import ShopContext, Translation

ORDER: Final = frozenset({"order.created", "order.updated", "order.restored"})
DELETED: Final = "order.deleted"
OTHER: Final = frozenset(
    f"{resource}.{event}"
    for resource in ("product", "customer", "coupon")
    for event in ("created", "updated", "deleted", "restored")
)


def translate(topic: str, body: bytes, shop: ShopContext) -> Translation:
    """A verified body as snapshots, or as the reason code why there are none."""
    if topic in ORDER:
        return _order(document(body), shop)
    if topic == DELETED:
        return notes.deleted(document(body))
    if topic == TOPIC:
        return translate_fact(document(body), shop)
    if topic.startswith("action."):
        return notes.THIN
    return notes.NO_NOTIFICATION if topic in OTHER else notes.UNKNOWN_TOPIC


def _order(found: Json, shop: ShopContext) -> Translation:
    # Bodies are built at delivery: an order deleted meanwhile arrives as a signed error object.
    code = found.get("code")
    if isinstance(code, str) and code.startswith("woocommerce_rest_") and "id" not in found:
        return notes.GONE
    return Translation(order_snapshots(found, shop))
