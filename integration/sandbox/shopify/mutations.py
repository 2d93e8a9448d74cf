"""What may be done: the fields of Mutation. A mistake of the caller is a userError, never an HTTP error."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from integration.sandbox.shopify import bulk, orders
from integration.sandbox.shopify.call import Args, Call, Fields
from integration.sandbox.shopify.metafields import fault_of
from integration.sandbox.shopify.people_fields import phone
from integration.sandbox.shopify.queries import number, record
from integration.sandbox.shopify.records import Consent, Customer, Discount, Metafield, Order, Parcel, Subscription

LEVELS: Final = ("SINGLE_OPT_IN", "CONFIRMED_OPT_IN", "UNKNOWN")
GIVEN: Final = ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING")


def error(field: Sequence[str] | None, message: str, code: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """One userError."""
    return [{"field": list(field) if field else None, "message": message, "code": code, **more}]


def _agree(_: Any, call: Call, args: Args) -> dict[str, Any]:
    given = args["input"]["whatsAppMarketingConsent"]
    customer = record(call, args["input"]["customerId"])
    path = ["input", "whatsAppMarketingConsent"]
    if not isinstance(customer, Customer):
        return {"customerPhoneNumber": None, "userErrors": error(["input", "customerId"], "Customer not found",
                                                                 "INVALID")}  # fmt: skip
    if customer.phone is None:
        message = "A phone number is required to set the WhatsApp consent state."
        return {"customerPhoneNumber": None, "userErrors": error(path, message, "MISSING_ARGUMENT")}
    if given["state"] not in GIVEN or given.get("optInLevel") not in (*LEVELS, None):
        return {"customerPhoneNumber": None, "userErrors": error(path, "State is invalid", "INCLUSION")}
    at = datetime.fromisoformat(given["updatedAt"]) if given.get("updatedAt") else call.shop.now()
    if at > call.shop.now() + timedelta(minutes=1):
        wrong = error([*path, "updatedAt"], "Must be in the past", "INVALID")
        return {"customerPhoneNumber": None, "userErrors": wrong}
    customer.whatsapp = Consent(given["state"], given.get("optInLevel") or "UNKNOWN", at, "OTHER")
    customer.updated = call.shop.now()
    call.shop.tell(("customers_whats_app_marketing_consent/update", customer), ("customers/update", customer))
    return {"customerPhoneNumber": phone(customer, call, {}), "userErrors": []}


def _voucher(_: Any, call: Call, args: Args) -> dict[str, Any]:
    terms = args["basicCodeDiscount"]
    wrong = _wrong_voucher(terms, call)
    if wrong:
        return {"codeDiscountNode": None, "userErrors": wrong}
    value, now = terms["customerGets"]["value"], call.shop.now()
    fixed = (value.get("discountAmount") or {}).get("amount")
    people = ((terms.get("context") or {}).get("customers") or {}).get("add") or []
    discount = Discount(
        call.shop.new_id(), terms.get("title") or terms["code"], terms["code"],
        datetime.fromisoformat(terms["startsAt"]),
        datetime.fromisoformat(terms["endsAt"]) if terms.get("endsAt") else None, now, now,
        percent=Decimal(str(value["percentage"])) if value.get("percentage") is not None else None,
        amount=Decimal(str(fixed)) if fixed is not None else None, limit=terms.get("usageLimit"),
        once_each=bool(terms.get("appliesOncePerCustomer")), customers=[number(one) for one in people],
    )  # fmt: skip
    call.shop.discounts[discount.id] = discount
    return {"codeDiscountNode": discount, "userErrors": []}


def _wrong_voucher(terms: Args, call: Call) -> list[dict[str, Any]]:
    base, code = "basicCodeDiscount", terms.get("code") or ""
    value = (terms.get("customerGets") or {}).get("value") or {}
    people = ((terms.get("context") or {}).get("customers") or {}).get("add") or []
    if not code:
        return error([base, "code"], "Code can't be blank", "BLANK", extraInfo=None)
    if not terms.get("startsAt"):
        return error([base, "startsAt"], "Starts at can't be blank", "BLANK", extraInfo=None)
    if any(code.lower() == one.code.lower() for one in call.shop.discounts.values()):
        return error([base, "code"], "Code must be unique. Please try a different code.", "TAKEN", extraInfo=None)
    if terms.get("endsAt") and terms["endsAt"] <= terms["startsAt"]:
        return error([base, "endsAt"], "Ends at needs to be after starts_at", "END_DATE_BEFORE_START_DATE",
                     extraInfo=None)  # fmt: skip
    if value.get("percentage") is not None and not 0 < value["percentage"] <= 1:
        return error([base, "customerGets", "value", "percentage"], "Value must be between 0.0 and 1.0",
                     "VALUE_OUTSIDE_RANGE", extraInfo=None)  # fmt: skip
    if any(not isinstance(record(call, one), Customer) for one in people):
        return error([base, "context", "customers", "add"], "Customer does not exist", "INVALID", extraInfo=None)
    return []


def _deactivate(_: Any, call: Call, args: Args) -> dict[str, Any]:
    found = record(call, args["id"])
    if not isinstance(found, Discount):
        return {"codeDiscountNode": None, "userErrors": error(["id"], "Code discount does not exist.", "INVALID",
                                                              extraInfo=None)}  # fmt: skip
    found.inactive, found.ends, found.updated = True, call.shop.now(), call.shop.now()
    return {"codeDiscountNode": found, "userErrors": []}


def _remove_voucher(_: Any, call: Call, args: Args) -> dict[str, Any]:
    if call.shop.discounts.pop(number(args["id"], "DiscountCodeNode"), None) is None:
        return {"deletedCodeDiscountId": None, "userErrors": error(["id"], "Code discount does not exist.", "INVALID",
                                                                   extraInfo=None)}  # fmt: skip
    return {"deletedCodeDiscountId": args["id"], "userErrors": []}


def _subscribe(_: Any, call: Call, args: Args) -> dict[str, Any]:
    given, topic = args["webhookSubscription"], _topic(args["topic"])
    uri = given.get("uri") or given.get("callbackUrl") or ""
    wrong = _wrong_address(uri) or _taken(call, topic, uri)
    if wrong:
        return {"webhookSubscription": None, "userErrors": wrong}
    now = call.shop.now()
    made = Subscription(call.shop.new_id(), topic, uri, now, now, given.get("name"), given.get("filter"),
                        list(given.get("includeFields") or []))  # fmt: skip
    call.shop.subscriptions[made.id] = made
    return {"webhookSubscription": made, "userErrors": []}


def _topic(name: str) -> str:
    """ORDERS_CREATE is orders/create; all but the last word or two name the thing."""
    return TOPICS.get(name) or re.sub(r"_([A-Z]+)$", r"/\1", name).lower()


TOPICS: Final = {
    "ORDERS_PARTIALLY_FULFILLED": "orders/partially_fulfilled", "ORDERS_LINK_REQUESTED": "orders/link_requested",
    "FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP": "fulfillment_orders/line_items_prepared_for_pickup",
    "CUSTOMER_TAGS_ADDED": "customer.tags_added", "CUSTOMER_TAGS_REMOVED": "customer.tags_removed",
    "APP_SCOPES_UPDATE": "app/scopes_update", "VARIANTS_IN_STOCK": "variants/in_stock",
    "VARIANTS_OUT_OF_STOCK": "variants/out_of_stock",
}  # fmt: skip


def _wrong_address(uri: str) -> list[dict[str, Any]]:
    parts = urlsplit(uri)
    loopback = parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or (parts.scheme != "https" and not loopback):
        return error(["webhookSubscription", "callbackUrl"], "Address is invalid")
    return []


def _taken(call: Call, topic: str, uri: str) -> list[dict[str, Any]]:
    if any(one.topic == topic and one.uri == uri for one in call.shop.subscriptions.values()):
        return error(["webhookSubscription", "callbackUrl"], "Address for this topic has already been taken")
    return []


def _readdress(_: Any, call: Call, args: Args) -> dict[str, Any]:
    found, given = record(call, args["id"]), args["webhookSubscription"]
    if not isinstance(found, Subscription):
        return {"webhookSubscription": None, "userErrors": error(["id"], "Webhook subscription does not exist")}
    uri = given.get("uri") or given.get("callbackUrl") or found.uri
    wrong = _wrong_address(uri) or (_taken(call, found.topic, uri) if uri != found.uri else [])
    if wrong:
        return {"webhookSubscription": None, "userErrors": wrong}
    found.uri, found.updated, found.failures = uri, call.shop.now(), 0
    found.include = list(given.get("includeFields", found.include) or [])
    found.name = given.get("name", found.name)
    return {"webhookSubscription": found, "userErrors": []}


def _unsubscribe(_: Any, call: Call, args: Args) -> dict[str, Any]:
    if call.shop.subscriptions.pop(number(args["id"], "WebhookSubscription"), None) is None:
        return {"deletedWebhookSubscriptionId": None,
                "userErrors": error(["id"], "Webhook subscription does not exist")}  # fmt: skip
    return {"deletedWebhookSubscriptionId": args["id"], "userErrors": []}


def _set_metafields(_: Any, call: Call, args: Args) -> dict[str, Any]:
    """All of them or none."""
    wrong: list[dict[str, Any]] = []
    for n, row in enumerate(args["metafields"]):
        wrong += _wrong_metafield(row, n, record(call, row["ownerId"]))
    if wrong:
        return {"metafields": [], "userErrors": wrong}
    return {"metafields": [_set(call, row) for row in args["metafields"]], "userErrors": []}


def _wrong_metafield(row: Args, n: int, owner: Any) -> list[dict[str, Any]]:
    if not isinstance(owner, Customer | Order):
        return error(["metafields", str(n), "ownerId"], "Owner does not exist.", "INVALID", elementIndex=n)
    fault = fault_of(row, owner.metafields.get((row.get("namespace") or "app", row["key"])))
    return error(["metafields", str(n), fault[0]], fault[1], fault[2], elementIndex=n) if fault else []


def _set(call: Call, row: Args) -> Metafield:
    owner, now = record(call, row["ownerId"]), call.shop.now()
    key = (row.get("namespace") or "app", row["key"])
    found: Metafield | None = owner.metafields.get(key)
    if found is None:
        found = owner.metafields[key] = Metafield(call.shop.new_id(), *key, row["type"], row["value"], now, now)
    found.value, found.type, found.updated = row["value"], row.get("type") or found.type, now
    _changed(call, owner)
    return found


def _changed(call: Call, owner: Customer | Order) -> None:
    """What we write ourselves comes back as a webhook, too."""
    owner.updated = call.shop.now()
    call.shop.tell(("orders/updated" if isinstance(owner, Order) else "customers/update", owner))


def _report(_: Any, call: Call, args: Args) -> dict[str, Any]:
    given = args["fulfillmentEvent"]
    parcel = record(call, given["fulfillmentId"])
    if not isinstance(parcel, Parcel):
        return {"fulfillmentEvent": None, "userErrors": error(["fulfillmentEvent", "fulfillmentId"], "Not found")}
    at = datetime.fromisoformat(given["happenedAt"]) if given.get("happenedAt") else None
    step = orders.report(call.shop, parcel.order, parcel, given["status"], at)
    return {"fulfillmentEvent": step, "userErrors": []}


def _add_tags(_: Any, call: Call, args: Args) -> dict[str, Any]:
    owner = record(call, args["id"])
    if not isinstance(owner, Customer | Order):
        return {"node": None, "userErrors": error(["id"], "Resource does not exist")}
    new = [tag for tag in args["tags"] if tag.lower() not in [one.lower() for one in owner.tags]]
    if new:
        owner.tags += new
        _changed(call, owner)
    return {"node": owner, "userErrors": []}


def _remove_tags(_: Any, call: Call, args: Args) -> dict[str, Any]:
    owner = record(call, args["id"])
    if not isinstance(owner, Customer | Order):
        return {"node": None, "userErrors": error(["id"], "Resource does not exist")}
    owner.tags = [tag for tag in owner.tags if tag not in args["tags"]]
    _changed(call, owner)
    return {"node": owner, "userErrors": []}


MUTATIONS: Final[Fields] = {
    "bulkOperationRunQuery": bulk.run, "bulkOperationCancel": bulk.cancel, "fulfillmentEventCreate": _report,
    "customerWhatsAppMarketingConsentUpdate": _agree, "discountCodeBasicCreate": _voucher,
    "discountCodeDeactivate": _deactivate, "discountCodeDelete": _remove_voucher, "metafieldsSet": _set_metafields,
    "tagsAdd": _add_tags, "tagsRemove": _remove_tags, "webhookSubscriptionCreate": _subscribe,
    "webhookSubscriptionUpdate": _readdress, "webhookSubscriptionDelete": _unsubscribe,
}  # fmt: skip
