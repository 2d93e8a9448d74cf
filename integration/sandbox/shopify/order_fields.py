"""Orders, their parcels and refunds, and abandoned checkouts, as GraphQL shows them."""

from typing import Any, Final

from integration.sandbox.shopify.call import (
    Args,
    Call,
    Fields,
    always,
    attribute,
    bag,
    gid,
    legacy,
    moment,
    pairs,
    shown,
)
from integration.sandbox.shopify.metafields import of_record
from integration.sandbox.shopify.paging import listed
from integration.sandbox.shopify.records import Checkout, Line, Order, Packing, Parcel, Share


def _listed(records: list[Any], call: Call, args: Args) -> dict[str, Any]:
    return listed(records, args, everything=call.everything)


def _cut(records: list[Any], _: Call, args: Args) -> list[Any]:
    return records[: args.get("first") or None]


def _status_page(order: Order, call: Call, _: Args) -> str:
    # the key is made on demand, expires and is used up: never store it
    return f"https://{call.shop.domain}/orders/{order.id:x}/authenticate?key={call.shop.token()[:12]}"


def _display(parcel: Parcel, _: Call, __: Args) -> str:
    if parcel.cancelled:
        return "CANCELED"
    return parcel.steps[-1].status if parcel.steps else "FULFILLED"


def _packing_state(order: Order) -> str:
    if order.cancelled:
        return "CANCELLED"
    if not order.left():
        return "CLOSED"
    return "IN_PROGRESS" if order.ready else "OPEN"


def _delivery(order: Order) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/DeliveryMethod/{order.id + 70_000}", "presentedName": None,
        "methodType": "PICK_UP" if order.pickup else "SHIPPING",
        "minDeliveryDateTime": None, "maxDeliveryDateTime": None,
    }  # fmt: skip


def _waiting(order: Order) -> list[Share]:
    left = {line.id: quantity for line, quantity in order.left()}
    return [Share(line.id + 60_000, line, line.quantity, left.get(line.id, 0)) for line in order.lines]


ORDER: Final[Fields] = {
    "id": gid("Order"), "legacyResourceId": legacy, "name": attribute("number"),
    "number": lambda o, _, __: int(o.number.lstrip("#")),
    "confirmationNumber": lambda o, _, __: f"LB{o.number.lstrip('#')}",
    "createdAt": moment("created"), "processedAt": moment("processed"), "updatedAt": moment("updated"),
    "cancelledAt": moment("cancelled"), "cancelReason": lambda o, _, __: "CUSTOMER" if o.cancelled else None,
    "closedAt": moment("closed"), "test": attribute("test"), "sourceName": attribute("source"),
    "email": attribute("email"), "phone": attribute("phone"), "customerLocale": attribute("locale"),
    "customerAcceptsMarketing": always(False), "displayFinancialStatus": attribute("financial"),
    "displayFulfillmentStatus": attribute("fulfilment"),
    "requiresShipping": lambda o, _, __: not o.pickup,
    "paymentGatewayNames": lambda o, _, __: [o.gateway], "note": always(None), "tags": attribute("tags"),
    "customAttributes": lambda o, _, __: pairs(o.attributes), "discountCodes": attribute("codes"),
    "currencyCode": lambda o, _, __: o.money.shop, "presentmentCurrencyCode": lambda o, _, __: o.money.shown,
    "totalPriceSet": lambda o, _, __: bag(o.total, o.money),
    "currentTotalPriceSet": lambda o, _, __: bag(o.total - o.refunded, o.money),
    "subtotalPriceSet": lambda o, _, __: bag(o.goods, o.money),
    "totalShippingPriceSet": lambda o, _, __: bag(o.delivery, o.money),
    "totalDiscountsSet": lambda o, _, __: bag(o.goods * 0, o.money),
    "totalRefundedSet": lambda o, _, __: bag(o.refunded, o.money),
    "totalTaxSet": lambda o, _, __: bag(o.total * 7 / 107, o.money),
    "checkoutToken": attribute("checkout_token"), "cartToken": attribute("cart_token"),
    "customer": attribute("customer"), "shippingAddress": attribute("shipping"),
    "billingAddress": attribute("billing"),
    "shippingLine": lambda o, _, __: {"id": f"gid://shopify/ShippingLine/{o.id + 20_000}", "code": "Standard",
                                      "title": "Abholung" if o.pickup else "Standard"},
    "lineItems": lambda o, call, args: _listed(o.lines, call, args),
    "fulfillments": lambda o, call, args: _cut(o.parcels, call, args),
    "fulfillmentsCount": lambda o, _, __: {"count": len(o.parcels), "precision": "EXACT"},
    "fulfillmentOrders": lambda o, call, args: _listed([Packing(o)], call, args),
    "refunds": lambda o, call, args: _cut(o.refunds, call, args),
    "statusPageUrl": _status_page, "edited": attribute("edited"),
    "fullyPaid": lambda o, _, __: bool(o.paid), "unpaid": lambda o, _, __: not o.paid,
    "metafield": of_record,
}  # fmt: skip


FULFILLMENT: Final[Fields] = {
    "id": gid("Fulfillment"), "legacyResourceId": legacy, "name": attribute("name"),
    "status": lambda p, _, __: "CANCELLED" if p.cancelled else "SUCCESS", "displayStatus": _display,
    "totalQuantity": lambda p, _, __: sum(q for _, q in p.lines),
    "createdAt": moment("created"), "updatedAt": moment("updated"), "estimatedDeliveryAt": always(None),
    "inTransitAt": lambda p, _, __: shown(p.reached("IN_TRANSIT")),
    "deliveredAt": lambda p, _, __: shown(p.reached("DELIVERED")),
    "trackingInfo": lambda p, call, args: _cut(
        [{"company": t.carrier, "number": t.number, "url": t.url} for t in p.tracking], call, args),
    "fulfillmentLineItems": lambda p, call, args: _listed(
        [Share(p.id + 100 + n, line, q, 0) for n, (line, q) in enumerate(p.lines)], call, args),
    "events": lambda p, call, args: _listed(p.steps, call, args), "order": attribute("order"),
}  # fmt: skip

STEP: Final[Fields] = {
    "id": gid("FulfillmentEvent"), "status": attribute("status"), "happenedAt": moment("at"),
    "createdAt": moment("at"), "message": always(None), "city": always(None), "country": always(None),
    "estimatedDeliveryAt": always(None),
}  # fmt: skip

FULFILLMENT_ORDER: Final[Fields] = {
    "id": gid("FulfillmentOrder"), "order": attribute("order"),
    "status": lambda p, _, __: _packing_state(p.order), "requestStatus": always("UNSUBMITTED"),
    "createdAt": lambda p, _, __: shown(p.order.created),
    "updatedAt": lambda p, _, __: shown(p.order.ready or p.order.updated),
    "fulfillAt": lambda p, _, __: shown(p.order.created), "fulfillBy": always(None),
    "orderId": lambda p, _, __: f"gid://shopify/Order/{p.order.id}",
    "deliveryMethod": lambda p, _, __: _delivery(p.order), "assignedLocation": always({"name": "Laden Beispiel"}),
    "lineItems": lambda p, call, args: _listed(_waiting(p.order), call, args),
}  # fmt: skip

SENT: Final[Fields] = {
    "id": gid("FulfillmentLineItem"), "quantity": attribute("quantity"), "lineItem": attribute("line"),
}  # fmt: skip

WAITING: Final[Fields] = {
    "id": gid("FulfillmentOrderLineItem"), "totalQuantity": attribute("quantity"),
    "remainingQuantity": attribute("remaining"), "lineItem": attribute("line"),
}  # fmt: skip

REFUND: Final[Fields] = {
    "id": gid("Refund"), "legacyResourceId": legacy, "createdAt": moment("at"), "updatedAt": moment("at"),
    "note": attribute("note"), "totalRefundedSet": lambda r, _, __: bag(r.amount, r.order.money),
}  # fmt: skip


def _image(line: Line, call: Call, _: Args) -> dict[str, str]:
    return {"url": f"https://cdn.example.com/{line.product.variants[0].sku}.jpg", "altText": line.product.title}


LINE: Final[Fields] = {
    "id": gid("LineItem"), "title": lambda line, _, __: line.product.title, "variantTitle": always(None),
    "name": lambda line, _, __: line.product.title, "sku": lambda line, _, __: line.product.variants[0].sku,
    "quantity": attribute("quantity"), "currentQuantity": attribute("current"), "isGiftCard": always(False),
    "requiresShipping": always(True), "customAttributes": always([]), "image": _image,
    "originalUnitPriceSet": lambda line, _, __: bag(line.product.price, line.money),
    "discountedUnitPriceSet": lambda line, _, __: bag(line.product.price, line.money),
    "discountedTotalSet": lambda line, _, __: bag(line.total, line.money),
    "discountedTotalPriceSet": lambda line, _, __: bag(line.total, line.money),
    "product": attribute("product"), "variant": lambda line, _, __: line.product.variants[0],
}  # fmt: skip


def _recovery(checkout: Checkout, call: Call, _: Args) -> str:
    return recovery_url(checkout, call.shop.domain)


def recovery_url(checkout: Checkout, domain: str) -> str:
    """Where the customer finds the cart again."""
    return f"https://{domain}/checkouts/ac/{checkout.token}/recover?key={checkout.cart_token[:12]}"


CHECKOUT: Final[Fields] = {
    "id": gid("AbandonedCheckout"), "name": lambda c, _, __: f"#C{c.id % 10**6}",
    "abandonedCheckoutUrl": _recovery, "createdAt": moment("created"), "updatedAt": moment("updated"),
    "completedAt": moment("completed"), "note": always(""), "discountCodes": always([]),
    "customAttributes": lambda c, _, __: pairs(c.attributes),
    "totalPriceSet": lambda c, _, __: bag(c.goods, c.money),
    "subtotalPriceSet": lambda c, _, __: bag(c.goods, c.money), "customer": attribute("customer"),
    "shippingAddress": attribute("shipping"), "billingAddress": attribute("billing"),
    "lineItems": lambda c, call, args: _listed(c.lines, call, args),
    "lineItemsQuantity": lambda c, _, __: sum(line.quantity for line in c.lines),
}  # fmt: skip

FIELDS: Final[dict[str, Fields]] = {
    "Order": ORDER, "Fulfillment": FULFILLMENT, "FulfillmentEvent": STEP, "FulfillmentOrder": FULFILLMENT_ORDER,
    "FulfillmentLineItem": SENT, "FulfillmentOrderLineItem": WAITING, "Refund": REFUND, "LineItem": LINE,
    "AbandonedCheckout": CHECKOUT, "AbandonedCheckoutLineItem": LINE | {"id": gid("AbandonedCheckoutLineItem")},
}  # fmt: skip
