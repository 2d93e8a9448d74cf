"""Routes of orders: the list that is polled, single orders, refunds and notes."""

from decimal import Decimal, InvalidOperation
from typing import Any

from integration.sandbox.woocommerce.goods_body import refund_body
from integration.sandbox.woocommerce.listing import Answer, absent, dated, links, ordered, page, parsed
from integration.sandbox.woocommerce.model import STATUSES, WooOrder
from integration.sandbox.woocommerce.order_body import gmt, local
from integration.sandbox.woocommerce.params import Refused, boolean, checked, integer, one_of, some_of, text
from integration.sandbox.woocommerce.rest import Call, Route


def orders(call: Call) -> Answer:
    """The list. `any`, the default, contains drafts and leaves the trash out (measured)."""
    known = (*STATUSES, *call.shop.statuses)
    more = {"status": some_of(("any", "trash", *known)), "customer": integer(0), "product": integer(0)}
    query = parsed(call.query, more)
    wanted = query.get("status") or ["any"]
    rows = [row for row in call.shop.orders if _wanted(row, wanted)]
    if "customer" in query:
        rows = [row for row in rows if row.customer_id == query["customer"]]
    if "product" in query:
        rows = [row for row in rows if any(line.product.id == query["product"] for line in row.lines)]
    if query.get("search"):
        rows = [row for row in rows if query["search"].lower() in _searched(row)]
    return page(ordered(dated(rows, query), query), query, call.shop.shown)


def order(call: Call) -> Answer:
    """One order; one in the trash says so."""
    return Answer(call.shop.shown(_order(call)))


def change(call: Call) -> Answer:
    """Status, note and meta. Any of it moves the date and fires order.updated, an empty PUT too (measured)."""
    row = _order(call)
    given = checked(call.body, {"status": one_of((*STATUSES, *call.shop.statuses)), "customer_note": text})
    row.note = given.get("customer_note", row.note)
    for entry in call.body.get("meta_data", []):
        _keep(row, str(entry.get("key", "")), entry.get("value"))
    if given.get("status", row.status) != row.status:
        call.shop.set_status(row, given["status"])
    else:
        call.shop.touch(row)
    return Answer(call.shop.shown(row))


def delete(call: Call) -> Answer:
    """Into the trash, or with `force` away for good. The answer still shows the old status (measured)."""
    row = _order(call)
    body = call.shop.shown(row)
    if checked(call.given, {"force": boolean}).get("force"):
        call.shop.delete(row)
    else:
        call.shop.trash(row)
    return Answer(body)


def refunds(call: Call) -> Answer:
    """What was given back."""
    row = _order(call)
    bodies = [refund_body(refund, row.id, call.shop.site) for refund in row.refunds]
    return Answer(bodies, headers={"X-WP-Total": str(len(bodies)), "X-WP-TotalPages": str(min(1, len(bodies)))})


def give_back(call: Call) -> Answer:
    """A refund; more than is left is refused."""
    row = _order(call)
    try:
        amount = Decimal(str(call.body.get("amount", "0")))
    except InvalidOperation:
        amount = Decimal(0)
    if not 0 < amount <= row.total - row.refunded:
        raise Refused(400, "woocommerce_rest_invalid_order_refund", "Invalid refund amount.")
    refund = call.shop.refund(row, amount, str(call.body.get("reason", "")))
    # the pattern instead of the number is what the shop really writes (measured)
    place = f"{call.shop.site}/wp-json/wc/v3/orders/(?P<order_id>[\\d]+)/refunds/{refund.id}"
    return Answer(refund_body(refund, row.id, call.shop.site), 201, {"Location": place})


def notes(call: Call) -> Answer:
    """The notes of an order."""
    return Answer([_note(call, n, words) for n, words in enumerate(_order(call).notes)])


def write_note(call: Call) -> Answer:
    """A note; it does not move the order's date (measured)."""
    row = _order(call)
    row.notes.append(str(call.body.get("note", "")))
    note = _note(call, len(row.notes) - 1, row.notes[-1])
    return Answer(note, 201, {"Location": note["_links"]["self"][0]["href"]})


def _wanted(row: WooOrder, wanted: list[str]) -> bool:
    if row.status in wanted:
        return True
    return "any" in wanted and row.status not in ("trash", "auto-draft")


def _searched(row: WooOrder) -> str:
    values = [str(row.id), *row.billing.values(), *row.shipping.values(), *(line.product.name for line in row.lines)]
    return " ".join(values).lower()


def _order(call: Call) -> WooOrder:
    row = call.shop.orders.get(call.ids[0])
    if row is None:
        raise absent("woocommerce_rest_shop_order_invalid_id")
    return row


def _keep(row: WooOrder, key: str, value: Any) -> None:
    """Meta as it comes back: booleans and numbers as text, null not at all (measured)."""
    if value is None:
        row.meta.pop(key, None)
    elif isinstance(value, list | dict):
        row.meta[key] = value
    else:
        row.meta[key] = "" if value is False else "1" if value is True else str(value)


def _note(call: Call, n: int, words: str) -> dict[str, Any]:
    row, now = _order(call), call.shop.now()
    path = f"wc/v3/orders/{row.id}"
    number = row.id * 100 + n
    return {
        "id": number, "author": "WooCommerce", "date_created": local(now), "date_created_gmt": gmt(now),
        "note": words, "customer_note": False,
        "_links": links(call.shop.site, f"{path}/notes/{number}", f"{path}/notes", path, ("GET", "DELETE")),
    }  # fmt: skip


ROUTES = (
    Route("wc/v3/orders", {"GET": orders}, also=("POST",)),
    Route("wc/v3/orders/<id>", {"GET": order, "PUT": change, "DELETE": delete}),
    Route("wc/v3/orders/<id>/refunds", {"GET": refunds, "POST": give_back}),
    Route("wc/v3/orders/<id>/notes", {"GET": notes, "POST": write_note}),
)
