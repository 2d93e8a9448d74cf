"""Polling a Shopify shop: nothing lost, nothing read twice, few points."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fakeshop import FakeShop, error, graphql
from shopify_cost import requested_cost
from shopify_kit import NODE, START, linked, numbers, order, run, stamp

from connectors.shopify import documents
from connectors.shopify.link import ShopifyLink
from integration.domain.errors import ShopError
from integration.domain.shops.events import Milestone, ObjectType, diff


@pytest.fixture
def server() -> Iterator[FakeShop]:
    with FakeShop() as fake:
        yield fake


@pytest.fixture
def link(server: FakeShop) -> Iterator[ShopifyLink]:
    found = linked(server)
    yield found
    found.close()


def test_a_shop_without_news_costs_one_small_request(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(n, START - timedelta(days=1)) for n in range(30)]
    cursor, found = run(link, link.first_cursor("orders", START), START + timedelta(hours=1))
    assert not found
    server.asked.clear()
    run(link, cursor, START + timedelta(hours=1, minutes=1))
    assert server.operations_asked() == ["OrdersChanged"]
    assert requested_cost(documents.ORDERS_CHANGED, server.asked[0][1]) == 52


def test_changed_orders_come_with_their_parcels_and_exact_ids(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(1, START + timedelta(minutes=5))]
    _, (found, parcel) = run(link, link.first_cursor("orders", START), START + timedelta(minutes=10))
    assert found.object_id == "9007199254741001"
    assert parcel.facts["order_id"] == "9007199254741001"
    assert found.facts["cart_id"] == "fiktiv-checkout"


def test_every_page_is_read_and_nothing_twice(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(n, START + timedelta(seconds=n)) for n in range(130)]
    cursor, found = run(link, link.first_cursor("orders", START), START + timedelta(hours=1))
    assert numbers(found) == [f"#{n}" for n in range(130)]
    _, again = run(link, cursor, START + timedelta(hours=1))
    assert again == []


def test_the_overlap_costs_no_details_but_shows_what_came_late(server: FakeShop, link: ShopifyLink) -> None:
    now = START + timedelta(hours=1)
    server.objects["orders"] = [order(1, now - timedelta(seconds=30))]
    cursor, found = run(link, link.first_cursor("orders", START), now)
    assert numbers(found) == ["#1"]
    # Shopify's search shows this one only now, although it is older than the last run.
    server.objects["orders"].append(order(2, now - timedelta(seconds=60)))
    _, found = run(link, cursor, now + timedelta(seconds=20))
    assert numbers(found) == ["#2"]


def test_a_second_change_within_the_same_second_is_not_lost(server: FakeShop, link: ShopifyLink) -> None:
    now = START + timedelta(hours=1)
    server.objects["orders"] = [order(1, now)]
    cursor, _ = run(link, link.first_cursor("orders", START), now)
    server.objects["orders"] = [order(1, now, cancelledAt=stamp(now))]
    _, found = run(link, cursor, now + timedelta(seconds=20))
    assert found[0].facts["status"] == "cancelled"


def test_a_clock_that_runs_ahead_loses_nothing(server: FakeShop, link: ShopifyLink) -> None:
    real = datetime.now(UTC)
    cursor, _ = run(link, link.first_cursor("orders", START), real + timedelta(minutes=20))
    server.objects["orders"] = [order(1, real + timedelta(seconds=10))]
    _, found = run(link, cursor, real + timedelta(minutes=21))
    assert numbers(found) == ["#1"]


def test_a_token_that_ends_between_pages_is_renewed_and_the_run_goes_on(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(n, START + timedelta(seconds=n)) for n in range(60)]
    first = link.page("orders", link.first_cursor("orders", START), START + timedelta(hours=1))
    server.valid = {"another"}
    _, rest = run(link, first.cursor, START + timedelta(hours=1))
    assert numbers([*first.snapshots, *rest]) == [f"#{n}" for n in range(60)]
    assert server.token_requests == 2
    afters = [variables["after"] for name, variables in server.asked if name == "OrdersChanged"]
    assert afters == [None, "50", "50"]


def test_what_is_too_costly_is_asked_in_pieces(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(n, START + timedelta(seconds=n)) for n in range(10)]

    def at_most_three(name: str, variables: Any) -> Any:
        server.script.append(at_most_three)
        if name == "OrderDetails" and len(variables["ids"]) > 3:
            return graphql(errors=error("MAX_COST_EXCEEDED", cost=2000, maxCost=1000))
        return None

    server.script.append(at_most_three)
    _, found = run(link, link.first_cursor("orders", START), START + timedelta(hours=1))
    assert numbers(found) == [f"#{n}" for n in range(10)]


def test_what_stays_too_costly_is_said(server: FakeShop, link: ShopifyLink) -> None:
    server.script += [lambda *_: graphql(errors=error("MAX_COST_EXCEEDED"))] * 10
    with pytest.raises(ShopError) as caught:
        link.page("orders", link.first_cursor("orders", START), START)
    assert caught.value.code == "query_too_large"


@pytest.mark.parametrize("data", [{}, {"orders": None}, {"orders": {"nodes": None}}, {"orders": []}, None])
def test_an_answer_that_says_nothing_is_not_taken_for_no_news(server: FakeShop, link: ShopifyLink, data: Any) -> None:
    server.operations["OrdersChanged"] = lambda _: data
    with pytest.raises(ShopError) as caught:
        link.page("orders", link.first_cursor("orders", START), START)
    assert caught.value.code == "server_error"


@pytest.mark.parametrize("data", [{}, {"nodes": None}])
def test_details_that_say_nothing_are_not_taken_for_deleted(server: FakeShop, link: ShopifyLink, data: Any) -> None:
    server.objects["orders"] = [order(1, START)]
    server.operations["OrderDetails"] = lambda _: data
    with pytest.raises(ShopError):
        link.page("orders", link.first_cursor("orders", START), START)
    with pytest.raises(ShopError):
        link.read(ObjectType.ORDER, "9007199254741001", START)


def test_a_page_cursor_that_stands_still_does_not_loop(server: FakeShop, link: ShopifyLink) -> None:
    stuck = {"orders": {"pageInfo": {"hasNextPage": True, "endCursor": "50"}, "nodes": []}}
    server.operations["OrdersChanged"] = lambda _: stuck
    run(link, link.first_cursor("orders", START), START)
    assert len(server.asked) == 2


def test_search_times_are_quoted_and_inclusive(server: FakeShop, link: ShopifyLink) -> None:
    link.page("orders", {"since": "2026-11-23T09:00:00+00:00"}, START)
    assert server.asked[0][1]["query"] == "updated_at:>='2026-11-23T09:00:00Z'"


def test_the_cursor_stays_small_and_knows_nobody(server: FakeShop, link: ShopifyLink) -> None:
    now = START + timedelta(hours=1)
    server.objects["orders"] = [order(n, now - timedelta(seconds=60)) for n in range(250)]
    cursor, _ = run(link, link.first_cursor("orders", START), now)
    kept = orjson.dumps(cursor)
    assert len(kept) < 3_000
    assert b"900719" not in kept and b"Anna" not in kept


def test_more_parcels_than_a_list_holds(server: FakeShop, link: ShopifyLink) -> None:
    parcels = [NODE["fulfillments"][0] | {"id": f"gid://shopify/Fulfillment/{n}"} for n in range(1, 9)]
    given = {"fulfillments": parcels[:5], "fulfillmentsCount": {"count": 8}}
    server.objects["orders"] = [order(1, START, **given)]
    server.operations["OrderParcels"] = lambda _: {"order": {"fulfillments": parcels}}
    _, found = run(link, link.first_cursor("orders", START), START)
    assert len(found) == 9


def test_door_counter_and_hand_over_at_the_time_that_the_carrier_says(server: FakeShop, link: ShopifyLink) -> None:
    def event(status: str, minute: int) -> dict[str, str]:
        return {"status": status, "happenedAt": stamp(START + timedelta(minutes=minute))}

    events = [event("DELIVERED", 9), event("OUT_FOR_DELIVERY", 6), event("READY_FOR_PICKUP", 3)]
    parcel = NODE["fulfillments"][0] | {
        "displayStatus": "DELIVERED",
        "deliveredAt": stamp(START + timedelta(minutes=9)),
        "updatedAt": stamp(START + timedelta(minutes=30)),
        "events": {"nodes": events},
    }
    server.objects["orders"] = [order(1, START, fulfillments=[parcel])]
    _, (found, sent) = run(link, link.first_cursor("orders", START), START)
    assert sent.facts["out_for_delivery_at"] == (START + timedelta(minutes=6)).isoformat()
    assert sent.facts["delivered_at"] == (START + timedelta(minutes=9)).isoformat()
    assert found.facts["ready_for_pickup_at"] == (START + timedelta(minutes=3)).isoformat()
    assert Milestone.READY_FOR_PICKUP in {one.milestone for one in diff(None, found)}


def test_a_parcel_at_the_door_without_events(server: FakeShop, link: ShopifyLink) -> None:
    parcel = NODE["fulfillments"][0] | {"displayStatus": "OUT_FOR_DELIVERY"}
    server.objects["orders"] = [order(1, START, fulfillments=[parcel])]
    _, (_, sent) = run(link, link.first_cursor("orders", START), START)
    assert sent.facts["out_for_delivery_at"] == "2026-11-23T14:12:00+00:00"
    assert sent.facts["delivered_at"] is None


def test_the_carriers_estimate_is_the_promised_day(server: FakeShop, link: ShopifyLink) -> None:
    parcel = NODE["fulfillments"][0] | {"estimatedDeliveryAt": "2026-11-26T18:00:00Z"}
    server.objects["orders"] = [order(1, START, fulfillments=[parcel])]
    _, (_, sent) = run(link, link.first_cursor("orders", START), START)
    assert sent.facts["promised_on"] == "2026-11-26"


def test_an_order_without_anybody(server: FakeShop, link: ShopifyLink) -> None:
    nobody = dict.fromkeys(("customer", "billingAddress", "shippingAddress", "phone", "email"))
    server.objects["orders"] = [order(1, START, **nobody), order(2, START)]
    _, found = run(link, link.first_cursor("orders", START), START)
    assert numbers(found) == ["#1", "#2"]
    assert (found[0].facts["phone"], found[0].facts["country"], found[0].facts["customer_id"]) == ("", "DE", "")


def test_an_order_that_shopify_would_never_send_holds_nobody_up(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(1, START, id="gid://shopify/Order/?"), order(2, START)]
    _, found = run(link, link.first_cursor("orders", START), START)
    assert numbers(found) == ["#2"]


def test_an_order_that_is_kept_from_us_stops_the_stream(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(1, START)]
    denied = error("ACCESS_DENIED", requiredAccess="`read_marketplace_orders` access scope")
    hidden = lambda name, _: graphql({"nodes": [None]}, denied) if name == "OrderDetails" else None  # noqa: E731
    server.script += [lambda *_: None, hidden]
    with pytest.raises(ShopError) as caught:
        link.page("orders", link.first_cursor("orders", START), START)
    assert caught.value.code == "missing_scope"


def test_money_is_the_customers(server: FakeShop, link: ShopifyLink) -> None:
    swiss = {"presentmentMoney": {"amount": "61.9", "currencyCode": "CHF"}}
    server.objects["orders"] = [order(1, START, totalPriceSet=swiss)]
    _, found = run(link, link.first_cursor("orders", START), START)
    assert (found[0].facts["total"], found[0].facts["currency"]) == ("61.90", "CHF")


def test_one_object_is_read_alone(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(1, START)]
    found = link.read(ObjectType.ORDER, "9007199254741001", START)
    assert numbers(list(found.snapshots)) == ["#1"]
    gone = link.read(ObjectType.ORDER, "5", START)
    assert (gone.gone, gone.note, gone.snapshots) == ("5", "gone", ())
    server.operations["OrderOfParcel"] = lambda _: {"node": {"order": order(3, START)}}
    assert numbers(list(link.read(ObjectType.SHIPMENT, "77", START).snapshots)) == ["#3"]


@pytest.mark.parametrize(("method", "ready"), [("PICK_UP", True), ("SHIPPING", False), (None, False)])
def test_an_order_laid_out_at_the_counter(server: FakeShop, link: ShopifyLink, method: str | None, ready: bool) -> None:
    node = {"updatedAt": stamp(START), "deliveryMethod": {"methodType": method}, "order": order(4, START)}
    server.operations["OrderOfPickup"] = lambda _: {"node": node}
    found = link.read(ObjectType.ORDER, "FulfillmentOrder/12", START + timedelta(minutes=1)).snapshots[0]
    assert (found.facts["ready_for_pickup_at"] == START.isoformat()) is ready
    assert server.asked[-1] == ("OrderOfPickup", {"id": "gid://shopify/FulfillmentOrder/12"})


def test_the_first_runs_streams(link: ShopifyLink) -> None:
    assert [stream.name for stream in link.streams()] == ["orders", "history", "carts", "customers", "products"]
    assert all(stream.quickest <= stream.slowest for stream in link.streams())
