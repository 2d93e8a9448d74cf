"""The shelf's genuine Shopify bodies, all of them, through verify and translate."""

import base64
import gzip
import hashlib
import hmac
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLSchema, OperationDefinitionNode, build_client_schema, parse, validate
from graphql.execution.values import get_variable_values

from connectors.shopify import CONNECTOR, bought, documents, vouchers
from connectors.shopify.webhooks import TOPICS
from integration.domain.notifications import NOTIFICATIONS, subject_of
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import ShopContext, Translation, Verdict, VoucherTerms

SHELF = Path(os.environ.get("LADENBOTE_SHELF") or Path(__file__).parents[3] / "shared/data") / "shopify/webhooks"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "US")
SECRET = "shelf"
NOTES = {
    "bulk_operations_finish": ("bulk_operations/finish", "no_notification"),
    "carts_create": ("carts/create", "no_notification"),
    "checkouts_delete": ("checkouts/delete", "no_notification"),
    "customers_create": ("customers/create", "no_notification"),
    "customers_data_request": ("customers/data_request", "privacy_request"),
    "customers_delete": ("customers/delete", "no_notification"),
    "customers_email_marketing_consent_update": (
        "customers_email_marketing_consent/update",
        "no_notification",
    ),
    "customers_marketing_consent_update": ("customers_marketing_consent/update", "no_notification"),
    "order_transactions_create": ("order_transactions/create", "thin"),
    "orders_delete": ("orders/delete", "gone"),
    "orders_edited": ("orders/edited", "thin"),
    "shop_redact": ("shop/redact", "privacy_request"),
}
ORDER_TOPICS = ("create", "paid", "updated", "cancelled", "fulfilled", "partially_fulfilled")
pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason="no data shelf here")


def received(name: str, topic: str) -> Translation:
    body = (SHELF / f"{name}.json").read_bytes()
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"x-shopify-hmac-sha256": signature, "x-shopify-topic": topic}
    assert CONNECTOR.verify(headers, body, [SECRET]) is Verdict.VERIFIED
    return CONNECTOR.translate(CONNECTOR.topic(headers), body, SHOP, NOW)


def test_every_body_on_the_shelf_is_expected_here() -> None:
    names = {path.stem for path in SHELF.glob("*.json")}
    assert names == {*NOTES, "orders_create.2023", "fulfillments_create"}


@pytest.mark.parametrize("name", NOTES)
def test_bodies_without_snapshot(name: str) -> None:
    topic, note = NOTES[name]
    gone = "788032119674292900" if note == "gone" else ""
    found = received(name, topic)
    assert (found.note, found.gone, found.snapshots) == (note, gone, ())
    assert bool(found.reread) is (note == "thin")
    assert bool(found.privacy) is (note == "privacy_request")


@pytest.mark.parametrize("topic", ORDER_TOPICS)
def test_the_order(topic: str) -> None:
    (snapshot,) = received("orders_create.2023", f"orders/{topic}").snapshots
    facts: Any = snapshot.facts
    assert snapshot.object_id == "820982911946154508"
    assert snapshot.version == datetime(2022, 1, 1, 0, 0, tzinfo=UTC)
    assert (facts["number"], facts["status"], facts["source"], facts["test"]) == (
        "#9999",
        "cancelled",
        "web",
        True,
    )
    assert (facts["total"], facts["currency"], facts["paid_at"]) == ("388.00", "USD", None)
    assert (facts["first_name"], facts["customer_id"]) == ("John", "115310627314723954")
    assert [item["id"] for item in facts["items"]] == ["866550311766439020", "141249953214522974"]
    assert facts["consent"] is None


def test_the_order_must_not_message_anybody() -> None:
    (snapshot,) = received("orders_create.2023", "orders/create").snapshots
    subject = subject_of("Laden", "de", {"order": snapshot.facts})
    reasons = [kind.unless(subject) for kind in NOTIFICATIONS if snapshot.object_type == kind.subject_type and kind.on]
    assert reasons and all(reasons)


@pytest.mark.parametrize("removed", ["checkout_id", "id", "fulfillments", "refunds"])
def test_the_order_as_newer_versions_send_it(removed: str) -> None:
    order = orjson.loads((SHELF / "orders_create.2023.json").read_bytes())
    order.pop(removed)
    order["customer"] = {key: value for key, value in order["customer"].items() if key not in ("tags", "currency")}
    (snapshot,) = CONNECTOR.translate("orders/create", orjson.dumps(order), SHOP, NOW).snapshots
    assert snapshot.object_id == "820982911946154508"


@pytest.mark.parametrize("topic", ["fulfillments/create", "fulfillments/update"])
def test_the_fulfilment(topic: str) -> None:
    (snapshot,) = received("fulfillments_create", topic).snapshots
    assert snapshot.object_id == "123456"
    assert (snapshot.facts["number"], snapshot.facts["carrier"]) == ("1z827wk74630", "UPS")
    assert snapshot.facts["url"].startswith("https://www.ups.com/WebTracking?")


DOCUMENTS = {
    name: document
    for name, document in vars(documents).items()
    if name.isupper() and isinstance(document, str) and not name.startswith("_")
} | {"BULK_ORDERS": documents.bulk_orders("updated_at:>='2026-11-23T09:00:00Z'")}


@pytest.fixture(scope="module", params=["2026-07", "2026-10"])
def schema(request: pytest.FixtureRequest) -> GraphQLSchema:
    packed = SHELF.parent / f"schema/admin_{request.param}.json.gz"
    return build_client_schema(orjson.loads(gzip.decompress(packed.read_bytes()))["data"])


def test_every_document_is_valid(schema: GraphQLSchema) -> None:
    faults = [(name, error.message) for name, text in DOCUMENTS.items() for error in validate(schema, parse(text))]
    assert not faults


def test_every_topic_that_we_subscribe_to_exists(schema: GraphQLSchema) -> None:
    topics = schema.type_map["WebhookSubscriptionTopic"]
    assert isinstance(topics, GraphQLEnumType)
    assert set(TOPICS) <= set(topics.values)


def test_what_we_write_fits_the_schema(schema: GraphQLSchema) -> None:
    terms = VoucherTerms("LB-1", NOW, percent=Decimal(10), minimum=Decimal("30.00"), customer_id="1")
    by_amount = VoucherTerms("LB-2", NOW, amount=Decimal("5.00"), currency="EUR")
    for given in (terms, by_amount):
        fits(schema, documents.VOUCHER_CREATE, {"terms": vouchers.terms_input(given, NOW.isoformat())})
    cart = Snapshot("laden", ObjectType.CART, "t", NOW, {"aliases": [], "phone": "", "country": "DE", **PERSON})
    fits(schema, documents.BOUGHT, bought.variables(cart))


PERSON = {"customer_id": "1", "email": "a@example.com"}


def fits(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> None:
    (operation, *_) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    found = get_variable_values(schema, operation.variable_definitions, variables)
    assert not isinstance(found, list), found
