"""Shopify's webhook bodies in our words."""

from connectors import notes
from connectors.reading import document
from connectors.shopify import compliance, hints, topics
from connectors.shopify.carts import cart_snapshot
from connectors.shopify.orders import order_snapshots
from connectors.shopify.shipments import lone_shipment
from integration.domain.shops.ports import ShopContext, Translation


def translate(topic: str, body: bytes, shop: ShopContext) -> Translation:
    """A verified body as snapshots, or as the reason code why there are none."""
    if topic in topics.ORDER:
        return Translation(order_snapshots(document(body), shop))
    if topic in topics.FULFILLMENT:
        return Translation((lone_shipment(document(body), shop),))
    if topic in topics.CHECKOUT:
        return Translation((cart_snapshot(document(body), shop),))
    if topic == topics.DELETED:
        return notes.deleted(document(body))
    if topic in hints.TOPICS:
        return hints.hint(topic, document(body))
    if topic in compliance.TOPICS:
        return compliance.request_of(topic, document(body))
    if topic in topics.CONNECTION:
        return Translation(note=topics.CONNECTION[topic], examine=True)
    return notes.NO_NOTIFICATION if topics.is_shopifys(topic) else notes.UNKNOWN_TOPIC
