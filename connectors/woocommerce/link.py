"""Our side of one WooCommerce shop: `ports.ShopLink`, put together from the modules beside this one."""

from collections.abc import Sequence
from datetime import datetime

from connectors import notes
from connectors.reading import mapping, rows
from connectors.woocommerce import poll
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.shipments import has_fulfillments
from integration.domain.events import ObjectType
from integration.domain.ports import Cursor, Page, ShopContext, Stream, Translation


class WooCommerceLink:
    """One shop's API."""

    def __init__(self, client: WooCommerceClient, shop: ShopContext) -> None:
        self._client = client
        self._shop = shop
        self._poll = poll.Poll(client, shop)

    def streams(self) -> Sequence[Stream]:
        """See `poll.STREAMS`."""
        return poll.STREAMS

    def first_cursor(self, stream: str, since: datetime) -> Cursor:
        """See `poll.first_cursor`."""
        return poll.first_cursor(stream, since)

    def page(self, stream: str, cursor: Cursor, now: datetime) -> Page:
        """See `poll.Poll.page`."""
        return self._poll.page(stream, cursor, now)

    def read(self, object_type: ObjectType, object_id: str, now: datetime) -> Translation:
        """An order with its parcels, whatever asks for it: a cart is an order, too."""
        answer = self._client.find(f"orders/{object_id}")
        if answer is None:
            return Translation(note="gone", gone=object_id)
        order = mapping(answer.body)
        found = self._client.find(f"orders/{object_id}/fulfillments") if has_fulfillments(order) else None
        snapshots = order_snapshots(order, self._shop, rows(found.body) if found else ())
        return Translation(snapshots) if snapshots else notes.NO_NOTIFICATION

    def close(self) -> None:
        """Nothing to close: the package opens a connection for each request."""
