"""Our own shops' recordings, 10.5.2 and 8.9.3, through the link: orders, drafts, parcels, products, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from replays import RECORDED_AT, calls, replay

from connectors.woocommerce import statuses
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.link import WooCommerceLink
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.poll import Poll
from connectors.woocommerce.products import Catalogue
from connectors.woocommerce.troubles import Rejected
from integration.domain.shops.events import Milestone, ObjectType, Snapshot, diff
from integration.domain.shops.ports import ShopContext

SHOP = ShopContext("laden", "DE")
ASKED = {"own": [], "asked": RECORDED_AT.isoformat()}


@contextmanager
def link(name: str) -> Iterator[WooCommerceLink]:
    with replay(name) as shop:
        yield WooCommerceLink(shop, SHOP)


def body(shop: WooCommerceClient, call: dict[str, Any]) -> Any:
    return shop.get(call["endpoint"], call["params"]).body


def kinds(found: tuple[Snapshot, ...]) -> list[tuple[ObjectType, str]]:
    return [(one.object_type, one.facts["status"]) for one in found if "status" in one.facts]


def test_a_recorded_draft_becomes_an_order_of_the_same_id() -> None:
    name = "checkout_draft_becomes_order"
    with replay(name) as shop:
        (draft,), placed = [order_snapshots(body(shop, call), SHOP) for call in calls(name)]
    assert (draft.object_type, draft.facts["status"]) == (ObjectType.CART, "open")
    assert kinds(placed) == [(ObjectType.ORDER, "on_hold"), (ObjectType.CART, "ordered")]
    assert {one.object_id for one in (draft, *placed)} == {"1588"}
    assert [one.milestone for one in diff(None, placed[0])] == [Milestone.PLACED, Milestone.AWAITING_PAYMENT]


def test_a_recorded_draft_while_the_customer_types() -> None:
    with replay("checkout_draft_typing") as shop:
        (first,), (second,) = [order_snapshots(body(shop, call), SHOP) for call in calls("checkout_draft_typing")]
    assert second.object_id == first.object_id and second.version > first.version
    assert second.facts["phone"] != first.facts["phone"]


def test_recorded_drafts_are_carts_with_a_way_back() -> None:
    with replay("checkout_drafts") as shop:
        rows = body(shop, calls("checkout_drafts")[0])
    carts = [order_snapshots(row, SHOP)[0] for row in rows]
    assert len(carts) == 4 and all(one.object_type is ObjectType.CART for one in carts)
    assert sum(not one.facts["phone"] and not one.facts["email"] for one in carts) == 1
    assert carts[0].facts["recovery_url"] == "http://127.0.0.1:8100/checkout-link/?products=11:1,10:2"


def test_an_old_shops_draft_leads_back_to_its_checkout() -> None:
    with replay("wc893_checkout_draft_becomes_order") as shop:
        draft, order = [body(shop, call) for call in calls("wc893_checkout_draft_becomes_order")]
    (cart,) = order_snapshots(draft[0], SHOP)
    assert cart.facts["recovery_url"] == "http://127.0.0.1:8101/checkout/"
    signed = {"key": "_ladenbote_recovery_url", "value": "http://127.0.0.1:8101/?ladenbote_cart=abc.def"}
    (cart,) = order_snapshots(draft[0] | {"meta_data": [signed]}, SHOP)
    assert cart.facts["recovery_url"] == signed["value"]
    assert kinds(order_snapshots(order, SHOP)) == [(ObjectType.ORDER, "on_hold"), (ObjectType.CART, "ordered")]


def test_recorded_core_fulfillments() -> None:
    with replay("order_fulfillments") as shop:
        *_, fulfillments, order = [
            shop.get(call["endpoint"]).body for call in calls("order_fulfillments") if call["method"] == "GET"
        ]
    _, parcel = order_snapshots(order, SHOP, fulfillments)
    assert parcel.object_id == "1592:f2"
    assert (parcel.facts["number"], parcel.facts["carrier"]) == ("00340434161094042557", "DHL")
    assert parcel.facts["shipped_at"] == "2026-11-23T18:09:17+00:00"
    printed = [fulfillments[0] | {"is_fulfilled": False}]
    _, label = order_snapshots(order, SHOP, printed)
    assert (label.facts["number"], label.facts["url"], label.facts["shipped_at"]) == ("", "", None)


def test_an_old_shop_has_no_fulfillments_to_ask_for() -> None:
    name = "wc893_orders_poll_keyset"
    with replay(name) as shop:
        poll = Poll(shop, SHOP, Catalogue(shop, "laden"))
        cursor = {"after": calls(name)[0]["params"]["modified_after"], **ASKED}
        pages = []
        for _ in calls(name):
            poll._sizes["orders"].rows = 3
            pages.append(poll.page("orders", cursor, RECORDED_AT))
            cursor = dict(pages[-1].cursor)
    assert [(page.more, page.left, page.reread) for page in pages] == [(True, 1, ()), (False, 0, ())]
    orders = [one for page in pages for one in page.snapshots if one.object_type is ObjectType.ORDER]
    assert [one.object_id for one in orders] == ["16", "17", "18", "19"]


def test_trash_then_404() -> None:
    with link("order_trash_then_404") as shop:
        (trashed, *_) = shop.read(ObjectType.ORDER, "1577", RECORDED_AT).snapshots
        assert trashed.facts["status"] == "gone"
        assert shop.read(ObjectType.ORDER, "1577", RECORDED_AT).gone == "1577"


def test_recorded_shiptastic_steps() -> None:
    with replay("order_shiptastic") as shop:
        reads = [c for c in calls("order_shiptastic") if c["method"] == "GET"]
        answers = [body(shop, call) for call in reads]
    printed, shipped = (order_snapshots(answers[n], SHOP)[1] for n in (0, 1))
    assert [one.milestone for one in diff(None, printed)] == [Milestone.PARCEL_CREATED]
    assert [one.milestone for one in diff(printed, shipped)] == [Milestone.SHIPPED]


def test_recorded_products() -> None:
    with replay("products") as shop:
        rows = body(shop, calls("products")[1])
    with replay("settings_general") as shop:
        found = Catalogue(shop, "laden").snapshot(rows[-1])
    assert len(rows) == 3
    assert found.facts == {
        "name": "Lampe",
        "url": "http://127.0.0.1:8100/product/lampe/",
        "picture": "",
        "categories": ["Uncategorized"],
        "currency": "EUR",
        "published": True,
        "variants": [{"id": "12", "name": "Lampe", "sku": "LA-3", "price": "79.90", "in_stock": True, "stock": None}],
    }


def test_the_400_names_the_allowed_statuses() -> None:
    with replay("orders_poll_bad_requests") as shop:
        with pytest.raises(Rejected) as caught:
            shop.get("orders", {"status": ["processing", "verschickt"]})
        allowed = set(statuses.SLUG.findall(caught.value.detail))
        assert {"processing", "on-hold", "checkout-draft"} <= allowed and "verschickt" not in allowed
        assert "verschickt" not in str(caught.value)
        for params in ({"per_page": 101}, {"modified_after": "gestern"}):
            with pytest.raises(Rejected):
                shop.get("orders", params)  # type: ignore[arg-type]
