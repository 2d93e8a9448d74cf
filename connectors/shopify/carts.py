"""Unfinished checkouts as carts: `checkouts/*` webhooks and `abandonedCheckouts`, joined by token (shopify.md 7).

A cart's id is the token in its recovery address, which webhook and poll both have: `AbandonedCheckout` names no
token, and since 2026-04 the webhook names no `id`. All other keys of it are aliases. `cart_id` of an order is its
checkout token, so it meets the id or an alias.
"""

from typing import Any, Final, cast
from urllib.parse import urlsplit

from connectors.reading import Json, identifier, iso, link, mapping, moment, quantity, rows, text
from connectors.shopify.graphql import address_shape, customer_shape, money_shape
from connectors.shopify.ids import canonical_id
from connectors.shopify.orders import LINES, total_of
from connectors.shopify.people import buyer_of
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import CartFacts, CartStatus, Facts
from integration.domain.shops.ports import ShopContext

#: marks the alias that is a checkout's number and no token
NUMBER: Final = "checkout:"
#: parts of a recovery address between `checkouts` and the token, by age of the checkout
BETWEEN: Final = frozenset({"ac", "cn", "co", "c"})


def cart_snapshot(checkout: Json, shop: ShopContext) -> Snapshot:
    """The body of checkouts/create and checkouts/update. Malformed without token or time of modification."""
    url = link(checkout.get("abandoned_checkout_url"))
    cart_id = token_of(url) or text(checkout.get("token"))
    version = moment(checkout.get("updated_at")) or moment(checkout.get("created_at"))
    if not cart_id or version is None:
        raise Malformed("the checkout has no token or no time of modification")
    facts = cast(Facts, _facts(checkout, shop, cart_id, url))
    return Snapshot(shop.slug, ObjectType.CART, cart_id, version, facts)


def _facts(checkout: Json, shop: ShopContext, cart_id: str, url: str) -> CartFacts:
    total, currency = total_of(checkout)
    buyer = buyer_of(checkout, shop)
    items = [_item(row) for row in rows(checkout.get("line_items"))[:LINES]]
    started = moment(checkout.get("created_at")) or moment(checkout.get("updated_at"))
    return {
        "status": _status(checkout, items).value,
        "aliases": _aliases(checkout, cart_id),
        "order_id": "",
        "started_at": iso(started) or "",
        "total": total,
        "currency": currency,
        "first_name": buyer["first_name"],
        "last_name": buyer["last_name"],
        "email": buyer["email"],
        "phone": buyer["phone"],
        "country": buyer["country"],
        "locale": text(checkout.get("customer_locale"), 35),
        "customer_id": buyer["customer_id"],
        "items": items,
        "recovery_url": url,
        "payment_pending": False,
    }


def _status(checkout: Json, items: list[dict[str, Any]]) -> CartStatus:
    if checkout.get("completed_at"):
        return CartStatus.ORDERED
    return CartStatus.OPEN if items else CartStatus.EMPTIED


def _aliases(checkout: Json, cart_id: str) -> list[str]:
    names = (text(checkout.get(name)) for name in ("token", "cart_token"))
    number = canonical_id(checkout)
    keys = dict.fromkeys([*names, f"{NUMBER}{number}" if number else ""])
    return [key for key in keys if key and key != cart_id]


def token_of(url: str) -> str:
    """The token in a recovery address such as https://shop/123/checkouts/ac/TOKEN/recover?key=…, else ""."""
    try:
        parts = [part for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ""
    if "checkouts" not in parts:
        return ""
    rest = [part for part in parts[parts.index("checkouts") + 1 :] if part not in BETWEEN]
    return text(rest[0]) if rest else ""


def _item(row: Json) -> dict[str, Any]:
    title, variant = text(row.get("title")), text(row.get("variant_title"))
    return {
        "id": canonical_id(row) or text(row.get("key")),
        "product_id": identifier(row.get("product_id")),
        "variant_id": identifier(row.get("variant_id")) or identifier(row.get("product_id")),
        "name": f"{title} - {variant}" if variant else title,
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }


def checkout_shape(node: Json) -> Json:
    """A node of `CartDetails` as a checkouts/update body, as far as we read one."""
    customer = mapping(node.get("customer"))
    return {
        "admin_graphql_api_id": node.get("id"),
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "completed_at": node.get("completedAt"),
        "abandoned_checkout_url": node.get("abandonedCheckoutUrl"),
        "customer_locale": customer.get("locale"),
        "total_price_set": money_shape(mapping(node.get("totalPriceSet"))),
        "customer": customer_shape(customer),
        "billing_address": address_shape(mapping(node.get("billingAddress"))),
        "shipping_address": address_shape(mapping(node.get("shippingAddress"))),
        "line_items": [_line(row) for row in rows(mapping(node.get("lineItems")).get("nodes"))],
    }


def _line(row: Json) -> Json:
    kept = {name: row.get(name) for name in ("title", "sku", "quantity")}
    ids = {f"{name}_id": canonical_id({"admin_graphql_api_id": mapping(row.get(name)).get("id")})
           for name in ("product", "variant")}  # fmt: skip
    return {"admin_graphql_api_id": row.get("id"), "variant_title": row.get("variantTitle"), **kept, **ids}
