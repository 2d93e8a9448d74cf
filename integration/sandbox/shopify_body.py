"""A Shopify order and fulfilment in the shape of API version 2026-10 webhooks."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.sandbox.cast import WORDING_VERSION, Customer
from integration.sandbox.orders import CENT, SHIPPING, Line, Order, Parcel, gross_tax

SHOP_ZONE: Final = ZoneInfo("Europe/Berlin")


def encode(body: Any) -> bytes:
    """Compact JSON with the letters as they are."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def order_body(order: Order, domain: str) -> dict[str, Any]:
    """The body of orders/create, paid, updated, fulfilled and cancelled."""
    return {**_head(order, domain), **_sums(order), **_people(order), **_contents(order)}


def fulfillment_body(order: Order, n: int) -> dict[str, Any]:
    """The body of fulfillments/create."""
    parcel = order.parcels[n]
    return {
        "id": parcel.id, "order_id": order.id, "status": "success", "created_at": _at(parcel.at),
        "service": "manual", "updated_at": _at(parcel.at), "tracking_company": parcel.carrier,
        "shipment_status": None, "location_id": 9_112_233_445_566_778, "origin_address": None,
        "email": order.customer.email, "destination": _address(order),
        "line_items": [_line(order, i, line) for i, line in enumerate(order.lines)],
        **_tracking(parcel), "receipt": {}, "name": f"{order.number}.{n + 1}",
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{parcel.id}",
    }  # fmt: skip


def _head(order: Order, domain: str) -> dict[str, Any]:
    number = int(order.number.lstrip("#"))
    token = f"{order.id:x}"
    return {
        "id": order.id, "admin_graphql_api_id": f"gid://shopify/Order/{order.id}", "app_id": 580_111,
        "browser_ip": "127.0.0.1", "buyer_accepts_marketing": False,
        "cancel_reason": "customer" if order.cancelled else None, "cancelled_at": _at(order.cancelled),
        "cart_token": f"cart{token}", "checkout_token": f"chk{token}",
        "client_details": {"accept_language": "de-DE", "browser_height": None, "browser_ip": "127.0.0.1",
                           "browser_width": None, "session_hash": None,
                           "user_agent": "Mozilla/5.0 Testkundschaft"},
        "closed_at": None, "company": None, "confirmation_number": f"LB{number}", "confirmed": True,
        "contact_email": order.customer.email, "created_at": _at(order.created), "currency": "EUR",
        "customer_locale": "de-DE", "device_id": None, "discount_codes": [], "duties_included": False,
        "email": order.customer.email, "estimated_taxes": False, "financial_status": _financial(order),
        "fulfillment_status": "fulfilled" if order.parcels else None, "landing_site": "/",
        "landing_site_ref": None,
        "location_id": None, "merchant_business_entity_id": "MTEwMDAwMDAwMDAx",
        "merchant_of_record_app_id": None,
        "name": order.number, "note": None, "note_attributes": _attributes(order), "number": number - 1000,
        "order_number": number,
        "order_status_url": f"https://{domain}/orders/{token}/authenticate?key=sandbox",
        "payment_gateway_names": ["shopify_payments" if order.prepaid else "bank_deposit"],
        "phone": None, "po_number": None,
        "presentment_currency": "EUR",
        "processed_at": _at(order.created), "reference": None, "referring_site": "",
        "source_identifier": None,
        "source_name": "web", "source_url": None, "tags": "", "tax_exempt": False, "taxes_included": True,
        "test": False, "token": token, "updated_at": _at(order.modified), "user_id": None,
    }  # fmt: skip


def _sums(order: Order) -> dict[str, Any]:
    tax = gross_tax(order.goods) + gross_tax(SHIPPING)
    nothing = Decimal(0)
    amounts = {
        "current_subtotal_price": order.goods, "current_total_discounts": nothing,
        "current_total_price": order.total, "current_total_tax": tax, "subtotal_price": order.goods,
        "total_discounts": nothing, "total_line_items_price": order.goods, "total_price": order.total,
        "total_tax": tax,
    }  # fmt: skip
    sums: dict[str, Any] = {}
    for name, amount in amounts.items():
        sums[name] = _money(amount)
        sums[f"{name}_set"] = _set(amount)
    grams = sum(line.product.grams * line.quantity for line in order.lines)
    return sums | {
        "current_total_additional_fees_set": None, "current_total_duties_set": None,
        "original_total_additional_fees_set": None, "original_total_duties_set": None,
        "total_cash_rounding_payment_adjustment_set": _set(nothing),
        "total_cash_rounding_refund_adjustment_set": _set(nothing),
        "total_outstanding": _money(nothing if order.paid else order.total),
        "total_shipping_price_set": _set(SHIPPING), "total_tip_received": "0.00", "total_weight": grams,
        "tax_lines": [_tax(tax)],
    }  # fmt: skip


def _people(order: Order) -> dict[str, Any]:
    who = order.customer
    address = _address(order)
    return {"billing_address": address, "shipping_address": address, "customer": _customer(order, who)}


def _customer(order: Order, who: Customer) -> dict[str, Any]:
    # since 2025-01 without tags, consent blocks and purchase sums
    customer_id = customer_number(who)
    default = {
        "id": customer_id + 2, "customer_id": customer_id, "company": None, "name": who.name,
        "country_name": "Germany", "default": True, **_address(order),
    }  # fmt: skip
    for name in ("latitude", "longitude"):
        default.pop(name)
    return {
        "id": customer_id, "created_at": _at(order.created), "updated_at": _at(order.modified),
        "first_name": who.first_name, "last_name": who.last_name, "state": "disabled", "note": None,
        "verified_email": True, "multipass_identifier": None, "tax_exempt": False, "email": who.email,
        "phone": None, "currency": "EUR", "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer_id}", "default_address": default,
    }  # fmt: skip


def customer_number(who: Customer) -> int:
    """A customer id beyond 2^53, the same for every order of this customer."""
    return 9_115_310_627_314_700_001 + int(who.e164[-4:]) * 10


def _contents(order: Order) -> dict[str, Any]:
    return {
        "discount_applications": [],
        "fulfillments": [fulfillment_body(order, n) for n in range(len(order.parcels))],
        "line_items": [_line(order, n, line) for n, line in enumerate(order.lines)],
        "payment_terms": None, "refunds": [], "shipping_lines": [_shipping(order)], "returns": [],
    }  # fmt: skip


def _attributes(order: Order) -> list[dict[str, str]]:
    if order.consent is None:
        return []
    values = {"whatsapp_optin": "yes" if order.consent else "no"}
    if order.consent:
        values |= {"whatsapp_optin_version": WORDING_VERSION, "whatsapp_optin_wording": order.wording}
    return [{"name": name, "value": value} for name, value in values.items()]


def _financial(order: Order) -> str:
    if order.cancelled:
        return "refunded" if order.paid else "voided"
    return "paid" if order.paid else "pending"


def _tracking(parcel: Parcel) -> dict[str, Any]:
    return {
        "tracking_number": parcel.number, "tracking_numbers": [parcel.number],
        "tracking_url": parcel.url, "tracking_urls": [parcel.url],
    }  # fmt: skip


def _address(order: Order) -> dict[str, Any]:
    who = order.customer
    return {
        "first_name": who.first_name, "address1": who.street, "phone": order.phone, "city": who.city,
        "zip": who.postcode, "province": None, "country": "Germany", "last_name": who.last_name,
        "address2": None,
        "company": None, "latitude": None, "longitude": None, "name": who.name, "country_code": "DE",
        "province_code": None,
    }  # fmt: skip


def _line(order: Order, n: int, line: Line) -> dict[str, Any]:
    line_id = order.id + 10_000 + n
    product = line.product
    return {
        "id": line_id, "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}", "attributed_staffs": [],
        "current_quantity": line.quantity, "fulfillable_quantity": 0 if order.parcels else line.quantity,
        "fulfillment_service": "manual", "fulfillment_status": "fulfilled" if order.parcels else None,
        "gift_card": False, "grams": product.grams, "name": product.name, "price": _money(product.price),
        "price_set": _set(product.price), "product_exists": True, "product_id": product.id, "properties": [],
        "quantity": line.quantity, "requires_shipping": True, "sales_line_item_group_id": None,
        "sku": product.sku, "taxable": True, "title": product.name, "total_discount": "0.00",
        "total_discount_set": _set(Decimal(0)), "variant_id": product.id + 500,
        "variant_inventory_management": "shopify", "variant_title": None, "vendor": "Teeladen Beispiel",
        "tax_lines": [_tax(gross_tax(line.total))], "duties": [], "discount_allocations": [],
    }  # fmt: skip


def _shipping(order: Order) -> dict[str, Any]:
    return {
        "id": order.id + 20_000, "carrier_identifier": None, "code": "Standard",
        "current_discounted_price_set": _set(SHIPPING), "discounted_price": _money(SHIPPING),
        "discounted_price_set": _set(SHIPPING), "is_removed": False, "phone": None, "price": _money(SHIPPING),
        "price_set": _set(SHIPPING), "requested_fulfillment_service_id": None, "source": "shopify",
        "title": "Standard", "tax_lines": [_tax(gross_tax(SHIPPING))], "discount_allocations": [],
    }  # fmt: skip


def _tax(amount: Decimal) -> dict[str, Any]:
    return {"price": _money(amount), "rate": 0.07, "title": "DE MwSt", "price_set": _set(amount),
            "channel_liable": False}  # fmt: skip


def _set(amount: Decimal) -> dict[str, Any]:
    money = {"amount": _money(amount), "currency_code": "EUR"}
    return {"shop_money": money, "presentment_money": money}


def _money(value: Decimal) -> str:
    return str(value.quantize(CENT))


def _at(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).astimezone(SHOP_ZONE).isoformat(timespec="seconds") if moment else None
