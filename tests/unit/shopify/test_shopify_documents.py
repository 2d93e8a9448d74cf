"""Our GraphQL documents: every one under the points that Shopify allows, by its published rule."""

import pytest
from graphql import parse
from shopify_cost import requested_cost

from connectors.shopify import documents

DOCUMENTS = {
    name: document
    for name, document in vars(documents).items()
    if name.isupper() and isinstance(document, str) and not name.startswith("_")
}
MOST = {
    "ORDER_DETAILS": documents.BATCH["orders"],
    "ORDERS_AT_COUNTER": documents.BATCH["orders"],
    "CART_DETAILS": documents.BATCH["carts"],
    "CUSTOMER_DETAILS": documents.BATCH["customers"],
    "PRODUCT_DETAILS": documents.BATCH["products"],
}


def test_the_rule_gives_the_published_figures() -> None:
    listed = "query Q($first: Int!) { orders(first: $first) { pageInfo { endCursor } nodes { id %s } } }"
    money = "total { shopMoney { amount } presentmentMoney { amount } }"
    assert requested_cost(listed % "", {"first": 50}) == 52
    assert requested_cost(listed % money, {"first": 10}) == 2 + 10 * 4
    greedy = "items: lineItems(first: 20) { nodes { id } } fulfillments(first: 10) { id trackingInfo(first: 10) { n } }"
    assert requested_cost(listed % greedy, {"first": 10}) == 2 + 10 * (1 + 22 + 10 * 11)
    assert requested_cost("mutation M { tagsAdd(id: 1) { node { id } userErrors { field } } }") == 12


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_is_allowed(name: str) -> None:
    variables = {"first": documents.LIST, "ids": ["x"] * MOST.get(name, 1)}
    assert requested_cost(DOCUMENTS[name], variables) < 1_000


@pytest.mark.parametrize("name", MOST)
def test_half_as_many_more_would_not_be(name: str) -> None:
    most = MOST[name]
    if most < documents.LIST and name != "ORDERS_AT_COUNTER":
        assert requested_cost(DOCUMENTS[name], {"ids": ["x"] * (most + most // 2)}) > 1_000


def test_a_bulk_query_has_no_connection_inside_a_list() -> None:
    text = documents.bulk_orders("updated_at:>='2026-11-23T09:00:00Z'")
    assert parse(text)
    assert "events" not in text and "nodes" not in text
