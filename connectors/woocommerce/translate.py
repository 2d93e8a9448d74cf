"""WooCommerce's webhook bodies in our words; a REST order is the same body."""

from typing import Final

from connectors import notes
from connectors.reading import Json, document, identifier
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.plugin import TOPIC, translate_fact
from connectors.woocommerce.shipments import has_fulfillments
from integration.domain.shops.events import ObjectType
from integration.domain.shops.ports import ShopContext, Translation

ORDER: Final = frozenset({"order.created", "order.updated", "order.restored"})
DELETED: Final = "order.deleted"
PRODUCT: Final = frozenset(f"product.{event}" for event in ("created", "updated", "deleted", "restored"))
OTHER: Final = frozenset(
    f"{resource}.{event}"
    for resource in ("customer", "coupon")
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
        return _action(topic, document(body))
    if topic in PRODUCT:
        found = document(body)
        # A variation comes as a product of its own.
        return _changed(ObjectType.PRODUCT, found.get("parent_id") or found.get("id"), notes.NO_NOTIFICATION)
    return notes.NO_NOTIFICATION if topic in OTHER else notes.UNKNOWN_TOPIC


def _order(found: Json, shop: ShopContext) -> Translation:
    # Bodies are built at delivery: an order deleted meanwhile arrives as a signed error object.
    code = found.get("code")
    if isinstance(code, str) and code.startswith("woocommerce_rest_") and "id" not in found:
        return notes.GONE
    snapshots = order_snapshots(found, shop)
    if not snapshots:
        return notes.NO_NOTIFICATION
    order = snapshots[0].object_id
    return Translation(snapshots, reread=((ObjectType.ORDER, order),) if has_fulfillments(found) else ())


def _action(topic: str, found: Json) -> Translation:
    """An action names the object by its bare id, and objects become an empty list."""
    order = any(word in topic for word in ("order", "payment", "checkout"))
    return _changed(ObjectType.ORDER, found.get("arg"), notes.THIN) if order else notes.THIN


def _changed(object_type: ObjectType, object_id: object, otherwise: Translation) -> Translation:
    """Something changed that has to be read from the shop."""
    found = identifier(object_id)
    return Translation(note="thin", reread=((object_type, found),)) if found else otherwise
