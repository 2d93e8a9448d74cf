"""The pretend Shopify against the genuine schemas: its own part is true, and it runs on the whole."""

import gzip
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    parse,
    print_ast,
)

from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.access import MUTATIONS, TYPES
from integration.sandbox.shopify.engine import Engine, Request
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.schema import genuine_schema, own_schema
from integration.sandbox.shopify.shop import AdminShop, Plan

SHELF = Path(os.environ.get("LADENBOTE_SHELF") or Path(__file__).parents[3] / "shared/data") / "shopify"
VERSIONS = ("2026-07", "2026-10")
POINTS = {
    "OrdersUpdatedSince": 582, "OrderById": 621, "OrderFulfillmentOrders": 453, "OrderStatusLink": 1,
    "OrdersChangedLight": 452, "AbandonedCheckoutsSince": 612, "CustomersUpdatedSince": 352, "SegmentMembers": 402,
    "WebhookList": 202,
}  # fmt: skip
SIZES = {"OrdersUpdatedSince": 5, "AbandonedCheckoutsSince": 10, "SegmentMembers": 100, "WebhookList": 100}
#: the sandbox has no definitions of metafields; the bulk body is run by a bulk operation, not by itself
UNKNOWN = {"MetafieldDefinition", "BulkBodyCustomers"}
pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason="no data shelf here")


def genuine(version: str) -> GraphQLSchema:
    return genuine_schema(SHELF / "schema" / f"admin_{version}.json.gz")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_type_field_and_argument_of_our_part_exists(version: str) -> None:
    whole, wrong = genuine(version), []
    for name, own in own_schema().type_map.items():
        real = whole.type_map.get(name)
        if real is None or type(real) is not type(own):
            wrong.append(f"{name} does not exist")
            continue
        for field, declared in getattr(own, "fields", {}).items():
            wrong += different(f"{name}.{field}", declared, real.fields.get(field))
        if isinstance(own, GraphQLEnumType):
            wrong += [f"{name}.{value}" for value in own.values if value not in real.values]
        if isinstance(own, GraphQLUnionType):
            names = {one.name for one in real.types}
            wrong += [f"{name} of {one.name}" for one in own.types if one.name not in names]
    assert wrong == []


def different(name: str, own: Any, real: Any) -> list[str]:
    if real is None or str(own.type) != str(real.type):
        return [f"{name} is {own.type}, not {real and real.type}"]
    if isinstance(own, GraphQLInputField):
        return [] if own.default_value == real.default_value else [f"the default of {name}"]
    assert isinstance(own, GraphQLField)
    faults = [
        f"the argument {argument} of {name}"
        for argument, declared in own.args.items()
        if argument not in real.args
        or str(declared.type) != str(real.args[argument].type)
        or declared.default_value != real.args[argument].default_value
    ]
    required = [key for key, one in real.args.items() if str(one.type).endswith("!") and key not in own.args]
    return faults + [f"{name} needs {key}" for key in required]


@pytest.mark.parametrize("version", VERSIONS)
def test_scopes_are_the_documented_ones(version: str) -> None:
    with gzip.open(SHELF / "schema" / f"admin_{version}.json.gz") as file:
        items = json.load(file)["offline_scopes"]["items"]
    types = {item["typeName"]: set(item["offlineScopes"]) for item in items if not item.get("fieldName")}
    fields = {item.get("fieldName"): set(item["offlineScopes"]) for item in items if item["typeName"] == "Mutation"}
    roots = {item.get("fieldName"): set(item["offlineScopes"]) for item in items if item["typeName"] == "QueryRoot"}
    assert {name: set(scopes) for name, scopes in MUTATIONS.items()} == {name: fields[name] for name in MUTATIONS}
    documented = types | {"ShopLocale": roots["shopLocales"]}
    # a voucher's node has no scope of its own: its root field has
    documented |= {"DiscountCodeNode": roots["codeDiscountNodeByCode"]}
    assert {name: set(scopes) for name, scopes in TYPES.items()} == {name: documented[name] for name in TYPES}


@cache
def operations() -> dict[str, str]:
    """Each reference operation with the fragments that it needs."""
    document = parse((SHELF / "queries.graphql").read_text())
    fragments = {d.name.value: print_ast(d) for d in document.definitions if not isinstance(d, OperationDefinitionNode)}

    def needed(text: str) -> set[str]:
        direct = set(re.findall(r"\.\.\.(\w+)", text)) & set(fragments)
        return direct.union(*(needed(fragments[name]) for name in direct))

    found = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            text = print_ast(definition)
            found[definition.name.value] = "\n".join([text, *(fragments[name] for name in sorted(needed(text)))])
    return found


def shop_with_everything() -> tuple[AdminShop, dict[str, str]]:
    """A shop, and what its ids are called in the sample variables."""
    shop = AdminShop(plan=Plan(bucket=10**6))
    anna = people.join(shop, Person(phone="+491701234567"))
    order = orders.place(shop, anna)
    parcel = orders.pack(shop, order)
    orders.refund(shop, order)
    people.start_checkout(shop, anna)
    ids = {"Customer": anna.id, "Order": order.id, "Fulfillment": parcel.id}
    return shop, {f"gid://shopify/{kind}/1": f"gid://shopify/{kind}/{number}" for kind, number in ids.items()}


def variables_of(name: str, ids: dict[str, str]) -> dict[str, Any]:
    """The sample variables, completed and with the shop's own ids."""
    sample = json.loads((SHELF / "variables.json").read_text()).get(name, {})
    order, customer = "gid://shopify/Order/1", "gid://shopify/Customer/1"
    usual = {
        "first": SIZES.get(name, 50), "query": "", "topic": "ORDERS_CREATE", "tags": ["bote"], "code": "X", "id": order,
        "webhookSubscription": {"uri": "https://bote.example.com/hooks"},
        "identifier": {"phoneNumber": "+491701234567"},
    }  # fmt: skip
    if name.startswith("Tags"):
        usual["id"] = customer
    if name == "BulkRun":
        usual["query"] = operations()["BulkBodyCustomers"]
    if name.startswith("Bulk") and name != "BulkRun":
        usual["id"] = "gid://shopify/BulkOperation/1"
    wanted = re.findall(r"\$(\w+):", operations()[name].partition("{")[0])
    text = json.dumps({key: value for key, value in (usual | sample).items() if key in wanted})
    for old, new in ids.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    given: dict[str, Any] = json.loads(text)
    return given


@pytest.mark.parametrize("version", VERSIONS)
def test_the_reference_operations_run_on_the_whole_schema(version: str) -> None:
    engine, failed = Engine({version: genuine(version)}), {}
    for name, text in operations().items():
        if name in UNKNOWN or (name.endswith("_2026_10") and version < "2026-10"):
            continue
        shop, ids = shop_with_everything()
        answer = engine.answer(shop, Request(text, variables_of(name, ids), version=version))
        if "errors" in answer:
            failed[name] = answer["errors"]
        elif name in POINTS:
            assert (name, shop.asked[-1].requested) == (name, POINTS[name])
        assert (shop.asked[-1].actual or 0) <= shop.asked[-1].requested, name
    assert failed == {}


def test_an_operation_of_the_newer_version_fails_on_the_older() -> None:
    engine = Engine({"2026-07": genuine("2026-07")})
    shop, ids = shop_with_everything()
    name = "CustomerBySmsPhone_2026_10"
    answer = engine.answer(shop, Request(operations()[name], variables_of(name, ids), version="2026-07"))
    assert "smsMarketingConsent" in answer["errors"][0]["message"]
