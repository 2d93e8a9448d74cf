"""A WooCommerce 10.5 order as its REST API and webhooks write it."""

import hashlib
import itertools
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.sandbox.cast import WORDING_VERSION
from integration.sandbox.orders import CENT, SHIPPING, Line, Order, gross_tax

SITE_ZONE: Final = ZoneInfo("Europe/Berlin")
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) Testkundschaft"
EMPTY_HASH: Final = hashlib.md5(b"[]", usedforsecurity=False).hexdigest()
ALLOW: Final = {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]}


def encode(body: Any) -> bytes:
    """JSON as PHP writes it: slashes and non-ASCII letters escaped, no spaces."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).replace("/", "\\/").encode()


def status(order: Order) -> str:
    """WooCommerce's word for the order's state."""
    words = {"cancelled": "cancelled", "shipped": "completed", "paid": "processing", "open": "on-hold"}
    return words[order.state]


def order_body(order: Order, site: str) -> dict[str, Any]:
    """The full order, keys in WooCommerce's order."""
    goods_tax, shipping_tax = gross_tax(order.goods), gross_tax(SHIPPING)
    key = "wc_order_" + _digest(order, "key")[:13]
    state = status(order)
    return {
        "id": order.id, "parent_id": 0, "status": state, "currency": "EUR", "version": "10.5.2",
        "prices_include_tax": True,
        "date_created": _local(order.created), "date_modified": _local(order.modified),
        "discount_total": "0.00", "discount_tax": "0.00",
        "shipping_total": _money(SHIPPING - shipping_tax), "shipping_tax": _money(shipping_tax),
        "cart_tax": _money(goods_tax), "total": _money(order.total),
        "total_tax": _money(goods_tax + shipping_tax), "customer_id": 0, "order_key": key,
        "billing": _address(order, billing=True), "shipping": _address(order, billing=False),
        **_payment(order), "transaction_id": "",
        "customer_ip_address": "127.0.0.1", "customer_user_agent": AGENT, "created_via": "store-api",
        "customer_note": "", "date_completed": _local(order.completed), "date_paid": _local(order.paid),
        "cart_hash": _digest(order, "cart")[:32], "number": order.number,
        "meta_data": _meta(order),
        "line_items": [_line(order, n, line) for n, line in enumerate(order.lines)],
        "tax_lines": [_tax_line(order, goods_tax, shipping_tax)],
        "shipping_lines": [_shipping_line(order, shipping_tax)],
        "fee_lines": [], "coupon_lines": [], "refunds": [],
        "payment_url": f"{site}/checkout/order-pay/{order.id}/?pay_for_order=true&key={key}",
        "is_editable": state == "on-hold", "needs_payment": False, "needs_processing": True,
        "date_created_gmt": _gmt(order.created), "date_modified_gmt": _gmt(order.modified),
        "date_completed_gmt": _gmt(order.completed), "date_paid_gmt": _gmt(order.paid),
        "currency_symbol": "€", "_links": _links(order, site),
    }  # fmt: skip


def _payment(order: Order) -> dict[str, str]:
    method, title = ("ppcp-gateway", "PayPal") if order.prepaid else ("bacs", "Vorkasse")
    return {"payment_method": method, "payment_method_title": title}


def _money(value: Decimal) -> str:
    return str(value.quantize(CENT))


def _gmt(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def _local(at: datetime | None) -> str | None:
    return at.astimezone(SITE_ZONE).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def _digest(order: Order, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{order.id}:{order.created.isoformat()}".encode()).hexdigest()


def _address(order: Order, *, billing: bool) -> dict[str, str]:
    who = order.customer
    address = {
        "first_name": who.first_name, "last_name": who.last_name, "company": "", "address_1": who.street,
        "address_2": "", "city": who.city, "state": "", "postcode": who.postcode, "country": "DE",
    }  # fmt: skip
    return address | ({"email": who.email} if billing else {}) | {"phone": order.phone}


def _meta(order: Order) -> list[dict[str, Any]]:
    values: dict[str, Any] = {"_coupons_hash": EMPTY_HASH, "_fees_hash": EMPTY_HASH}
    if order.consent is not None:
        values["_ladenbote_consent"] = _evidence(order)
    values["_shipping_hash"] = _digest(order, "shipping")[:32]
    values["_taxes_hash"] = _digest(order, "taxes")[:32]
    if order.consent is not None:
        values["_wc_other/ladenbote/whatsapp-optin"] = "1" if order.consent else "0"
    if order.parcels:
        values["_wc_shipment_tracking_items"] = [_tracking(order, n) for n in range(len(order.parcels))]
    values["is_vat_exempt"] = "no"
    ids = itertools.count(order.id * 30)
    return [{"id": next(ids), "key": key, "value": value} for key, value in values.items()]


def _evidence(order: Order) -> dict[str, Any]:
    return {
        "granted": order.consent, "wording": order.wording, "version": WORDING_VERSION,
        "at": order.created.astimezone(UTC).isoformat(timespec="seconds"), "ip": "127.0.0.1",
        "user_agent": AGENT, "source": "block", "phone": order.phone, "locale": "de_DE",
    }  # fmt: skip


def _tracking(order: Order, n: int) -> dict[str, Any]:
    parcel = order.parcels[n]
    known = parcel.carrier.startswith("DHL")
    midnight = parcel.at.astimezone(UTC).replace(hour=0, minute=0, second=0)
    return {
        "tracking_provider": "DHL Germany" if known else parcel.carrier,
        "custom_tracking_provider": "", "custom_tracking_link": "" if known else parcel.url,
        "tracking_number": parcel.number, "tracking_product_code": "", "source": "REST_API",
        # the plugin really writes a string in one row and an integer in the next
        "date_shipped": str(int(midnight.timestamp())) if known else int(parcel.at.timestamp()),
        "status_shipped": "1", "tracking_id": _digest(order, f"parcel{parcel.id}")[:32], "user_id": 1,
    }  # fmt: skip


def _line(order: Order, n: int, line: Line) -> dict[str, Any]:
    tax = gross_tax(line.total)
    net = _money(line.total - tax)
    return {
        "id": order.id * 10 + n, "name": line.product.name, "product_id": line.product.id, "variation_id": 0,
        "quantity": line.quantity, "tax_class": "reduced-rate", "subtotal": net, "subtotal_tax": _money(tax),
        "total": net, "total_tax": _money(tax),
        "taxes": [{"id": 1, "total": _money(tax), "subtotal": _money(tax)}], "meta_data": [],
        "sku": line.product.sku, "global_unique_id": "",
        "price": round(float((line.total - tax) / line.quantity), 6),
        "image": {"id": "", "src": ""}, "parent_name": None,
    }  # fmt: skip


def _tax_line(order: Order, goods: Decimal, shipping: Decimal) -> dict[str, Any]:
    return {
        "id": order.id * 10 + 8, "rate_code": "DE-MWST-1", "rate_id": 1, "label": "MwSt", "compound": False,
        "tax_total": _money(goods), "shipping_tax_total": _money(shipping), "rate_percent": 7,
        "meta_data": [],
    }  # fmt: skip


def _shipping_line(order: Order, tax: Decimal) -> dict[str, Any]:
    items = ", ".join(f"{line.product.name} &times; {line.quantity}" for line in order.lines)
    meta = {
        "id": order.id * 30 + 29,
        "key": "Items",
        "value": items,
        "display_key": "Items",
        "display_value": items,
    }
    return {
        "id": order.id * 10 + 9, "method_title": "Versand", "method_id": "flat_rate", "instance_id": "1",
        "total": _money(SHIPPING - tax), "total_tax": _money(tax),
        "taxes": [{"id": 1, "total": _money(tax), "subtotal": ""}], "tax_status": "taxable",
        "meta_data": [meta],
    }  # fmt: skip


def _links(order: Order, site: str) -> dict[str, Any]:
    orders = f"{site}/wp-json/wc/v3/orders"
    one = f"{orders}/{order.id}"
    return {
        "self": [{"href": one, "targetHints": ALLOW}],
        "collection": [{"href": orders}],
        "email_templates": [{"embeddable": True, "href": f"{one}/actions/email_templates"}],
    }
