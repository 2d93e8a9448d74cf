"""An order as WooCommerce's REST API and webhooks write it."""

import hashlib
import itertools
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from integration.sandbox.cast import WORDING_VERSION, Customer
from integration.sandbox.orders import CENT, SHIPPING, VAT, Line, gross_tax
from integration.sandbox.woocommerce.model import DRAFT, Version, WooOrder
from integration.sandbox.woocommerce.params import SITE_ZONE

AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) Testkundschaft"
EMPTY_HASH: Final = hashlib.md5(b"[]", usedforsecurity=False).hexdigest()
METHODS: Final = {"bacs": "Vorkasse", "cod": "Nachnahme", "ppcp-gateway": "PayPal"}
EMPTY: Final = dict.fromkeys(
    ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country"), ""
)
ALLOW: Final = {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]}


def encode(body: Any) -> bytes:
    """JSON as PHP writes it: slashes and non-ASCII letters escaped, no spaces."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).replace("/", "\\/").encode()


def order_body(order: WooOrder, site: str, version: Version) -> dict[str, Any]:
    """The full order, keys in WooCommerce's order."""
    goods_tax, shipping_tax = gross_tax(order.goods - order.discount), gross_tax(SHIPPING)
    key = "wc_order_" + _digest(order, "key")[:13]
    return {
        "id": order.id, "parent_id": 0, "status": order.status, "currency": "EUR", "version": version.woocommerce,
        "prices_include_tax": True,
        "date_created": local(order.created), "date_modified": local(order.modified),
        "discount_total": money(order.discount - gross_tax(order.discount)),
        "discount_tax": money(gross_tax(order.discount)),
        "shipping_total": money(SHIPPING - shipping_tax), "shipping_tax": money(shipping_tax),
        "cart_tax": money(goods_tax), "total": money(order.total),
        "total_tax": money(goods_tax + shipping_tax), "customer_id": order.customer_id, "order_key": key,
        "billing": EMPTY | {"email": "", "phone": ""} | order.billing,
        "shipping": EMPTY | {"phone": ""} | order.shipping,
        **_payment(order, version), "transaction_id": "",
        "customer_ip_address": "127.0.0.1", "customer_user_agent": AGENT, "created_via": order.via,
        "customer_note": order.note, "date_completed": local(order.completed), "date_paid": local(order.paid),
        "cart_hash": _digest(order, "cart")[:32], "number": order.number,
        "meta_data": _meta(order, version),
        "line_items": [_line(order, n, line, version) for n, line in enumerate(order.lines)],
        "tax_lines": [_tax_line(order, goods_tax, shipping_tax)],
        "shipping_lines": [_shipping_line(order, shipping_tax, version)],
        "fee_lines": [], "coupon_lines": _coupon_lines(order),
        "refunds": [{"id": r.id, "reason": r.reason, "total": money(-r.amount)} for r in order.refunds],
        "payment_url": f"{site}/checkout/order-pay/{order.id}/?pay_for_order=true&key={key}",
        "is_editable": order.status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": order.status in ("pending", "failed", DRAFT), "needs_processing": True,
        "date_created_gmt": gmt(order.created), "date_modified_gmt": gmt(order.modified),
        "date_completed_gmt": gmt(order.completed), "date_paid_gmt": gmt(order.paid),
        "currency_symbol": "€", "_links": _links(order, site, version),
    }  # fmt: skip


def _payment(order: WooOrder, version: Version) -> dict[str, str]:
    if order.status == DRAFT and not version.modern:
        return {"payment_method": "", "payment_method_title": ""}
    return {"payment_method": order.method, "payment_method_title": METHODS.get(order.method, "")}


def money(value: Decimal) -> str:
    """With the shop's two decimals."""
    return str(value.quantize(CENT))


def gmt(at: datetime | None) -> str | None:
    """UTC, and it does not say so."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def local(at: datetime | None) -> str | None:
    """The shop's time, and it does not say so."""
    return at.astimezone(SITE_ZONE).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def _digest(order: WooOrder, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{order.id}:{order.created.isoformat()}".encode()).hexdigest()


def address(who: Customer, phone: str) -> dict[str, str]:
    """A person's address as the checkout asks for it."""
    return {
        "first_name": who.first_name, "last_name": who.last_name, "company": "", "address_1": who.street,
        "address_2": "", "city": who.city, "state": "", "postcode": who.postcode, "country": "DE", "phone": phone,
    }  # fmt: skip


def _meta(order: WooOrder, version: Version) -> list[dict[str, Any]]:
    values = _checkout_meta(order, version) if order.via == "store-api" else {}
    if order.parcels:
        values["_wc_shipment_tracking_items"] = [tracking(order, n) for n in range(len(order.parcels))]
    if order.fulfillments:
        values["_fulfillment_status"] = "fulfilled"
    if order.trashed:
        values["_wp_trash_meta_status"] = f"wc-{order.trashed}"
        values["_wp_trash_meta_time"] = str(int(order.modified.timestamp()))
    values |= order.meta
    names = sorted(values) if version.modern else list(values)
    ids = itertools.count(order.id * 30)
    return [{"id": next(ids), "key": key, "value": values[key]} for key in names]


def _checkout_meta(order: WooOrder, version: Version) -> dict[str, Any]:
    values: dict[str, Any] = {
        "_shipping_hash": _digest(order, "shipping")[:32], "_coupons_hash": EMPTY_HASH, "_fees_hash": EMPTY_HASH,
        "_taxes_hash": _digest(order, "taxes")[:32], "is_vat_exempt": "no",
    }  # fmt: skip
    if order.consent is None:
        return values
    if order.placed or version.modern:
        values["_wc_other/ladenbote/whatsapp-optin"] = "1" if order.consent else "0"
    if order.placed:
        values["_ladenbote_consent"] = _evidence(order, order.placed)
    return values


def _evidence(order: WooOrder, at: datetime) -> dict[str, Any]:
    return {
        "granted": order.consent, "wording": order.wording, "version": WORDING_VERSION,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"), "ip": "127.0.0.1",
        "user_agent": AGENT, "source": "block", "phone": order.billing.get("phone", ""), "locale": "de_DE",
    }  # fmt: skip


def tracking(order: WooOrder, n: int) -> dict[str, Any]:
    """A row of Advanced Shipment Tracking."""
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


def _line(order: WooOrder, n: int, line: Line, version: Version) -> dict[str, Any]:
    paid = (line.total * (1 - order.discount / order.goods)).quantize(CENT) if order.discount else line.total
    before, tax = gross_tax(line.total), gross_tax(paid)
    exact = money if version.modern else lambda _: f"{line.total - line.total / (1 + VAT):.6f}"
    body = {
        "id": order.id * 10 + n, "name": line.product.name, "product_id": line.product.id, "variation_id": 0,
        "quantity": line.quantity, "tax_class": "reduced-rate", "subtotal": money(line.total - before),
        "subtotal_tax": money(before), "total": money(paid - tax), "total_tax": money(tax),
        "taxes": [{"id": 1, "total": exact(tax), "subtotal": exact(before)}],
        "meta_data": [] if version.modern or not order.placed else [_reduced(order, n, line)],
        "sku": line.product.sku, "global_unique_id": "", "price": round(float((paid - tax) / line.quantity), 6),
        "image": {"id": "", "src": ""}, "parent_name": None,
    }  # fmt: skip
    if not version.modern:
        del body["global_unique_id"]
    return body


def _reduced(order: WooOrder, n: int, line: Line) -> dict[str, Any]:
    value = str(line.quantity)
    return {
        "id": order.id * 30 + 20 + n, "key": "_reduced_stock", "value": value,
        "display_key": "_reduced_stock", "display_value": value,
    }  # fmt: skip


def _coupon_lines(order: WooOrder) -> list[dict[str, Any]]:
    if order.coupon is None:
        return []
    tax = gross_tax(order.discount)
    return [{
        "id": order.id * 10 + 7, "code": order.coupon.code, "discount": money(order.discount - tax),
        "discount_tax": money(tax), "meta_data": [], "discount_type": order.coupon.fields["discount_type"],
        "nominal_amount": float(order.coupon.fields["amount"]), "free_shipping": False,
    }]  # fmt: skip


def _tax_line(order: WooOrder, goods: Decimal, shipping: Decimal) -> dict[str, Any]:
    return {
        "id": order.id * 10 + 8, "rate_code": "DE-MWST-1", "rate_id": 1, "label": "MwSt", "compound": False,
        "tax_total": money(goods), "shipping_tax_total": money(shipping), "rate_percent": 7,
        "meta_data": [],
    }  # fmt: skip


def _shipping_line(order: WooOrder, tax: Decimal, version: Version) -> dict[str, Any]:
    items = ", ".join(f"{line.product.name} &times; {line.quantity}" for line in order.lines)
    meta = {"id": order.id * 30 + 29, "key": "Items", "value": items, "display_key": "Items", "display_value": items}
    body = {
        "id": order.id * 10 + 9, "method_title": "Versand", "method_id": "flat_rate", "instance_id": "1",
        "total": money(SHIPPING - tax), "total_tax": money(tax),
        "taxes": [{"id": 1, "total": money(tax), "subtotal": ""}], "tax_status": "taxable",
        "meta_data": [meta],
    }  # fmt: skip
    if not version.modern:
        del body["tax_status"]
    return body


def _links(order: WooOrder, site: str, version: Version) -> dict[str, Any]:
    orders = f"{site}/wp-json/wc/v3/orders"
    one = f"{orders}/{order.id}"
    found = {"self": [{"href": one, "targetHints": ALLOW}], "collection": [{"href": orders}]}
    mails = [{"embeddable": True, "href": f"{one}/actions/email_templates"}]
    return found | ({"email_templates": mails} if version.modern else {})
