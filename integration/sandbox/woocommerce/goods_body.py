"""Products, variations, coupons, customers and refunds as wc/v3 writes them.

Recorded, except variations: those follow the vendor's documentation.
"""

import hashlib
from decimal import Decimal
from typing import Any

from integration.sandbox.woocommerce.listing import links
from integration.sandbox.woocommerce.model import Coupon, Item, Refund, Registered
from integration.sandbox.woocommerce.order_body import gmt, local, money

DATES = ("date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt")


def product_body(item: Item, items: dict[int, Item], site: str) -> dict[str, Any]:
    """A product of the list, or a variation as the webhook product.updated brings it."""
    sizes = [items[n] for n in item.variations]
    slug = item.sku.lower()
    html = f'<span class="woocommerce-Price-amount amount"><bdi>{money(item.sale or item.price)}</bdi></span>'
    return {
        "id": item.id, "name": item.name, "slug": slug, "permalink": f"{site}/product/{slug}/",
        **_dates(item), "type": item.kind, "status": item.status, "featured": False,
        "catalog_visibility": "visible", "description": "", "short_description": "",
        **_price(item), "total_sales": 0, **_virtual(), "external_url": "", "button_text": "",
        "tax_status": "taxable", "tax_class": "", **_stock(item), "sold_individually": False,
        **_parcel(), "reviews_allowed": True, "average_rating": "0.00", "rating_count": 0, "upsell_ids": [],
        "cross_sell_ids": [], "parent_id": item.parent, "purchase_note": "",
        "categories": [_category(name) for name in item.categories], "brands": [], "tags": [],
        "images": [_image(item, site)], "attributes": _sizes(sizes), "default_attributes": [],
        "variations": item.variations, "grouped_products": [], "menu_order": 0,
        "price_html": html,
        "related_ids": [], "meta_data": [], "stock_status": _status(item), "has_options": bool(sizes),
        "post_password": "", "global_unique_id": "",
        "_links": links(site, f"wc/v3/products/{item.id}", "wc/v3/products"),
    }  # fmt: skip


def variation_body(item: Item, site: str) -> dict[str, Any]:
    """A variation below its product."""
    path = f"wc/v3/products/{item.parent}"
    return {
        "id": item.id, "type": "variation", **_dates(item), "description": "",
        "permalink": f"{site}/product/{item.parent}/?attribute_groesse={item.attribute}", "sku": item.sku,
        "global_unique_id": "", **_price(item), "status": item.status, **_virtual(),
        "tax_status": "taxable", "tax_class": "", **_stock(item), "stock_status": _status(item), **_parcel(),
        "image": _image(item, site), "attributes": [{"id": 1, "name": "Größe", "option": item.attribute}],
        "menu_order": 0, "meta_data": [], "name": item.attribute, "parent_id": item.parent,
        "_links": links(site, f"{path}/variations/{item.id}", f"{path}/variations", up=path),
    }  # fmt: skip


def coupon_body(coupon: Coupon, site: str) -> dict[str, Any]:
    """A coupon; its code is in lower case."""
    given = coupon.fields
    return {
        "id": coupon.id, "code": coupon.code, "amount": money(Decimal(str(given["amount"]))), "status": "publish",
        "date_created": local(coupon.created), "date_created_gmt": gmt(coupon.created),
        "date_modified": local(coupon.modified), "date_modified_gmt": gmt(coupon.modified),
        "discount_type": given["discount_type"], "description": given.get("description", ""),
        "date_expires": local(coupon.expires), "date_expires_gmt": gmt(coupon.expires),
        "usage_count": len(coupon.used_by), "individual_use": given.get("individual_use", False),
        "product_ids": given.get("product_ids", []), "excluded_product_ids": [],
        "usage_limit": given.get("usage_limit"), "usage_limit_per_user": given.get("usage_limit_per_user"),
        "limit_usage_to_x_items": None, "free_shipping": given.get("free_shipping", False),
        "product_categories": [], "excluded_product_categories": [],
        "exclude_sale_items": given.get("exclude_sale_items", False),
        "minimum_amount": money(Decimal(str(given.get("minimum_amount") or 0))), "maximum_amount": "0.00",
        "email_restrictions": given.get("email_restrictions", []), "used_by": coupon.used_by,
        "meta_data": [
            {"id": coupon.id * 10 + n, "key": row["key"], "value": row["value"]}
            for n, row in enumerate(given.get("meta_data", []))
        ],
        "_links": links(site, f"wc/v3/coupons/{coupon.id}", "wc/v3/coupons"),
    }  # fmt: skip


def customer_body(who: Registered, site: str) -> dict[str, Any]:
    """A customer with an account."""
    names = ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state")
    digest = hashlib.sha256(who.email.encode()).hexdigest()
    billing = {name: who.billing.get(name, "") for name in (*names, "email", "phone")}
    return {
        "id": who.id, "date_created": local(who.created), "date_created_gmt": gmt(who.created),
        "date_modified": local(who.modified), "date_modified_gmt": gmt(who.modified), "email": who.email,
        "first_name": who.first_name, "last_name": who.last_name, "role": "customer", "username": who.username,
        "billing": billing, "shipping": dict.fromkeys((*names, "phone"), ""), "is_paying_customer": False,
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g", "meta_data": [],
        "_links": links(site, f"wc/v3/customers/{who.id}", "wc/v3/customers"),
    }  # fmt: skip


def refund_body(refund: Refund, order_id: int, site: str) -> dict[str, Any]:
    """A refund of an order."""
    path = f"wc/v3/orders/{order_id}"
    kind = "full" if refund.full else "partial"
    return {
        "id": refund.id, "date_created": local(refund.at), "date_created_gmt": gmt(refund.at),
        "amount": money(refund.amount), "reason": refund.reason, "refunded_by": 1, "refunded_payment": False,
        "meta_data": [{"id": refund.id * 30, "key": "_refund_type", "value": kind}],
        "line_items": [], "shipping_lines": [], "tax_lines": [], "fee_lines": [],
        "_links": links(site, f"{path}/refunds/{refund.id}", f"{path}/refunds", up=path, allow=("GET", "DELETE")),
    }  # fmt: skip


def _dates(item: Item) -> dict[str, Any]:
    return {
        "date_created": local(item.created), "date_created_gmt": gmt(item.created),
        "date_modified": local(item.modified), "date_modified_gmt": gmt(item.modified),
    }  # fmt: skip


def _price(item: Item) -> dict[str, Any]:
    return {
        "sku": item.sku, "price": money(item.sale or item.price),
        "regular_price": "" if item.variations else money(item.price),
        "sale_price": money(item.sale) if item.sale else "", **dict.fromkeys(DATES),
        "on_sale": item.sale is not None, "purchasable": True,
    }  # fmt: skip


def _virtual() -> dict[str, Any]:
    return {"virtual": False, "downloadable": False, "downloads": [], "download_limit": -1, "download_expiry": -1}


def _stock(item: Item) -> dict[str, Any]:
    return {
        "manage_stock": item.stock is not None, "stock_quantity": item.stock, "backorders": "no",
        "backorders_allowed": False, "backordered": False, "low_stock_amount": None,
    }  # fmt: skip


def _parcel() -> dict[str, Any]:
    return {
        "weight": "", "dimensions": {"length": "", "width": "", "height": ""}, "shipping_required": True,
        "shipping_taxable": True, "shipping_class": "", "shipping_class_id": 0,
    }  # fmt: skip


def _status(item: Item) -> str:
    return "instock" if item.in_stock else "outofstock"


def _category(name: str) -> dict[str, Any]:
    return {"id": sum(name.encode()), "name": name, "slug": name.lower()}


def _image(item: Item, site: str) -> dict[str, Any]:
    return {
        "id": item.id + 500, **_dates(item), "src": f"{site}/wp-content/uploads/{item.sku.lower()}.jpg",
        "name": item.name, "alt": "",
    }  # fmt: skip


def _sizes(sizes: list[Item]) -> list[dict[str, Any]]:
    if not sizes:
        return []
    options = [size.attribute for size in sizes]
    return [{"id": 1, "name": "Größe", "slug": "pa_groesse", "position": 0, "visible": True, "variation": True,
             "options": options}]  # fmt: skip
