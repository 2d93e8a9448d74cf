"""Brings an order as GraphQL answers it into the shape of a webhook body, so that both take one way."""

from collections.abc import Mapping
from typing import Any

from connectors.reading import Json, mapping, rows


def webhook_shape(node: Mapping[str, Any]) -> Json:
    """The node of `OrderDetails` as an orders/updated body, as far as we read one.

    Beside what a webhook says: when a parcel came to the door or to the counter, which only events tell.
    """
    parcels = rows(node.get("fulfillments"))
    return {
        "admin_graphql_api_id": node.get("id"),
        "name": node.get("name"),
        "order_number": node.get("number"),
        "created_at": node.get("createdAt"),
        "processed_at": node.get("processedAt"),
        "updated_at": node.get("updatedAt"),
        "cancelled_at": node.get("cancelledAt"),
        "test": node.get("test"),
        "source_name": node.get("sourceName"),
        "email": node.get("email"),
        "phone": node.get("phone"),
        "customer_locale": node.get("customerLocale"),
        "financial_status": node.get("displayFinancialStatus"),
        "fulfillment_status": node.get("displayFulfillmentStatus"),
        "payment_gateway_names": node.get("paymentGatewayNames"),
        "currency": node.get("currencyCode"),
        "checkout_token": node.get("checkoutToken"),
        "confirmation_number": node.get("confirmationNumber"),
        "discount_codes": [{"code": code} for code in node.get("discountCodes") or ()],
        "note_attributes": [_renamed(row, "name", "key") for row in rows(node.get("customAttributes"))],
        "total_price_set": money_shape(mapping(node.get("totalPriceSet"))),
        "customer": customer_shape(mapping(node.get("customer"))),
        "billing_address": address_shape(mapping(node.get("billingAddress"))),
        "shipping_address": address_shape(mapping(node.get("shippingAddress"))),
        "line_items": [_line(row) for row in rows(mapping(node.get("lineItems")).get("nodes"))],
        "fulfillments": [_fulfillment(row) for row in parcels],
        "ready_for_pickup_at": next(
            (at for row in parcels if (at := _reached(row, "READY_FOR_PICKUP"))), node.get("laidOutAt")
        ),
        "refunds": [_refund(row, _given_back(node)) for row in rows(node.get("refunds"))],
    }


def _renamed(row: Json, new: str, old: str) -> Json:
    return {new: row.get(old), "value": row.get("value")}


def money_shape(money: Json) -> Json:
    shown = mapping(money.get("presentmentMoney")) or mapping(money.get("shopMoney"))
    return {"presentment_money": {"amount": shown.get("amount"), "currency_code": shown.get("currencyCode")}}


def customer_shape(row: Json) -> Json:
    return {
        "admin_graphql_api_id": row.get("id"),
        "first_name": row.get("firstName"),
        "last_name": row.get("lastName"),
        "phone": mapping(row.get("defaultPhoneNumber")).get("phoneNumber"),
        "email": mapping(row.get("defaultEmailAddress")).get("emailAddress"),
        "default_address": address_shape(mapping(row.get("defaultAddress"))),
    }


def address_shape(row: Json) -> Json:
    return {
        "first_name": row.get("firstName"),
        "last_name": row.get("lastName"),
        "name": row.get("name"),
        "phone": row.get("phone"),
        "country_code": row.get("countryCodeV2"),
    }


def _line(row: Json) -> Json:
    kept = {name: row.get(name) for name in ("name", "title", "sku", "quantity")}
    return {"admin_graphql_api_id": row.get("id"), **kept}


def _fulfillment(row: Json) -> Json:
    tracking = rows(row.get("trackingInfo"))
    first = tracking[0] if tracking else {}
    return {
        "admin_graphql_api_id": row.get("id"),
        "status": row.get("status"),
        "shipment_status": row.get("displayStatus"),
        "created_at": row.get("createdAt"),
        "updated_at": row.get("updatedAt"),
        "tracking_company": first.get("company"),
        "tracking_url": first.get("url"),
        "tracking_numbers": [one.get("number") for one in tracking],
        "out_for_delivery_at": _reached(row, "OUT_FOR_DELIVERY"),
        "delivered_at": row.get("deliveredAt"),
        "estimated_delivery_at": row.get("estimatedDeliveryAt"),
    }


def _reached(row: Json, status: str) -> object:
    """When a parcel first had this status: by its events, else since its last change when it has it now."""
    events = rows(mapping(row.get("events")).get("nodes"))
    times = [event.get("happenedAt") for event in events if event.get("status") == status]
    return times[-1] if times else row.get("updatedAt") if row.get("displayStatus") == status else None


def _given_back(node: Mapping[str, Any]) -> Json:
    """What went back altogether, as the transaction that it was when there was one refund."""
    given = mapping(mapping(node.get("totalRefundedSet")).get("shopMoney"))
    return {"kind": "refund", "status": "success", "amount": given.get("amount"), "currency": given.get("currencyCode")}


def _refund(row: Json, back: Json) -> Json:
    return {"admin_graphql_api_id": row.get("id"), "created_at": row.get("createdAt"), "transactions": [back]}
