"""What may be asked: the fields of QueryRoot."""

from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError

from integration.sandbox.shopify import search
from integration.sandbox.shopify.call import Args, Call, Fields
from integration.sandbox.shopify.paging import Key, Sorting, connection, listed
from integration.sandbox.shopify.records import Packing
from integration.sandbox.shopify.search import Field
from integration.sandbox.shopify.shop_fields import version

ID: Final[dict[str, Key]] = {"ID": lambda r: r.id, "RELEVANCE": lambda r: r.id}
TIMES: Final[dict[str, Key]] = {"CREATED_AT": lambda r: r.created, "UPDATED_AT": lambda r: r.updated}
SORTINGS: Final[dict[str, dict[str, Key]]] = {
    "orders": ID | TIMES | {
        "PROCESSED_AT": lambda o: o.processed, "ORDER_NUMBER": lambda o: int(o.number.lstrip("#")),
        "TOTAL_PRICE": lambda o: float(o.total),
    },
    "customers": ID | TIMES | {"NAME": lambda c: f"{c.last_name} {c.first_name}"},
    # there is no UPDATED_AT here
    "abandonedCheckouts": ID | {"CREATED_AT": TIMES["CREATED_AT"], "CHECKOUT_ID": lambda c: c.id},
    "products": ID | TIMES | {"TITLE": lambda p: p.title},
    "webhookSubscriptions": ID | {"CREATED_AT": TIMES["CREATED_AT"]},
    "bulkOperations": ID | {"CREATED_AT": TIMES["CREATED_AT"]},
}  # fmt: skip

_BOTH: Final = {
    "id": Field("id", lambda r: r.id), "created_at": Field("time", lambda r: r.created),
    "updated_at": Field("time", lambda r: r.updated),
}  # fmt: skip
SEARCHED: Final[dict[str, dict[str, Field]]] = {
    "orders": _BOTH | {
        "processed_at": Field("time", lambda o: o.processed), "name": Field("text", lambda o: o.number),
        "email": Field("text", lambda o: o.email), "test": Field("flag", lambda o: o.test),
        "customer_id": Field("id", lambda o: o.customer.id if o.customer else None),
        "checkout_token": Field("text", lambda o: o.checkout_token),
        "cart_token": Field("text", lambda o: o.cart_token), "tag": Field("list", lambda o: o.tags),
        "discount_code": Field("list", lambda o: o.codes), "source_name": Field("text", lambda o: o.source),
        "financial_status": Field("text", lambda o: o.financial),
        "fulfillment_status": Field("text", lambda o: o.fulfilment),
        "status": Field("text", lambda o: "cancelled" if o.cancelled else "closed" if o.closed else "open"),
    },
    "customers": _BOTH | {
        # documented as "matching a whole day"
        "updated_at": Field("day", lambda c: c.updated), "customer_date": Field("time", lambda c: c.created),
        "email": Field("text", lambda c: c.email), "phone": Field("text", lambda c: c.phone),
        "tag": Field("list", lambda c: c.tags),
    },
    "abandonedCheckouts": _BOTH | {
        "recovery_state": Field("text", lambda c: "recovered" if c.completed else "not_recovered"),
        "status": Field("text", lambda c: "closed" if c.completed else "open"),
    },
    "products": _BOTH | {
        "status": Field("text", lambda p: p.status), "title": Field("text", lambda p: p.title),
        "tag": Field("list", lambda p: p.tags),
    },
    "webhookSubscriptions": _BOTH,
    "bulkOperations": _BOTH,
}  # fmt: skip


def _records(name: str, call: Call) -> Iterable[Any]:
    shop = call.shop
    tables: dict[str, dict[int, Any]] = {
        "orders": shop.orders, "customers": shop.customers, "abandonedCheckouts": shop.checkouts,
        "products": shop.products, "webhookSubscriptions": shop.subscriptions, "bulkOperations": shop.bulks,
    }  # fmt: skip
    return tables[name].values()


def _found(name: str, call: Call, args: Args) -> list[Any]:
    query = search.parse(args.get("query") or "", SEARCHED[name], call.version)
    if query.warnings:
        call.warnings.append({"path": [name], "query": args["query"], "warnings": query.warnings})
    return [record for record in _records(name, call) if query.matches(record)]


def sorted_page(name: str, found: list[Any], call: Call, args: Args) -> dict[str, Any]:
    """A connection of these records by the sort key that was asked for."""
    key = SORTINGS[name].get(args["sortKey"])
    if key is None:
        raise GraphQLError(f"The sandbox cannot sort {name} by {args['sortKey']}.")
    sorting = Sorting(args["sortKey"], key, bool(args.get("reverse")))
    return connection(found, args, sorting, everything=call.everything)


def _page(name: str, call: Call, args: Args) -> dict[str, Any]:
    found = _found(name, call, args)
    if args.get("topics"):
        found = [one for one in found if one.topic.replace("/", "_").upper() in args["topics"]]
    return sorted_page(name, found, call, args)


def _pages(name: str) -> Any:
    return lambda _, call, args: _page(name, call, args)


def _counted(name: str) -> Any:
    def count(_: Any, call: Call, args: Args) -> dict[str, Any]:
        found, limit = len(_found(name, call, args)), args.get("limit") or 10_000
        return {"count": min(found, limit), "precision": "AT_LEAST" if found > limit else "EXACT"}

    return count


def number(gid: str, kind: str = "") -> int:
    """The number at the end of a global id of this kind; 0 for another."""
    head, _, tail = gid.rpartition("/")
    right = not kind or head == f"gid://shopify/{kind}"
    return int(tail) if right and tail.isdecimal() else 0


def record(call: Call, gid: str) -> Any:
    """What the id names, None when there is no such thing."""
    shop = call.shop
    tables: dict[str, dict[int, Any]] = {
        "Order": shop.orders, "Customer": shop.customers, "AbandonedCheckout": shop.checkouts,
        "Product": shop.products, "WebhookSubscription": shop.subscriptions, "BulkOperation": shop.bulks,
        "DiscountCodeNode": shop.discounts,
    }  # fmt: skip
    kind = gid.removeprefix("gid://shopify/").partition("/")[0]
    if kind == "FulfillmentOrder":
        return next((Packing(order) for order in shop.orders.values() if order.id + 60_000 == number(gid)), None)
    if kind == "Fulfillment":
        parcels = (parcel for order in shop.orders.values() for parcel in order.parcels)
        return next((parcel for parcel in parcels if parcel.id == number(gid)), None)
    return tables.get(kind, {}).get(number(gid))


def _one(kind: str) -> Any:
    def find(_: Any, call: Call, args: Args) -> Any:
        if not number(args["id"], kind):
            raise GraphQLError(f"Invalid global id '{args['id']}'", extensions={"code": "INVALID_GLOBAL_ID"})
        return record(call, args["id"])

    return find


def _identified(_: Any, call: Call, args: Args) -> Any:
    given = args["identifier"]
    wanted = {"id": number(given["id"])} if "id" in given else {}
    wanted |= {own: given[name] for name, own in (("emailAddress", "email"), ("phoneNumber", "phone")) if name in given}
    people = call.shop.customers.values()
    return next((one for one in people if all(getattr(one, k) == v for k, v in wanted.items())), None)


def _voucher(_: Any, call: Call, args: Args) -> Any:
    code = args["code"].lower()
    return next((one for one in call.shop.discounts.values() if one.code.lower() == code), None)


def _last_bulk(_: Any, call: Call, __: Args) -> Any:
    return max(call.shop.bulks.values(), key=lambda bulk: bulk.id, default=None)


def _shop(_: Any, call: Call, __: Args) -> Any:
    return call.shop


def _locales(_: Any, __: Call, ___: Args) -> list[dict[str, Any]]:
    return [{"locale": "de", "name": "German", "primary": True, "published": True},
            {"locale": "en", "name": "English", "primary": False, "published": True}]  # fmt: skip


def _nothing(_: Any, __: Call, args: Args) -> dict[str, Any]:
    return listed([], args) | {"totalCount": 0}


QUERIES: Final[Fields] = {
    **{name: _pages(name) for name in SORTINGS},
    **{f"{name}Count": _counted(name) for name in ("orders", "customers", "abandonedCheckouts", "products")},
    **{name: _one(name[0].upper() + name[1:])
       for name in ("order", "customer", "product", "bulkOperation", "webhookSubscription")},
    "node": lambda _, call, args: record(call, args["id"]),
    "nodes": lambda _, call, args: [record(call, one) for one in args["ids"]],
    "customerByIdentifier": _identified, "codeDiscountNodeByCode": _voucher, "currentBulkOperation": _last_bulk,
    "shop": _shop, "currentAppInstallation": _shop, "shopLocales": _locales,
    "publicApiVersions": lambda _, call, __: [version(handle, call) for handle in call.shop.versions],
    "segments": _nothing, "customerSegmentMembers": _nothing,
}  # fmt: skip
