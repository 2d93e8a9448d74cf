"""Parcels in their three places: core fulfilments, Advanced Shipment Tracking, Shiptastic."""

from datetime import datetime
from typing import Any

from integration.sandbox.orders import Parcel
from integration.sandbox.woocommerce.listing import PAGING, Answer, absent, links, page
from integration.sandbox.woocommerce.model import Shipment, WooOrder
from integration.sandbox.woocommerce.order_body import tracking
from integration.sandbox.woocommerce.params import SITE_ZONE, BadParam, checked, one_of, text
from integration.sandbox.woocommerce.parcels_body import shipment_body
from integration.sandbox.woocommerce.rest import Call, Route

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


ROUTES = (
    Route("wc/v3/orders/<id>/fulfillments", {"GET": fulfillments}, needs="fulfillments", also=("POST",)),
    Route("wc-shipment-tracking/v3/orders/<id>/shipment-trackings", {"GET": trackings, "POST": track}, needs="ast"),
    Route("wc/v3/shipments", {"GET": shipments}, needs="shiptastic", also=("POST",)),
    Route("wc/v3/shipments/<id>", {"PUT": change_shipment}, needs="shiptastic", also=("GET", "DELETE")),
)
