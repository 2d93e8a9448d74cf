"""Webhook bodies in the shapes of the API versions 2023 to 2026-10 (docs/reference/shopify.md section 4)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.sandbox.shopify.records import CENT, Address, Customer, Line, Money, Order, Parcel

SHOP_ZONE: Final = ZoneInfo("Europe/Berlin")
VAT: Final = Decimal("0.07")
#: since then customers lack tags, consents and sums
SLIM_CUSTOMERS: Final = "2025-01"
#: since then orders lack checkout_id, checkouts lack id
TOKENS_ONLY: Final = "2026-04"


def encode(body: Any) -> bytes:
    """Compact JSON with the letters as they are."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def order_body(order: Order, domain: str, version: str = "2026-10") -> dict[str, Any]:
    """The body of orders/create, paid, updated, fulfilled and cancelled."""
    customer = customer_body(order.customer, version) if order.customer else None
    body: dict[str, Any] = {**_head(order, domain), **_sums(order), **_contents(order), "customer": customer}
    if version < TOKENS_ONLY:
        body["checkout_id"] = order.id + 5
    return body


def parcel_body(parcel: Parcel) -> dict[str, Any]:
    """The body of fulfillments/create and update."""
    order, first = parcel.order, parcel.tracking[0] if parcel.tracking else None
    numbers = [t.number for t in parcel.tracking if t.number]
    urls = [t.url for t in parcel.tracking if t.url]
    return {
        "id": parcel.id, "order_id": order.id, "status": "cancelled" if parcel.cancelled else "success",
        "created_at": at(parcel.created), "service": "manual", "updated_at": at(parcel.updated),
        "tracking_company": first.carrier if first else None,
        "shipment_status": parcel.steps[-1].status.lower() if parcel.steps else None,
        "location_id": 9_112_233_445_566_778, "origin_address": None, "email": order.email,
        "destination": address_body(order.shipping),
        "line_items": [_line(order, line) | {"quantity": quantity} for line, quantity in parcel.lines],
        "tracking_number": numbers[0] if numbers else None, "tracking_numbers": numbers,
        "tracking_url": urls[0] if urls else None, "tracking_urls": urls,
        "receipt": {}, "name": parcel.name, "admin_graphql_api_id": f"gid://shopify/Fulfillment/{parcel.id}",
    }  # fmt: skip


def customer_body(customer: Customer, version: str = "2026-10") -> dict[str, Any]:
    """The body of customers/*, and the customer inside an order."""
    default = None
    if customer.address:
        default = {
            "id": customer.id + 2, "customer_id": customer.id, "company": None, "country_name": "Germany",
            "default": True, **_without_place(address_body(customer.address) or {}),
        }  # fmt: skip
    body: dict[str, Any] = {
        "id": customer.id, "created_at": at(customer.created), "updated_at": at(customer.updated),
        "first_name": customer.first_name, "last_name": customer.last_name, "state": "disabled", "note": None,
        "verified_email": True, "multipass_identifier": None, "tax_exempt": False, "email": customer.email,
        "phone": customer.phone, "currency": "EUR", "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer.id}", "default_address": default,
    }  # fmt: skip
    return body if version >= SLIM_CUSTOMERS else body | _fat(customer)


def _fat(customer: Customer) -> dict[str, Any]:
    consent = {"state": customer.sms.state.lower(), "opt_in_level": None, "consent_updated_at": at(customer.sms.at),
               "consent_collected_from": "SHOPIFY"}  # fmt: skip
    return {
        "tags": ", ".join(customer.tags), "orders_count": 1, "total_spent": "0.00", "last_order_id": None,
        "last_order_name": None, "accepts_marketing": False, "marketing_opt_in_level": None,
        "email_marketing_consent": {"state": "not_subscribed", "opt_in_level": None, "consent_updated_at": None},
        "sms_marketing_consent": consent if customer.phone else None,
    }  # fmt: skip


def _without_place(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name not in ("latitude", "longitude")}


def _head(order: Order, domain: str) -> dict[str, Any]:
    number = int(order.number.lstrip("#"))
    token = f"{order.id:x}"
    return {
        "id": order.id, "admin_graphql_api_id": f"gid://shopify/Order/{order.id}", "app_id": 580_111,
        "browser_ip": "127.0.0.1", "buyer_accepts_marketing": False,
        "cancel_reason": "customer" if order.cancelled else None, "cancelled_at": at(order.cancelled),
        "cart_token": order.cart_token, "checkout_token": order.checkout_token,
        "client_details": {"accept_language": "de-DE", "browser_height": None, "browser_ip": "127.0.0.1",
                           "browser_width": None, "session_hash": None,
                           "user_agent": "Mozilla/5.0 Testkundschaft"},
        "closed_at": at(order.closed), "company": None, "confirmation_number": f"LB{number}", "confirmed": True,
        "contact_email": order.email, "created_at": at(order.created), "currency": order.money.shop,
        "customer_locale": order.locale, "device_id": None,
        "discount_codes": [{"code": code, "amount": "0.00", "type": "percentage"} for code in order.codes],
        "duties_included": False, "email": order.email, "estimated_taxes": False,
        "financial_status": order.financial.lower(), "fulfillment_status": _fulfilment(order), "landing_site": "/",
        "landing_site_ref": None, "location_id": None, "merchant_business_entity_id": "MTEwMDAwMDAwMDAx",
        "merchant_of_record_app_id": None, "name": order.number, "note": None,
        "note_attributes": _attributes(order.attributes), "number": number - 1000, "order_number": number,
        "order_status_url": f"https://{domain}/orders/{token}/authenticate?key=sandbox",
        "payment_gateway_names": [order.gateway], "phone": order.phone, "po_number": None,
        "presentment_currency": order.money.shown, "processed_at": at(order.processed), "reference": None,
        "referring_site": "", "source_identifier": None, "source_name": order.source, "source_url": None,
        "tags": ", ".join(order.tags), "tax_exempt": False, "taxes_included": True, "test": order.test,
        "token": token, "updated_at": at(order.updated), "user_id": None,
    }  # fmt: skip


def _sums(order: Order) -> dict[str, Any]:
    tax, nothing = _tax_of(order.total), Decimal(0)
    amounts = {
        "current_subtotal_price": order.goods, "current_total_discounts": nothing,
        "current_total_price": order.total - order.refunded, "current_total_tax": tax,
        "subtotal_price": order.goods, "total_discounts": nothing, "total_line_items_price": order.goods,
        "total_price": order.total, "total_tax": tax,
    }  # fmt: skip
    sums: dict[str, Any] = {}
    for name, amount in amounts.items():
        sums[name] = money(amount)
        sums[f"{name}_set"] = _set(amount, order.money)
    grams = sum(line.product.grams * line.quantity for line in order.lines)
    return sums | {
        "current_total_additional_fees_set": None, "current_total_duties_set": None,
        "original_total_additional_fees_set": None, "original_total_duties_set": None,
        "total_cash_rounding_payment_adjustment_set": _set(nothing, order.money),
        "total_cash_rounding_refund_adjustment_set": _set(nothing, order.money),
        "total_outstanding": money(nothing if order.paid else order.total),
        "total_shipping_price_set": _set(order.delivery, order.money), "total_tip_received": "0.00",
        "total_weight": grams, "tax_lines": [_tax(tax, order.money)],
    }  # fmt: skip


def _contents(order: Order) -> dict[str, Any]:
    return {
        "billing_address": address_body(order.billing), "shipping_address": address_body(order.shipping),
        "discount_applications": [], "fulfillments": [parcel_body(parcel) for parcel in order.parcels],
        "line_items": [_line(order, line) for line in order.lines], "payment_terms": None,
        "refunds": [refund_body(order, n) for n in range(len(order.refunds))],
        "shipping_lines": [_shipping(order)], "returns": [],
    }  # fmt: skip


def refund_body(order: Order, n: int) -> dict[str, Any]:
    """The body of refunds/create."""
    refund = order.refunds[n]
    return {
        "id": refund.id, "admin_graphql_api_id": f"gid://shopify/Refund/{refund.id}", "order_id": order.id,
        "created_at": at(refund.at), "processed_at": at(refund.at), "note": refund.note, "user_id": None,
        "restock": False, "refund_line_items": [], "order_adjustments": [], "duties": [],
        "transactions": [{"id": refund.id + 1, "kind": "refund", "status": "success", "order_id": order.id,
                          "amount": money(refund.amount), "currency": order.money.shop}],
    }  # fmt: skip


def _fulfilment(order: Order) -> str | None:
    return {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}.get(order.fulfilment)


def _attributes(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in attributes.items()]


def address_body(address: Address | None) -> dict[str, Any] | None:
    """A billing or shipping address."""
    if address is None:
        return None
    return {
        "first_name": address.first_name, "address1": address.street, "phone": address.phone, "city": address.city,
        "zip": address.postcode, "province": None, "country": "Germany", "last_name": address.last_name,
        "address2": None, "company": None, "latitude": None, "longitude": None, "name": address.name,
        "country_code": address.country, "province_code": None,
    }  # fmt: skip


def _line(order: Order, line: Line) -> dict[str, Any]:
    product, variant = line.product, line.product.variants[0]
    left = {one.id: quantity for one, quantity in order.left()}.get(line.id, 0)
    return {
        "id": line.id, "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}", "attributed_staffs": [],
        "current_quantity": line.current, "fulfillable_quantity": left, "fulfillment_service": "manual",
        "fulfillment_status": None if left == line.current else "partial" if left else "fulfilled",
        "gift_card": False, "grams": product.grams, "name": product.title, "price": money(product.price),
        "price_set": _set(product.price, line.money), "product_exists": True, "product_id": product.id,
        "properties": [], "quantity": line.quantity, "requires_shipping": True, "sales_line_item_group_id": None,
        "sku": variant.sku, "taxable": True, "title": product.title, "total_discount": "0.00",
        "total_discount_set": _set(Decimal(0), line.money), "variant_id": variant.id,
        "variant_inventory_management": "shopify", "variant_title": None, "vendor": "Teeladen Beispiel",
        "tax_lines": [_tax(_tax_of(line.total), line.money)], "duties": [], "discount_allocations": [],
    }  # fmt: skip


def _shipping(order: Order) -> dict[str, Any]:
    price = _set(order.delivery, order.money)
    return {
        "id": order.id + 20_000, "carrier_identifier": None, "code": "Standard",
        "current_discounted_price_set": price, "discounted_price": money(order.delivery),
        "discounted_price_set": price, "is_removed": False, "phone": None, "price": money(order.delivery),
        "price_set": price, "requested_fulfillment_service_id": None, "source": "shopify",
        "title": "Abholung" if order.pickup else "Standard",
        "tax_lines": [_tax(_tax_of(order.delivery), order.money)], "discount_allocations": [],
    }  # fmt: skip


def _tax_of(gross: Decimal) -> Decimal:
    return (gross - gross / (1 + VAT)).quantize(CENT)


def _tax(amount: Decimal, currencies: Money) -> dict[str, Any]:
    return {"price": money(amount), "rate": 0.07, "title": "DE MwSt", "price_set": _set(amount, currencies),
            "channel_liable": False}  # fmt: skip


def _set(amount: Decimal, currencies: Money) -> dict[str, Any]:
    return {
        "shop_money": {"amount": money(amount), "currency_code": currencies.shop},
        "presentment_money": {"amount": money(amount * currencies.rate), "currency_code": currencies.shown},
    }


def money(value: Decimal) -> str:
    """With two digits, as webhooks write it."""
    return str(value.quantize(CENT))


def at(moment: datetime | None) -> str | None:
    """In the shop's own time zone, by the second."""
    return moment.astimezone(UTC).astimezone(SHOP_ZONE).isoformat(timespec="seconds") if moment else None
