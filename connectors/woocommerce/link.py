"""Our side of one WooCommerce shop: `ports.ShopLink`, put together from the modules beside this one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from connectors import notes, pictures
from connectors.reading import mapping, rows
from connectors.woocommerce import poll
from connectors.woocommerce.bought import bought_since
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.doctor import diagnose
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.products import Catalogue
from connectors.woocommerce.settings import WooCommerceSettings
from connectors.woocommerce.shipments import has_fulfillments
from connectors.woocommerce.vouchers import Vouchers
from connectors.woocommerce.webhooks import subscribe
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import (
    Cursor,
    Finding,
    Page,
    ShopContext,
    Stream,
    Translation,
    VoucherState,
    VoucherTerms,
)


def link_of(settings: WooCommerceSettings, shop: ShopContext, clock: Callable[[], datetime]) -> "WooCommerceLink":
    """The link of a shop whose settings hold both keys."""
    key, secret = settings.keys
    return WooCommerceLink(WooCommerceClient(settings.url, key, secret, clock=clock), shop, settings.pictures_at)


class WooCommerceLink:
    """One shop. Safe for several threads."""

    def __init__(self, client: WooCommerceClient, shop: ShopContext, pictures_at: Sequence[str] = ()) -> None:
        self._client = client
        self._pictures_at = pictures_at
        self._shop = shop
        self._catalogue = Catalogue(client, shop.slug)
        self._vouchers = Vouchers(client)
        self._poll = poll.Poll(client, shop, self._catalogue)

    def streams(self) -> Sequence[Stream]:
        """Orders, carts, shipments, products."""
        return poll.STREAMS

    def first_cursor(self, stream: str, since: datetime) -> Cursor:
        """Where a stream begins."""
        return poll.first_cursor(stream, since)

    def page(self, stream: str, cursor: Cursor, now: datetime) -> Page:
        """The next step of a stream."""
        return self._poll.page(stream, cursor, now)

    def read(self, object_type: ObjectType, object_id: str, now: datetime) -> Translation:
        """A product, or an order with its parcels: a cart is a draft of an order."""
        if object_type is ObjectType.PRODUCT:
            return Translation((self._catalogue.read(object_id, now),))
        answer = self._client.find(f"orders/{object_id}")
        if answer is None:
            return Translation(note="gone", gone=object_id)
        order = mapping(answer.body)
        found = self._client.find(f"orders/{object_id}/fulfillments") if has_fulfillments(order) else None
        snapshots = order_snapshots(order, self._shop, rows(found.body) if found else ())
        return Translation(snapshots) if snapshots else notes.NO_NOTIFICATION

    def diagnose(self, now: datetime) -> list[Finding]:
        """Keys, clock, versions, checkout, shipping, webhooks."""
        return diagnose(self._client, now)

    def subscribe(self, address: str, secret: str) -> list[Finding]:
        """Make sure that the webhooks exist."""
        return subscribe(self._client, address, secret)

    def bought_since(self, cart: Snapshot, now: datetime) -> str:
        """The id of the order that this cart's person has placed since."""
        return bought_since(self._client, self._shop, cart)

    def create_voucher(self, terms: VoucherTerms) -> None:
        """Make a coupon, once."""
        self._vouchers.create(terms)

    def voucher_state(self, code: str) -> VoucherState:
        """Whether it was redeemed."""
        return self._vouchers.state(code)

    def delete_voucher(self, code: str) -> None:
        """Remove it."""
        self._vouchers.delete(code)

    def picture(self, url: str, most: int) -> bytes:
        """The bytes of a picture."""
        return pictures.fetch(url, self._pictures_at, most)

    def close(self) -> None:
        """Nothing to close: the package opens a connection for each request."""
