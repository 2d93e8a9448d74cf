"""Carts of the block checkout: `checkout-draft` orders, and the way back into them.

See docs/reference/woocommerce.md section 5. A phone in a draft was typed, not agreed to; a ticked box in an unsent form
is no consent.
"""

from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

from connectors.reading import Json, identifier, iso, link, moment, plain, quantity, rows, text
from connectors.woocommerce.people import buyer
from connectors.woocommerce.shipments import meta_text
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import CartFacts, CartStatus, Facts
from integration.domain.shops.ports import ShopContext

#: where the companion plugin names the cart that a classic checkout's order was
CART_META: Final = "_ladenbote_cart"
DRAFT: Final = "checkout-draft"
#: where the companion plugin keeps its signed link, for shops before WooCommerce 10
RECOVERY_META: Final = "_ladenbote_recovery_url"
#: /checkout-link/ came with WooCommerce 10.0
CHECKOUT_LINK: Final = 10
LINES: Final = 100
UNPAID: Final = frozenset({"pending", "failed"})


def cart_snapshot(order: Json, cart_id: str, order_id: str, version: datetime, shop: ShopContext) -> Snapshot:
    """The cart that this draft is, or that this order was: placing a draft keeps the id."""
    facts = cast(Facts, _facts(order, order_id, version, shop))
    return Snapshot(shop.slug, ObjectType.CART, cart_id, version, facts)


def _facts(order: Json, order_id: str, version: datetime, shop: ShopContext) -> CartFacts:
    items = [_item(row) for row in rows(order.get("line_items"))[:LINES]]
    draft = order.get("status") == DRAFT
    who = buyer(order, None, shop)
    return {
        "status": ((CartStatus.OPEN if items else CartStatus.EMPTIED) if draft else CartStatus.ORDERED).value,
        "aliases": [],
        "order_id": "" if draft else order_id,
        "started_at": iso(moment(order.get("date_created_gmt")) or version) or "",
        "total": text(order.get("total"), 40),
        "currency": text(order.get("currency"), 3),
        "first_name": who["first_name"],
        "last_name": who["last_name"],
        "email": who["email"],
        "phone": who["phone"],
        "country": who["country"],
        "locale": "",
        "customer_id": who["customer_id"],
        "items": items,
        "recovery_url": recovery_url(order) if draft and items else "",
        "payment_pending": order.get("status") in UNPAID,
    }


def _item(row: Json) -> dict[str, Any]:
    return {
        "id": identifier(row.get("id")),
        "product_id": identifier(row.get("product_id")),
        "variant_id": identifier(row.get("variation_id")) or identifier(row.get("product_id")),
        "name": plain(row.get("name")),
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }


def recovery_url(order: Json) -> str:
    """An address that refills the cart: core's own from 10.0, else the plugin's, else only the checkout page."""
    signed = link(meta_text(order, RECOVERY_META))
    return _checkout_link(order) or signed or _checkout_page(order)


def _checkout_link(order: Json) -> str:
    """Variations go by their own id. Needs pretty permalinks, which the order's own REST address shows."""
    site, major = _site(order), text(order.get("version")).partition(".")[0]
    bought = [_item(row) for row in rows(order.get("line_items"))[:LINES]]
    products = ",".join(f"{one['variant_id']}:{one['quantity']}" for one in bought if one["variant_id"])
    if not site or not products or not major.isdigit() or int(major) < CHECKOUT_LINK:
        return ""
    coupons = [text(row.get("code")) for row in rows(order.get("coupon_lines"))]
    coupon = f"&coupon={quote(coupons[0], safe='')}" if coupons and coupons[0] else ""
    return link(f"{site}/checkout-link/?products={products}{coupon}")


def _site(order: Json) -> str:
    links = order.get("_links")
    selves = rows(links.get("self")) if isinstance(links, dict) else []
    before, found, _ = text(selves[0].get("href") if selves else "", 2_000).partition("/wp-json/")
    return before if found and not urlsplit(before).query else ""


def _checkout_page(order: Json) -> str:
    """The page before `order-pay/…`: a draft cannot be paid by its own address, but its visitor's cart is there."""
    page, found, _ = link(order.get("payment_url")).partition("order-pay/")
    return page if found else ""
