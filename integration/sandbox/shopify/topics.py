"""Which body belongs to which topic."""

from collections.abc import Callable
from typing import Any, Final

from integration.sandbox.shopify.bodies import (
    TOKENS_ONLY,
    address_body,
    at,
    customer_body,
    money,
    order_body,
    parcel_body,
    refund_body,
)
from integration.sandbox.shopify.order_fields import recovery_url
from integration.sandbox.shopify.records import Bulk, Checkout, Consent, Customer, Line, Order, Parcel, Refund, Step
from integration.sandbox.shopify.shop import AdminShop

Body = Callable[[AdminShop, Any, str], dict[str, Any]]
SHOP_ID: Final = 90_001
PRIVACY: Final = ("customers/data_request", "customers/redact", "shop/redact")


def body_of(topic: str, shop: AdminShop, record: Any) -> dict[str, Any]:
    """What a webhook of this topic says, in the app's API version."""
    kind = topic.partition("/")[0]
    build = BODIES.get(topic) or KINDS[kind]
    return build(shop, record, shop.app.webhook_version)


def _order(shop: AdminShop, order: Order, version: str) -> dict[str, Any]:
    return order_body(order, shop.domain, version)


def _deleted(_: AdminShop, record: Any, __: str) -> dict[str, Any]:
    return {"id": record.id}


def _edited(_: AdminShop, news: tuple[Order, Line], __: str) -> dict[str, Any]:
    order, line = news
    change = {"id": line.id, "delta": abs(line.current - line.quantity)}
    more = line.current > line.quantity
    return {"order_edit": {
        "id": order.id + 80_000, "app_id": None, "created_at": at(order.updated), "notify_customer": False,
        "order_id": order.id, "staff_note": "", "user_id": None,
        "line_items": {"additions": [change] if more else [], "removals": [] if more else [change]},
        "discounts": {"line_item": {"additions": [], "removals": []}}, "shipping_lines": {"additions": []},
    }}  # fmt: skip


def _parcel(_: AdminShop, parcel: Parcel, __: str) -> dict[str, Any]:
    return parcel_body(parcel)


def _refund(_: AdminShop, refund: Refund, __: str) -> dict[str, Any]:
    return refund_body(refund.order, refund.order.refunds.index(refund))


def _step(_: AdminShop, news: tuple[Parcel, Step], __: str) -> dict[str, Any]:
    parcel, step = news
    return {
        "id": step.id, "admin_graphql_api_id": f"gid://shopify/FulfillmentEvent/{step.id}", "shop_id": SHOP_ID,
        "fulfillment_id": parcel.id, "order_id": parcel.order.id, "status": step.status.lower(), "message": None,
        "happened_at": at(step.at), "created_at": at(step.at), "updated_at": at(step.at), "city": None,
        "province": None, "country": None, "zip": None, "address1": None, "latitude": None, "longitude": None,
        "estimated_delivery_at": None,
    }  # fmt: skip


def _ready(_: AdminShop, order: Order, __: str) -> dict[str, Any]:
    return {"fulfillment_order": {"id": f"gid://shopify/FulfillmentOrder/{order.id + 60_000}",
                                  "status": "in_progress", "preparable": False, "delivery_method": {
                                      "method_type": "pick_up"}}}  # fmt: skip


def _checkout(shop: AdminShop, checkout: Checkout, version: str) -> dict[str, Any]:
    body = {
        "token": checkout.token, "cart_token": checkout.cart_token, "email": checkout.email, "gateway": None,
        "buyer_accepts_marketing": False, "buyer_accepts_sms_marketing": False, "sms_marketing_phone": None,
        "created_at": at(checkout.created), "updated_at": at(checkout.updated),
        "completed_at": at(checkout.completed), "closed_at": None, "currency": checkout.money.shop,
        "presentment_currency": checkout.money.shown, "customer_locale": "de", "phone": None, "name": "",
        "abandoned_checkout_url": recovery_url(checkout, shop.domain), "discount_codes": [],
        "note_attributes": [{"name": k, "value": v} for k, v in checkout.attributes.items()],
        "line_items": [{"key": str(line.id), "title": line.product.title, "quantity": line.quantity,
                        "sku": line.product.variants[0].sku, "product_id": line.product.id,
                        "variant_id": line.product.variants[0].id, "price": money(line.product.price),
                        "line_price": money(line.total)} for line in checkout.lines],
        "total_price": money(checkout.goods), "subtotal_price": money(checkout.goods), "total_tax": "0.00",
        "billing_address": address_body(checkout.billing), "shipping_address": address_body(checkout.shipping),
        "customer": customer_body(checkout.customer, version) if checkout.customer else None,
        "source_name": "web",
    }  # fmt: skip
    return body if version >= TOKENS_ONLY else body | {"id": checkout.id}


def _checkout_gone(_: AdminShop, checkout: Checkout, version: str) -> dict[str, Any]:
    gone = {"token": checkout.token, "presentment_currency": checkout.money.shown}
    return gone if version >= TOKENS_ONLY else gone | {"id": checkout.id}


def _customer(_: AdminShop, customer: Customer, version: str) -> dict[str, Any]:
    return customer_body(customer, version)


def _merged(_: AdminShop, news: tuple[Customer, Customer], __: str) -> dict[str, Any]:
    kept, gone = (f"gid://shopify/Customer/{one.id}" for one in news)
    return {"admin_graphql_api_customer_kept_id": kept, "admin_graphql_api_customer_deleted_id": gone,
            "admin_graphql_api_job_id": None, "status": "completed", "errors": []}  # fmt: skip


def _consent(_: AdminShop, customer: Customer, __: str, which: str, given: Consent) -> dict[str, Any]:
    return {"id": customer.id, "phone": customer.phone, which: {
        "state": given.state.lower(), "opt_in_level": given.level and given.level.lower(),
        "consent_updated_at": at(given.at), "consent_collected_from": given.source,
    }}  # fmt: skip


def _whatsapp(shop: AdminShop, customer: Customer, version: str) -> dict[str, Any]:
    # nobody has published a genuine body: its consent block is a guess that must not be read
    return _consent(shop, customer, version, "whats_app_marketing_consent", customer.whatsapp)


def _sms(shop: AdminShop, customer: Customer, version: str) -> dict[str, Any]:
    return _consent(shop, customer, version, "sms_marketing_consent", customer.sms)


def _person(shop: AdminShop, news: tuple[Customer, list[Order]], field: str) -> dict[str, Any]:
    customer, orders = news
    return {
        "shop_id": SHOP_ID, "shop_domain": shop.domain, field: [order.id for order in orders],
        "customer": {"id": customer.id, "email": customer.email, "phone": customer.phone},
    }  # fmt: skip


def _data_request(shop: AdminShop, news: tuple[Customer, list[Order]], _: str) -> dict[str, Any]:
    return _person(shop, news, "orders_requested") | {"data_request": {"id": SHOP_ID + 1}}


def _redact(shop: AdminShop, news: tuple[Customer, list[Order]], _: str) -> dict[str, Any]:
    return _person(shop, news, "orders_to_redact")


def _shop(shop: AdminShop, _: Any, __: str) -> dict[str, Any]:
    return {"shop_id": SHOP_ID, "shop_domain": shop.domain}


def _uninstalled(shop: AdminShop, _: Any, __: str) -> dict[str, Any]:
    return {"id": SHOP_ID, "name": shop.name, "domain": shop.domain, "myshopify_domain": shop.domain}


def _scopes(shop: AdminShop, news: tuple[AdminShop, list[str]], _: str) -> dict[str, Any]:
    return {"id": 1, "previous": news[1], "current": shop.app.scopes, "updated_at": at(shop.now())}


def _bulk(_: AdminShop, bulk: Bulk, __: str) -> dict[str, Any]:
    return {
        "admin_graphql_api_id": f"gid://shopify/BulkOperation/{bulk.id}", "completed_at": at(bulk.done_at),
        "created_at": at(bulk.created), "error_code": None, "status": "canceled" if bulk.cancelled else "completed",
        "type": "query",
    }  # fmt: skip


BODIES: Final[dict[str, Body]] = {
    "orders/edited": _edited, "orders/delete": _deleted, "checkouts/delete": _checkout_gone,
    "customers/merge": _merged, "customers/data_request": _data_request, "customers/redact": _redact,
    "customers/delete": _deleted, "fulfillment_orders/line_items_prepared_for_pickup": _ready,
    "shop/redact": _shop, "app/uninstalled": _uninstalled, "app/scopes_update": _scopes,
}  # fmt: skip
KINDS: Final[dict[str, Body]] = {
    "orders": _order, "fulfillments": _parcel, "fulfillment_events": _step, "refunds": _refund,
    "checkouts": _checkout, "customers": _customer, "customers_marketing_consent": _sms,
    "customers_whats_app_marketing_consent": _whatsapp, "bulk_operations": _bulk,
}  # fmt: skip
