"""Runs GraphQL documents on a shop, with Shopify's points, refusals and errors: all of them with HTTP status 200."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    get_named_type,
    parse,
    validate,
)

from integration.sandbox.shopify import access, bulk, order_fields, people_fields, shop_fields
from integration.sandbox.shopify.call import Call, Fields
from integration.sandbox.shopify.cost import Price
from integration.sandbox.shopify.mutations import MUTATIONS
from integration.sandbox.shopify.queries import QUERIES
from integration.sandbox.shopify.records import (
    Bulk,
    Checkout,
    Customer,
    Discount,
    Order,
    Packing,
    Parcel,
    Product,
    Subscription,
)
from integration.sandbox.shopify.schema import own_schema
from integration.sandbox.shopify.shop import AdminShop, Asked

MOST_POINTS: Final = 1000
LIMITS: Final = "https://shopify.dev/api/usage/rate-limits"
FIELDS: Final[dict[str, Fields]] = {
    "QueryRoot": QUERIES, "Mutation": MUTATIONS,
    **order_fields.FIELDS, **people_fields.FIELDS, **shop_fields.FIELDS,
}  # fmt: skip
KINDS: Final = {Order: "Order", Customer: "Customer", Product: "Product", Parcel: "Fulfillment",
                Subscription: "WebhookSubscription", Packing: "FulfillmentOrder",
                Checkout: "AbandonedCheckout", Bulk: "BulkOperation"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document and what is wrong with it."""

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The one that is named, or the only one."""
        nodes = self.node.definitions if self.node else ()
        found = [one for one in nodes if isinstance(one, OperationDefinitionNode)]
        if name:
            found = [one for one in found if one.name and one.name.value == name]
        return found[0] if len(found) == 1 else None

    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """By name."""
        nodes = self.node.definitions if self.node else ()
        return {one.name.value: one for one in nodes if isinstance(one, FragmentDefinitionNode)}


@dataclass(slots=True)
class Request:
    """What came in over HTTP."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    version: str = "2026-10"
    token: str = ""
    base_url: str = ""


class Engine:
    """Answers for one schema per version; shops without a schema file use our own part of it."""

    def __init__(self, schemas: Mapping[str, GraphQLSchema] | None = None) -> None:
        self._schemas = dict(schemas or {})

    def answer(self, shop: AdminShop, request: Request) -> dict[str, Any]:
        """The whole body of the answer."""
        schema = self._schemas.get(request.version) or own_schema()
        document = _document(schema, request.query)
        operation = document.operation(request.operation)
        if document.errors or operation is None:
            errors = document.errors or (GraphQLError("No operation named so, or more than one."),)
            self._note(shop, request, refusal="INVALID")
            return {"errors": [error.formatted for error in errors]}
        bulk.announce(shop)
        price = Price(schema, document.fragments(), request.variables)
        points = price.requested(operation)
        refusal = _refusal(shop, points)
        if refusal:
            self._note(shop, request, points, refusal=refusal["errors"][0]["extensions"]["code"])
            return refusal
        call = self._call(shop, request)
        result = _run(schema, document, request, call)
        actual = price.actual(operation, result.data)
        shop.bucket.give_back(points - actual)
        self._note(shop, request, points, actual)
        return _body(shop, call, result, points, actual)

    def _call(self, shop: AdminShop, request: Request, everything: bool = False) -> Call:
        def read(text: str) -> tuple[dict[str, Any] | None, list[str]]:
            return self._everything(shop, request, text)

        return Call(shop, request.version, read, request.base_url, everything)

    def _everything(self, shop: AdminShop, request: Request, text: str) -> tuple[dict[str, Any] | None, list[str]]:
        """A bulk query's data: no points, no pages."""
        schema = self._schemas.get(request.version) or own_schema()
        document = _document(schema, text)
        if document.errors or document.operation(None) is None:
            return None, [error.message for error in document.errors] or ["there must be one query"]
        inner = Request(text, version=request.version, base_url=request.base_url)
        result = _run(schema, document, inner, self._call(shop, inner, everything=True))
        return result.data, [error.message for error in result.errors or ()]

    @staticmethod
    def _note(shop: AdminShop, request: Request, points: int = 0, actual: int | None = None, refusal: str = "") -> None:
        name = request.operation or request.query.strip().partition("(")[0].partition("{")[0].strip()
        shop.asked.append(Asked(name, request.version, request.token, shop.now(), points, actual, refusal))


@lru_cache(maxsize=256)
def _document(schema: GraphQLSchema, text: str) -> Document:
    try:
        node = parse(text)
    except GraphQLError as error:
        return Document(None, (error,))
    return Document(node, tuple(validate(schema, node)))


def _run(schema: GraphQLSchema, document: Document, request: Request, call: Call) -> Any:
    assert document.node is not None  # noqa: S101 - whoever calls has looked
    result = execute(
        schema, document.node, context_value=call, variable_values=dict(request.variables),
        operation_name=request.operation, field_resolver=_resolve, type_resolver=_kind,
    )  # fmt: skip
    assert not inspect.isawaitable(result)  # noqa: S101 - every resolver is synchronous
    return result


def _refusal(shop: AdminShop, points: int) -> dict[str, Any] | None:
    if points > MOST_POINTS:
        message = f"Query cost is {points}, which exceeds the single query max cost limit ({MOST_POINTS})."
        extensions = {"code": "MAX_COST_EXCEEDED", "cost": points, "maxCost": MOST_POINTS, "documentation": LIMITS}
        return {"errors": [{"message": message, "extensions": extensions}]}
    if not shop.bucket.take(points):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS}}
        return {"errors": [error], "extensions": {"cost": _cost(shop, points, None)}}
    return None


def _cost(shop: AdminShop, points: int, actual: int | None) -> dict[str, Any]:
    return {"requestedQueryCost": points, "actualQueryCost": actual, "throttleStatus": shop.bucket.status()}


def _body(shop: AdminShop, call: Call, result: Any, points: int, actual: int) -> dict[str, Any]:
    extensions: dict[str, Any] = {"cost": _cost(shop, points, actual)}
    if call.warnings:
        extensions["search"] = call.warnings
    body = {"data": result.data, "extensions": extensions}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    return body


def _resolve(source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
    parent, name, call = info.parent_type.name, info.field_name, info.context
    access.refuse_without_scope(call.shop, parent, name, get_named_type(info.return_type).name)
    if access.hidden(call.shop, parent, name):
        return None
    if isinstance(source, dict):
        value = source.get(name)
        return value() if callable(value) else value
    resolver = FIELDS.get(parent, {}).get(name)
    if resolver is None:
        raise GraphQLError(f"The sandbox does not know {parent}.{name}.")
    return resolver(source, call, args)


def _kind(value: Any, _: GraphQLResolveInfo, abstract: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("__typename", "MediaImage"))
    if isinstance(value, Discount):
        return "DiscountCodeBasic" if abstract.name == "DiscountCode" else "DiscountCodeNode"
    return KINDS[type(value)]
