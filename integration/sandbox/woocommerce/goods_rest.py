"""Routes of products, coupons and customers."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from integration.sandbox.woocommerce.goods_body import coupon_body, customer_body, product_body, variation_body
from integration.sandbox.woocommerce.listing import Answer, absent, dated, ordered, page, parsed
from integration.sandbox.woocommerce.model import Coupon, Item
from integration.sandbox.woocommerce.params import (
    SITE_ZONE,
    Refused,
    boolean,
    checked,
    instant,
    integer,
    moment,
    one_of,
    text,
)
from integration.sandbox.woocommerce.rest import Call, Route

PRODUCT_STATUSES = ("any", "draft", "pending", "private", "publish", "future", "trash", "auto-draft")
DISCOUNTS = ("percent", "fixed_cart", "fixed_product")
STOCK = ("instock", "outofstock", "onbackorder")


def products(call: Call) -> Answer:
    """The list, without variations."""
    more = {"on_sale": boolean, "status": one_of(PRODUCT_STATUSES), "stock_status": one_of(STOCK), "sku": text}
    query = parsed(call.query, more)
    rows = [item for item in call.shop.items.values() if not item.parent and item.status != "trash"]
    if "on_sale" in query:
        rows = [item for item in rows if (item.sale is not None) == query["on_sale"]]
    if query.get("status", "any") != "any":
        rows = [item for item in rows if item.status == query["status"]]
    if "stock_status" in query:
        rows = [item for item in rows if item.in_stock == (query["stock_status"] == "instock")]
    rows = _found(rows, query)
    return page(ordered(dated(rows, query), query), query, lambda i: product_body(i, call.shop.items, call.shop.site))


def product(call: Call) -> Answer:
    """One product."""
    return Answer(product_body(_item(call), call.shop.items, call.shop.site))


def change_product(call: Call) -> Answer:
    """Price or stock."""
    item = _item(call)
    given = checked(call.body, {"regular_price": text, "stock_quantity": integer(0)})
    price = _amount(given["regular_price"]) if "regular_price" in given else None
    call.shop.sell(item, price=price, stock=given.get("stock_quantity"))
    return Answer(product_body(item, call.shop.items, call.shop.site))


def variations(call: Call) -> Answer:
    """The variations of one product."""
    query = parsed(call.query, {})
    rows = [call.shop.items[n] for n in _item(call).variations]
    return page(ordered(dated(rows, query), query), query, lambda i: variation_body(i, call.shop.site))


def variation(call: Call) -> Answer:
    """One variation."""
    item = call.shop.items.get(call.ids[1])
    if item is None or item.parent != call.ids[0]:
        raise absent("woocommerce_rest_product_variation_invalid_id")
    return Answer(variation_body(item, call.shop.site))


def coupons(call: Call) -> Answer:
    """The list; `code` finds exactly one."""
    query = parsed(call.query, {"code": text})
    rows = list(call.shop.coupons.values())
    if "code" in query:
        rows = [row for row in rows if row.code == query["code"].lower()]
    if query.get("search"):
        rows = [row for row in rows if query["search"].lower() in row.code]
    return page(ordered(dated(rows, query), query), query, lambda row: coupon_body(row, call.shop.site))


def coupon(call: Call) -> Answer:
    """One coupon."""
    return Answer(coupon_body(_coupon(call), call.shop.site))


def create_coupon(call: Call) -> Answer:
    """A new coupon. `date_expires_gmt` is dropped without a word (measured)."""
    code = str(call.body.get("code", "")).strip().lower()
    if not code:
        raise Refused(400, "woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
    if any(row.code == code for row in call.shop.coupons.values()):
        raise Refused(400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
    fields = checked(call.body, {"discount_type": one_of(DISCOUNTS), "usage_limit": integer(0), "date_expires": moment})
    fields = {"discount_type": "fixed_cart", **call.body, **fields}
    fields["amount"] = _amount(call.body.get("amount", "0"))
    now, number = call.shop.now(), call.shop.new_id()
    row = Coupon(number, code, now, now, fields, _expiry(fields.get("date_expires")))
    call.shop.coupons[number] = row
    call.shop.hooks.fire("coupon.created", number)
    site = call.shop.site
    return Answer(coupon_body(row, site), 201, {"Location": f"{site}/wp-json/wc/v3/coupons/{number}"})


def change_coupon(call: Call) -> Answer:
    """Only its expiry, in site time."""
    row = _coupon(call)
    given = checked(call.body, {"date_expires": moment})
    row.expires = _expiry(given["date_expires"]) if "date_expires" in given else row.expires
    return Answer(coupon_body(row, call.shop.site))


def delete_coupon(call: Call) -> Answer:
    """Gone; the answer is its last state."""
    row = _coupon(call)
    del call.shop.coupons[row.id]
    call.shop.hooks.fire("coupon.deleted", row.id)
    return Answer(coupon_body(row, call.shop.site))


def customers(call: Call) -> Answer:
    """Those with an account; guests never appear."""
    query = parsed(call.query, {"email": text, "role": text, "orderby": one_of(("id", "include", "name",
                                                                                "registered_date"))})  # fmt: skip
    rows = list(call.shop.registered.values())
    if "email" in query:
        rows = [row for row in rows if row.email == query["email"].lower()]
    return page(ordered(dated(rows, query), query), query, lambda row: customer_body(row, call.shop.site))


def customer(call: Call) -> Answer:
    """One of them."""
    row = call.shop.registered.get(call.ids[0])
    if row is None:
        raise absent("woocommerce_rest_invalid_id", "Invalid resource ID.")
    return Answer(customer_body(row, call.shop.site))


def _item(call: Call) -> Item:
    item = call.shop.items.get(call.ids[0])
    if item is None or item.parent:
        raise absent("woocommerce_rest_product_invalid_id")
    return item


def _coupon(call: Call) -> Coupon:
    row = call.shop.coupons.get(call.ids[0])
    if row is None:
        raise absent("woocommerce_rest_shop_coupon_invalid_id")
    return row


def _found(rows: list[Item], query: dict[str, Any]) -> list[Item]:
    word = query.get("search", "").lower()
    skus = query.get("sku", "").split(",")
    return [i for i in rows if word in i.name.lower() and (skus == [""] or i.sku in skus)]


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): amount") from error


def _expiry(at: datetime | None) -> datetime | None:
    return at.astimezone(SITE_ZONE) if at and at.tzinfo else instant(at, gmt=False) if at else None


ROUTES = (
    Route("wc/v3/products", {"GET": products}, also=("POST",)),
    Route("wc/v3/products/<id>", {"GET": product, "PUT": change_product}, also=("DELETE",)),
    Route("wc/v3/products/<id>/variations", {"GET": variations}),
    Route("wc/v3/products/<id>/variations/<id>", {"GET": variation}),
    Route("wc/v3/coupons", {"GET": coupons, "POST": create_coupon}),
    Route("wc/v3/coupons/<id>", {"GET": coupon, "PUT": change_coupon, "DELETE": delete_coupon}),
    Route("wc/v3/customers", {"GET": customers}, also=("POST",)),
    Route("wc/v3/customers/<id>", {"GET": customer}),
)
