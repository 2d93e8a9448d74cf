"""A shipment of Shiptastic's as its routes and the order write it."""

from typing import Any

from integration.sandbox.orders import CENT, Line
from integration.sandbox.woocommerce.model import Shipment, WooOrder
from integration.sandbox.woocommerce.order_body import gmt, local


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
