"""What the companion plugin reports, in our words (docs/woocommerce-plugin.md, "What the plugin reports")."""

from typing import Any, Final, cast

from connectors import notes
from connectors.reading import Json, country_code, identifier, iso, link, moment, plain, quantity, rows, text
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import CartFacts, CartStatus, Facts
from integration.domain.shops.ports import PrivacyRequest, ShopContext, Translation

TOPIC: Final = "plugin"
PRIVACY: Final = {"privacy.export": "export", "privacy.erase": "erase"}
CART: Final = {
    "cart.updated": CartStatus.OPEN,
    "cart.emptied": CartStatus.EMPTIED,
    "cart.ordered": CartStatus.ORDERED,
}
LINES: Final = 100


def translate_fact(found: Json, shop: ShopContext) -> Translation:
    """A verified fact. Malformed when it names no event, or lacks what its event needs."""
    event = text(found.get("event"))
    if not event:
        raise Malformed("the plugin's fact names no event")
    if event in CART:
        return Translation((_cart(CART[event], found, shop),))
    if event in PRIVACY:
        return Translation(note="privacy_request", privacy=(_privacy(event, found),))
    return notes.PING if event == "ping" else notes.UNKNOWN_TOPIC


def _privacy(event: str, found: Json) -> PrivacyRequest:
    email, reference = text(found.get("email")), text(found.get("id"), 64)
    if not email or not reference:
        raise Malformed("a privacy request without e-mail address or id")
    return PrivacyRequest(PRIVACY[event], email, reference)


def _cart(status: CartStatus, found: Json, shop: ShopContext) -> Snapshot:
    key, at = text(found.get("cart_key"), 64), moment(found.get("at"))
    if not key or at is None:
        raise Malformed("a cart without key or time")
    return Snapshot(shop.slug, ObjectType.CART, key, at, cast(Facts, _facts(status, found, shop)))


def _facts(status: CartStatus, found: Json, shop: ShopContext) -> CartFacts:
    return {
        "status": status.value,
        "aliases": [],
        "order_id": identifier(found.get("order_id")) if status is CartStatus.ORDERED else "",
        "started_at": iso(moment(found.get("started_at")) or moment(found.get("at"))) or "",
        "total": text(found.get("total"), 40),
        "currency": text(found.get("currency"), 3),
        "first_name": text(found.get("first_name")),
        "last_name": text(found.get("last_name")),
        "email": text(found.get("email")),
        "phone": text(found.get("phone"), 40),
        "country": country_code(found.get("country")) or shop.country,
        "locale": text(found.get("locale"), 35),
        "customer_id": identifier(found.get("user_id")),
        "items": [_item(row) for row in rows(found.get("items"))[:LINES]],
        "recovery_url": link(found.get("recovery_url")) if status is CartStatus.OPEN else "",
        "payment_pending": False,
    }


def _item(row: Json) -> dict[str, Any]:
    product = identifier(row.get("id"))
    return {
        "id": product,
        "product_id": product,
        "variant_id": identifier(row.get("variation_id")) or product,
        "name": plain(row.get("name")),
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }
