"""The pretend Shopify's webhooks: who is told what, how often, in which shape, and when it gives up."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from admin_shop import Town, town
from hook_target import Target, listening

from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.records import Order
from integration.sandbox.shopify.shop import AdminShop

SUBSCRIBE = """mutation {{ webhookSubscriptionCreate(topic: {topic}, webhookSubscription: {{ uri: "{uri}" {more} }}) {{
  webhookSubscription {{ id topic uri }} userErrors {{ message }} }} }}"""


class Post:
    """What came, by Shopify's headers."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.came = target.taken

    def topics(self) -> list[str]:
        return [headers["x-shopify-topic"] for headers, _ in self.came]

    def body(self, topic: str) -> dict[str, Any]:
        return next(json.loads(raw) for headers, raw in self.came if headers["x-shopify-topic"] == topic)


@pytest.fixture
def post() -> Iterator[Post]:
    with listening() as target:
        yield Post(target)


@pytest.fixture
def served() -> Iterator[Town]:
    with town([AdminShop()]) as running:
        yield running


def subscribe(served: Town, post: Post, *topics: str, more: str = "") -> None:
    for topic in topics:
        answer = served.ask(SUBSCRIBE.format(topic=topic, uri=post.target.url, more=more)).json()
        assert answer["data"]["webhookSubscriptionCreate"]["userErrors"] == [], answer


def test_only_subscribed_topics_are_told_truly_signed(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE", "ORDERS_PAID", more='name: "ladenbote"')
    shop = served.shops[0]
    order = served.do(lambda: orders.place(shop, people.join(shop, Person())))
    assert served.until(lambda: len(post.came) == 2)
    assert post.topics() == ["orders/create", "orders/paid"]
    (first, raw), (second, _) = post.came
    digest = hmac.digest(shop.app.secret.encode(), raw, hashlib.sha256)
    assert first["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    assert first["x-shopify-event-id"] == second["x-shopify-event-id"]
    assert first["x-shopify-webhook-id"] != second["x-shopify-webhook-id"]
    assert (first["x-shopify-shop-domain"], first["x-shopify-name"]) == (shop.domain, "ladenbote")
    assert json.loads(raw)["id"] == order.id
    assert "checkout_id" not in json.loads(raw)


def test_subscriptions_are_listed_readdressed_and_not_made_twice(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE")
    twice = served.ask(SUBSCRIBE.format(topic="ORDERS_CREATE", uri=post.target.url, more="")).json()
    assert "already been taken" in json.dumps(twice)
    plain = served.ask(SUBSCRIBE.format(topic="ORDERS_PAID", uri="http://bote.example/x", more="")).json()
    assert "Address is invalid" in json.dumps(plain)
    listed = "{ webhookSubscriptions(first: 5) { nodes { id topic uri apiVersion { handle } } } }"
    (row,) = served.ask(listed).json()["data"]["webhookSubscriptions"]["nodes"]
    assert (row["topic"], row["uri"], row["apiVersion"]["handle"]) == ("ORDERS_CREATE", post.target.url, "2026-10")
    update = """mutation {{ webhookSubscriptionUpdate(id: "{id}", webhookSubscription: {{ uri: "{uri}" }}) {{
      webhookSubscription {{ uri }} userErrors {{ message }} }} }}"""
    moved = served.ask(update.format(id=row["id"], uri="https://bote.example/hooks")).json()
    assert moved["data"]["webhookSubscriptionUpdate"]["webhookSubscription"]["uri"] == "https://bote.example/hooks"
    served.ask(f'mutation {{ webhookSubscriptionDelete(id: "{row["id"]}") {{ deletedWebhookSubscriptionId }} }}')
    assert served.shops[0].subscriptions == {}


def test_a_failed_webhook_comes_again_as_it_was_and_the_subscription_ends_after_eight(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE")
    shop, post.target.status = served.shops[0], 500
    order = served.do(lambda: orders.place(shop, None))
    served.do(lambda: orders.cancel(shop, order))
    assert served.until(lambda: len(post.came) == 9)
    assert len({raw for _, raw in post.came}) == 1, "retries keep the first body"
    assert len({headers["x-shopify-webhook-id"] for headers, _ in post.came}) == 1
    assert served.until(lambda: not shop.subscriptions)
    served.do(lambda: orders.place(shop, None))
    assert len(post.came) == 9


def test_a_success_forgets_earlier_failures(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE")
    shop = served.shops[0]
    (subscription,) = shop.subscriptions.values()
    subscription.failures = 7
    served.do(lambda: orders.place(shop, None))
    assert served.until(lambda: subscription.failures == 0)
    assert shop.subscriptions


def test_who_answers_too_late_has_not_answered(served: Town, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.sandbox.shopify.webhooks.TIMEOUT", 0.1)
    subscribe(served, post, "ORDERS_CREATE")
    post.target.pause = 0.3
    served.do(lambda: orders.place(served.shops[0], None))
    assert served.until(lambda: len(post.came) >= 2)
    assert served.courier.log[0].answers[0] == "ReadTimeout"


def test_copies_share_their_id_and_may_come_in_any_order(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE", "ORDERS_PAID", "ORDERS_UPDATED")
    shop, mischief = served.shops[0], served.webhooks[0].mischief
    mischief.copies, mischief.shuffle = 3, True
    served.do(lambda: orders.place(shop, None))
    assert served.until(lambda: len(post.came) == 6)
    assert len({headers["x-shopify-webhook-id"] for headers, _ in post.came}) == 2
    assert post.topics() != sorted(post.topics())


def test_a_day_late_it_still_says_when_it_happened(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE")
    shop, webhooks = served.shops[0], served.webhooks[0]
    webhooks.mischief.hold = True
    order = served.do(lambda: orders.place(shop, None))
    served.do(lambda: orders.cancel(shop, order))
    shop.clock.move(timedelta(days=1))
    assert post.came == []
    served.do(webhooks.release)
    assert served.until(lambda: len(post.came) == 1)
    headers, raw = post.came[0]
    assert shop.now() - datetime.fromisoformat(headers["x-shopify-triggered-at"]) > timedelta(hours=23)
    assert json.loads(raw)["cancelled_at"] is None


def test_only_wanted_fields(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_UPDATED", more='includeFields: ["id", "updated_at"]')
    shop = served.shops[0]
    served.do(lambda: orders.cancel(shop, orders.place(shop, None)))
    assert served.until(lambda: len(post.came) == 1)
    assert set(post.body("orders/updated")) == {"id", "updated_at"}


@pytest.mark.parametrize(
    ("version", "in_order", "in_customer", "in_checkout"),
    [
        ("2023-07", True, True, True),
        ("2025-01", True, False, True),
        ("2026-04", False, False, False),
        ("2026-10", False, False, False),
    ],
)
def test_bodies_change_with_the_apps_version(
    served: Town, post: Post, version: str, in_order: bool, in_customer: bool, in_checkout: bool
) -> None:
    subscribe(served, post, "ORDERS_CREATE", "CHECKOUTS_CREATE")
    shop = served.shops[0]
    shop.app.webhook_version = version
    anna = people.join(shop, Person())
    served.do(lambda: people.buy(shop, people.start_checkout(shop, anna)))
    assert served.until(lambda: len(post.came) == 2)
    order, checkout = post.body("orders/create"), post.body("checkouts/create")
    assert post.came[0][0]["x-shopify-api-version"] == version
    assert ("checkout_id" in order, "tags" in order["customer"], "id" in checkout) == (
        in_order,
        in_customer,
        in_checkout,
    )
    assert order["checkout_token"] == checkout["token"]


def test_an_order_tells_its_whole_life(served: Town, post: Post) -> None:
    topics = ("ORDERS_EDITED", "ORDERS_PARTIALLY_FULFILLED", "FULFILLMENTS_UPDATE", "FULFILLMENT_EVENTS_CREATE",
              "REFUNDS_CREATE", "ORDERS_CANCELLED", "ORDERS_DELETE",
              "FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP")  # fmt: skip
    subscribe(served, post, *topics)
    shop = served.shops[0]

    def live() -> Order:
        order = orders.place(shop, None, Basket(pickup=True))
        orders.edit(shop, order, 1, 3)
        orders.make_ready(shop, order)
        parcel = orders.pack(shop, order, part=[(0, 2)])
        orders.report(shop, order, parcel, "DELIVERED")
        orders.refund(shop, order)
        orders.cancel(shop, order)
        orders.delete(shop, order)
        return order

    order = served.do(live)
    assert served.until(lambda: len(post.came) == len(topics))
    assert post.body("orders/edited")["order_edit"]["order_id"] == order.id
    assert post.body("fulfillment_events/create")["status"] == "delivered"
    assert post.body("fulfillments/update")["shipment_status"] == "delivered"
    assert post.body("refunds/create")["transactions"][0]["amount"] == str(order.total)
    assert post.body("orders/partially_fulfilled")["fulfillment_status"] == "partial"
    assert post.body("orders/delete") == {"id": order.id}


def test_people_are_told_about_and_privacy_needs_no_subscription(served: Town, post: Post) -> None:
    subscribe(served, post, "CUSTOMERS_MERGE", "CUSTOMERS_WHATS_APP_MARKETING_CONSENT_UPDATE",
              "CUSTOMERS_MARKETING_CONSENT_UPDATE")  # fmt: skip
    shop = served.shops[0]
    shop.app.compliance_uri = post.target.url

    def live() -> tuple[int, int]:
        anna, ben = people.join(shop, Person()), people.join(shop, Person("Ben", email="ben@example.com"))
        orders.place(shop, anna)
        people.agree(shop, anna)
        people.agree_by_sms(shop, anna)
        people.merge(shop, anna, ben)
        people.ask_for_data(shop, anna)
        people.redact(shop, anna)
        people.close_shop(shop)
        return anna.id, next(iter(shop.orders))

    anna, order = served.do(live)
    assert served.until(lambda: len(post.came) == 6)
    assert post.body("customers/redact")["orders_to_redact"] == [order]
    assert post.body("customers/redact")["customer"] == {
        "id": anna, "email": "anna@example.com", "phone": "+491713920011",
    }  # fmt: skip
    assert post.body("customers/data_request")["orders_requested"] == [order]
    assert post.body("shop/redact")["shop_domain"] == shop.domain
    assert post.body("customers_whats_app_marketing_consent/update")["id"] == anna
    kept = post.body("customers/merge")["admin_graphql_api_customer_kept_id"]
    assert kept == f"gid://shopify/Customer/{anna}"


def test_uninstalling_says_goodbye_and_revokes(served: Town, post: Post) -> None:
    subscribe(served, post, "APP_UNINSTALLED", "APP_SCOPES_UPDATE")
    shop = served.shops[0]
    served.do(lambda: people.change_scopes(shop, ["read_orders"]))
    served.do(lambda: people.uninstall(shop))
    assert served.until(lambda: len(post.came) == 2)
    assert post.body("app/scopes_update")["current"] == ["read_orders"]
    assert post.body("app/uninstalled")["myshopify_domain"] == shop.domain
    assert served.ask("{ shop { name } }").status_code == 401
    assert shop.subscriptions == {}


def test_protected_data_are_missing_in_webhooks_too(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_CREATE")
    shop = served.shops[0]
    shop.switches.privacy = "null"
    served.do(lambda: orders.place(shop, people.join(shop, Person(last_name="Geheim"))))
    assert served.until(lambda: len(post.came) == 1)
    raw = post.came[0][1].decode()
    assert not [word for word in ("Anna", "Geheim", "example.com", "4917139", "Musterweg") if word in raw]
    assert json.loads(raw)["name"] == "#1001"


def test_our_own_tags_come_back(served: Town, post: Post) -> None:
    subscribe(served, post, "ORDERS_UPDATED")
    shop = served.shops[0]
    order = served.do(lambda: orders.place(shop, None))
    tag = f'mutation {{ tagsAdd(id: "gid://shopify/Order/{order.id}", tags: ["bote"]) {{ userErrors {{ message }} }} }}'
    served.ask(tag)
    served.ask(tag)
    assert served.until(lambda: len(post.came) == 1)
    assert post.body("orders/updated")["tags"] == "bote"


def test_a_finished_bulk_operation_is_announced_once(served: Town, post: Post) -> None:
    subscribe(served, post, "BULK_OPERATIONS_FINISH")
    served.ask('mutation { bulkOperationRunQuery(query: "{ orders { nodes { id } } }") { bulkOperation { id } } }')
    for _ in range(3):
        served.ask("{ currentBulkOperation { status } }")
    assert served.until(lambda: len(post.came) == 1)
    assert post.body("bulk_operations/finish")["status"] == "completed"
