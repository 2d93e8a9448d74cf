"""Parcels in their three places: core fulfilments, Advanced Shipment Tracking, Shiptastic."""

from datetime import datetime
from typing import Any

from integration.sandbox.orders import CENT, Line, Parcel
from integration.sandbox.woocommerce.listing import PAGING, Answer, absent, page
from integration.sandbox.woocommerce.model import Shipment, WooOrder
from integration.sandbox.woocommerce.order_body import gmt, local, tracking
from integration.sandbox.woocommerce.params import SITE_ZONE, BadParam, checked, one_of, text
from integration.sandbox.woocommerce.rest import Call, Route, links

SHIPMENT_STATUSES = ("draft", "processing", "ready-for-shipping", "shipped", "delivered", "requested")


def fulfillments(call: Call) -> Answer:
    """Core fulfilments of an order. `date_updated` is the shop's time and does not say so (measured)."""
    row = _order(call)
    return Answer([_fulfillment(row, one) for one in row.fulfillments])


def trackings(call: Call) -> Answer:
    """Advanced Shipment Tracking's own route: no provider, no link for providers that the shop does not know."""
    row = _order(call)
    return Answer([_tracking(call, row, n) for n in range(len(row.parcels))])


def track(call: Call) -> Answer:
    """Add a number; `status_shipped` 1 completes the order."""
    row, body = _order(call), call.body
    carrier = str(body.get("tracking_provider") or body.get("custom_tracking_provider", ""))
    parcel = Parcel(
        row.id * 10 + len(row.parcels), carrier, str(body.get("tracking_number", "")),
        str(body.get("custom_tracking_link", "")), call.shop.now(),
    )  # fmt: skip
    row.parcels.append(parcel)
    if str(body.get("status_shipped")) == "1":
        call.shop.set_status(row, "completed")
    else:
        call.shop.touch(row)
    n = len(row.parcels) - 1
    path = f"wc-shipment-tracking/v3/orders/{row.id}/shipment-trackings/{n}"
    return Answer(_tracking(call, row, n), 201, {"Location": f"{call.shop.site}/wp-json/{path}"})


def shipments(call: Call) -> Answer:
    """Shiptastic's list: each row is wrapped in data, headers and status (measured)."""
    query = checked(call.query, PAGING | {"order_id": _as_text})
    pairs = [
        (one, row) for row in call.shop.orders for one in row.shipments
        if query.get("order_id", str(row.id)) == str(row.id)
    ]  # fmt: skip
    answer = page([_Pair(one, row) for one, row in pairs], query, _wrapped)
    return Answer(answer.body, headers=answer.headers)


def change_shipment(call: Call) -> Answer:
    """A new status moves the order, a corrected number does not (measured)."""
    one, row = _shipment(call)
    given = checked(call.body, {"status": one_of(SHIPMENT_STATUSES), "tracking_id": text})
    one.number = given.get("tracking_id", one.number)
    one.updated = call.shop.now()
    if given.get("status", one.status) != one.status:
        one.status = given["status"]
        one.sent = one.sent or (call.shop.now() if one.status == "shipped" else None)
        call.shop.touch(row)
    path = f"wc/v3/shipments/{one.id}"
    return Answer(shipment_body(row, one, rounded=False) | {"_links": links(call.shop.site, path, "wc/v3/shipments")})


def with_shipments(body: dict[str, Any], row: WooOrder) -> dict[str, Any]:
    """Shiptastic puts its keys before all others."""
    done = [one.status for one in row.shipments if one.status in ("shipped", "delivered")]
    whole = "partially-" if len(row.lines) > len(row.shipments) else ""
    word = "delivered" if done and set(done) == {"delivered"} else "shipped"
    return {
        "shipments": [shipment_body(row, one, rounded=True) for one in row.shipments],
        "shipping_status": f"{whole}{word}" if done else "not-shipped",
        "return_status": "not-returned" if done else "no-return-needed",
        "shipping_provider": "", "pickup_location_code": "", "pickup_location_customer_number": "", **body,
    }  # fmt: skip


def shipment_body(row: WooOrder, one: Shipment, *, rounded: bool) -> dict[str, Any]:
    """A shipment: rounded inside an order, with all decimals on its own route (measured)."""
    line = row.lines[row.shipments.index(one) % len(row.lines)]
    total = str(line.total.quantize(CENT)) if rounded else str(line.total.normalize())
    zero = "0.00" if rounded else "0"
    return {
        "id": one.id, "shipment_number": str(one.id), "date_created": local(one.created),
        "date_created_gmt": gmt(one.created), "date_sent": local(one.sent), "date_sent_gmt": gmt(one.sent),
        "est_delivery_date": None, "est_delivery_date_gmt": None, "total": total, "subtotal": total,
        "additional_total": "4.90", "order_id": row.id, "order_number": row.number,
        "weight": zero, "content_weight": zero, "weight_unit": "kg", "packaging_id": 4, "packaging_weight": "0.01",
        "status": one.status, "type": "simple", "tracking_id": one.number, "tracking_url": one.url,
        "tracking_instruction": "", "shipping_provider": "", "shipping_provider_title": "", "packing_slip_path": "",
        "commercial_invoice_path": "", **_sizes(zero), "dimension_unit": "cm", "address": _address(row),
        "billing_address": _address(row), "sender_address": _sender(), "is_customer_requested": False,
        "items": [_item(row, line, total, zero)], "meta_data": [],
    }  # fmt: skip


class _Pair:
    """A shipment with its order, as a row of a list."""

    def __init__(self, one: Shipment, row: WooOrder) -> None:
        self.id, self.created, self.modified = one.id, one.created, one.updated
        self.one, self.row = one, row


def _wrapped(pair: _Pair) -> dict[str, Any]:
    return {"data": shipment_body(pair.row, pair.one, rounded=False), "headers": [], "status": 200}


def _as_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadParam("rest_invalid_type", f"{name} is not of type string.", {"param": name})
    return value


def _order(call: Call) -> WooOrder:
    row = call.shop.orders.get(call.ids[0])
    if row is None:
        raise absent("woocommerce_rest_shop_order_invalid_id")
    return row


def _shipment(call: Call) -> tuple[Shipment, WooOrder]:
    for row in call.shop.orders:
        for one in row.shipments:
            if one.id == call.ids[0]:
                return one, row
    raise absent("woocommerce_rest_shipment_invalid_id")


def _fulfillment(row: WooOrder, one: Shipment) -> dict[str, Any]:
    values = {
        "_items": [{"item_id": row.id * 10 + n, "qty": line.quantity} for n, line in enumerate(row.lines)],
        "_tracking_number": one.number, "_shipment_provider": one.carrier.lower(), "_tracking_url": one.url,
        "_date_fulfilled": _naive(one.created),
    }  # fmt: skip
    meta = [{"id": one.id * 10 + n, "key": key, "value": value} for n, (key, value) in enumerate(values.items())]
    return {
        "id": one.id, "entity_type": "WC_Order", "entity_id": str(row.id), "is_fulfilled": True,
        "status": one.status, "date_updated": _naive(one.updated), "meta_data": meta,
    }  # fmt: skip


def _naive(at: datetime) -> str:
    return at.astimezone(SITE_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _tracking(call: Call, row: WooOrder, n: int) -> dict[str, Any]:
    found = tracking(row, n)
    path = f"wc-shipment-tracking/v3/orders/{row.id}"
    single = f"{path}/shipment-trackings/{found['tracking_id']}"
    return {
        "tracking_id": found["tracking_id"], "tracking_provider": "", "tracking_link": found["custom_tracking_link"],
        "tracking_number": found["tracking_number"], "date_shipped": f"{row.parcels[n].at:%Y-%m-%d}",
        "_links": links(call.shop.site, single, f"{path}/shipment-trackings", path, ("GET", "DELETE")),
    }  # fmt: skip


def _sizes(zero: str) -> dict[str, Any]:
    size = {"length": zero, "width": zero, "height": zero}
    return {"content_dimensions": size, "dimensions": size, "package_dimensions": size}


def _address(row: WooOrder) -> dict[str, str]:
    return row.shipping | {"email": row.customer.email, "customs_reference_number": "", "vat_id": ""}


def _sender() -> dict[str, Any]:
    return {
        "company": "Kaffeeladen Beispiel", "first_name": None, "last_name": None, "address_1": "Musterweg 9",
        "address_2": "", "postcode": "10115", "city": "Berlin", "country": "DE", "state": "DE-BE",
        "email": "laden@example.com", "phone": None, "customs_reference_number": "", "vat_id": "",
    }  # fmt: skip


def _item(row: WooOrder, line: Line, total: str, zero: str) -> dict[str, Any]:
    number = row.lines.index(line)
    return {
        "id": row.id * 10 + number, "name": line.product.name, "order_item_id": row.id * 10 + number,
        "product_id": line.product.id, "sku": line.product.sku, "global_unique_id": "", "quantity": line.quantity,
        "total": total, "subtotal": total, "weight": zero,
        "dimensions": {"length": zero, "width": zero, "height": zero}, "hs_code": "", "mid_code": "",
        "customs_description": "", "manufacture_country": "DE", "parent_id": 0, "item_parent_id": 0,
        "attributes": [""], "meta_data": [],
    }  # fmt: skip


ROUTES = (
    Route("wc/v3/orders/<id>/fulfillments", {"GET": fulfillments}, needs="fulfillments", also=("POST",)),
    Route("wc-shipment-tracking/v3/orders/<id>/shipment-trackings", {"GET": trackings, "POST": track}, needs="ast"),
    Route("wc/v3/shipments", {"GET": shipments}, needs="shiptastic", also=("POST",)),
    Route("wc/v3/shipments/<id>", {"PUT": change_shipment}, needs="shiptastic", also=("GET", "DELETE")),
)
