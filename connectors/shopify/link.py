"""Our side of one Shopify shop's API, as `ports.ShopLink`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import sleep as pause

from connectors import pictures
from connectors.reading import mapping, rows
from connectors.shopify import changes, documents, history, mirror, poll, vouchers, webhooks
from connectors.shopify.bought import bought_since
from connectors.shopify.client import Client, connections
from connectors.shopify.doctor import diagnose
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.tokens import ClientCredentials, PermanentToken, Tokens
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

STREAM_OF = {
    ObjectType.ORDER: (poll.ORDERS, "Order"),
    ObjectType.CUSTOMER: (poll.CUSTOMERS, "Customer"),
    ObjectType.PRODUCT: (poll.PRODUCTS, "Product"),
}
#: `hints` names the fulfilment order of an order at the counter like this
PICKUP = "FulfillmentOrder/"


def link_of(
    settings: ShopifySettings, shop: ShopContext, clock: Callable[[], datetime],
    sleep: Callable[[float], None] = pause,
) -> "ShopifyLink":  # fmt: skip
    """The link of a shop whose settings hold a token, or client id and secret."""
    http = connections()
    tokens: Tokens
    if settings.access_token:
        tokens = PermanentToken(settings.access_token.get_secret_value())
    else:
        tokens = ClientCredentials(settings.api_base, settings.client_credentials, http)
    return ShopifyLink(Client(settings.api_base, tokens, http, sleep), shop, settings, clock)


class ShopifyLink:
    """One shop. Safe for several threads: it holds nothing that changes but the token, which has a lock."""

    def __init__(
        self, client: Client, shop: ShopContext, settings: ShopifySettings, clock: Callable[[], datetime]
    ) -> None:
        self.client = client
        self._shop = shop
        self._settings = settings
        self._clock = clock
        self._sources = poll.sources(shop)

    def streams(self) -> Sequence[Stream]:
        """Orders, their history, carts, customers, products."""
        return poll.STREAMS

    def first_cursor(self, stream: str, since: datetime) -> Cursor:
        """Where a stream begins."""
        if stream == poll.HISTORY:
            return history.first(since, since + poll.DAYS)
        return {"since": since.isoformat()}

    def page(self, stream: str, cursor: Cursor, now: datetime) -> Page:
        """The next step of a stream; one request of one point per object when there is no news."""
        if stream == poll.HISTORY:
            return history.page(self.client, self._sources[poll.ORDERS], cursor, now, self._shop)
        return changes.page(self.client, self._sources[stream], cursor, now)

    def read(self, object_type: ObjectType, object_id: str, now: datetime) -> Translation:
        """One object as it is now. A cart cannot be read singly: Shopify finds none by its token."""
        if object_id.startswith(PICKUP):
            return self._pickup(object_id, now)
        if object_type is ObjectType.SHIPMENT:
            return self._order_of_parcel(object_id)
        if object_type not in STREAM_OF:
            return Translation(note="thin")
        stream, kind = STREAM_OF[object_type]
        found = changes.read(self.client, self._sources[stream], [f"gid://shopify/{kind}/{object_id}"])
        gone = object_id if not found and object_type is ObjectType.ORDER else ""
        return Translation(tuple(found), "" if found else "gone", gone)

    def _order_of_parcel(self, parcel_id: str) -> Translation:
        variables = {"id": f"gid://shopify/Fulfillment/{parcel_id}"}
        node = mapping(self.client.query(documents.ORDER_OF_PARCEL, variables).data.get("node"))
        found = poll.order_nodes(self.client, rows([node.get("order")]), self._shop)
        return Translation(tuple(found), "" if found else "gone")

    def _pickup(self, object_id: str, now: datetime) -> Translation:
        node = mapping(self.client.query(documents.ORDER_OF_PICKUP, {"id": f"gid://shopify/{object_id}"}).data["node"])
        found = poll.order_nodes(self.client, rows([node.get("order")]), self._shop)
        if mapping(node.get("deliveryMethod")).get("methodType") != "PICK_UP":
            return Translation(tuple(found))
        return Translation(tuple(poll.ready_for_pickup(one, node.get("updatedAt"), now) for one in found))

    def diagnose(self, now: datetime) -> list[Finding]:
        """Scopes, version, readability, webhooks, limits."""
        return diagnose(self.client, self._settings.domain)

    def subscribe(self, address: str, secret: str) -> list[Finding]:
        """Make sure that the webhooks exist. Shopify signs with the app's client secret, whatever `secret` is."""
        if not self._settings.secrets():
            return [webhooks.no_secret()]
        if not address.startswith("https://") and not self._settings.simulated:
            return [webhooks.not_encrypted()]
        return webhooks.subscribe(self.client, address)

    def bought_since(self, cart: Snapshot, now: datetime) -> str:
        """The id of the order that this cart's person has placed since."""
        return bought_since(self.client, cart)

    def create_voucher(self, terms: VoucherTerms) -> None:
        """Make a voucher, once."""
        # An hour early: the shop's clock may be behind ours.
        vouchers.create(self.client, terms, (self._clock() - timedelta(hours=1)).isoformat())

    def voucher_state(self, code: str) -> VoucherState:
        """Whether it was redeemed."""
        return vouchers.state(self.client, code)

    def delete_voucher(self, code: str) -> None:
        """Remove it."""
        vouchers.delete(self.client, code)

    def picture(self, url: str, most: int) -> bytes:
        """The bytes of a picture."""
        return pictures.fetch(url, self._settings.pictures_at, most)

    def show_consent(self, customer_id: str, phone: str, granted: bool, at: datetime) -> bool:
        """Show the ledger's state as Shopify's own WhatsApp consent and as a metafield."""
        return mirror.write(self.client, customer_id, phone, granted, at)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
