"""Our side of a pretend WooCommerce shop, old and new, over real HTTP: streams, single objects, bad days."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from woo_links import beginning, linked, now, whole

from integration.domain.errors import ShopBusy, ShopError, ShopRefused
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import CartFacts, ProductFacts, ShipmentFacts
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.sandbox.woocommerce.seed import seed


@pytest.fixture(params=["10.5.2", "8.9.3"])
def shop(request: pytest.FixtureRequest) -> Iterator[LoopbackShop]:
    with woo_shop(request.param) as found:
        yield found


@pytest.fixture
def new() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def of(found: list[Snapshot], kind: ObjectType) -> list[Snapshot]:
    return [one for one in found if one.object_type is kind]


# ── Orders ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_order_is_read_once_and_then_an_idle_poll_is_one_request(shop: LoopbackShop) -> None:
    shop.do(seed, shop.shop, 250, now() - timedelta(days=20), now() - timedelta(hours=1))
    link = linked(shop)
    found, page = whole(link)
    ids = [one.object_id for one in of(found, ObjectType.ORDER)]
    assert len(ids) == len(set(ids)) == 250
    assert len(shop.asked()) <= 5
    for stream in ("orders", "carts", "products"):
        _, page = whole(link, stream)
        shop.asked()
        idle = link.page(stream, orjson.loads(orjson.dumps(page.cursor)), now())
        assert (idle.snapshots, idle.more, idle.reread) == ((), False, ())
        assert len(shop.asked()) == 1


def test_the_first_page_says_how_many_are_left(new: LoopbackShop) -> None:
    new.do(seed, new.shop, 250, now() - timedelta(days=20), now() - timedelta(hours=1))
    link = linked(new)
    page = link.page("orders", beginning(link), now())
    assert (len(of(list(page.snapshots), ObjectType.ORDER)), page.more, page.left) == (100, True, 150)


def test_what_happened_while_we_were_away_is_found(shop: LoopbackShop) -> None:
    link = linked(shop)
    orders = shop.do(seed, shop.shop, 120, now() - timedelta(days=2), now() - timedelta(days=1))
    _, page = whole(link)
    shop.go_offline()
    with pytest.raises(ShopError) as caught:
        link.page("orders", page.cursor, now())
    assert caught.value.code == "no_connection"
    shop.do(shop.shop.bulk, orders, "completed")
    shop.come_online()
    found, _ = whole(link, "orders", page.cursor)
    assert {one.object_id for one in of(found, ObjectType.ORDER)} == {str(order.id) for order in orders}
    assert all(one.facts["status"] == "completed" for one in of(found, ObjectType.ORDER))


def test_five_hundred_orders_in_one_second(new: LoopbackShop) -> None:
    link = linked(new)
    at = now() - timedelta(hours=3)
    new.do(seed, new.shop, 500, at, at + timedelta(microseconds=500))
    found, _ = whole(link)
    assert len({one.object_id for one in of(found, ObjectType.ORDER)}) == 500
    assert len(new.asked()) <= 12


def test_a_shops_own_statuses_are_asked_for(new: LoopbackShop) -> None:
    link = linked(new)
    order = new.do(new.shop.place_order, "anna")
    _, page = whole(link)
    new.shop.statuses += ("beim-packen",)
    new.do(new.shop.set_status, order, "beim-packen")
    order.modified += timedelta(seconds=30)
    other = new.do(new.shop.place_order, "ben")
    other.modified += timedelta(seconds=60)
    found, page = whole(link, "orders", page.cursor)
    assert [one.object_id for one in of(found, ObjectType.ORDER)] == [str(other.id)]
    later = now() + timedelta(hours=1, minutes=1)
    again = of(list(link.page("orders", page.cursor, later).snapshots), ObjectType.ORDER)
    known = {one.object_id: one.facts["status"] for one in again}
    assert known[str(order.id)] == "processing"


def test_a_status_that_the_shop_took_away_does_not_end_the_poll(new: LoopbackShop) -> None:
    link = linked(new)
    order = new.do(new.shop.place_order, "anna")
    cursor = {**beginning(link), "own": ["weg"], "asked": now().isoformat()}
    page = link.page("orders", cursor, now())
    assert page.snapshots[0].object_id == str(order.id)


def test_trash_and_deletion_are_found_by_reading(new: LoopbackShop) -> None:
    link = linked(new)
    order = new.do(new.shop.place_order, "anna")
    new.do(new.shop.trash, order)
    assert link.read(ObjectType.ORDER, str(order.id), now()).snapshots[0].facts["status"] == "gone"
    new.do(new.shop.delete, order)
    assert link.read(ObjectType.ORDER, str(order.id), now()).gone == str(order.id)


# ── Carts ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_a_cart_and_its_order_ends_it(shop: LoopbackShop) -> None:
    link = linked(shop)
    draft = shop.do(shop.shop.open_cart, "anna", [(0, 2)])
    (bare,), page = whole(link, "carts")
    assert set(bare.facts) == set(CartFacts.__annotations__)
    assert (bare.object_type, bare.facts["status"], bare.facts["phone"]) == (ObjectType.CART, "open", "")
    shop.do(shop.shop.type_contact, draft, None, True)
    (typed,), page = whole(link, "carts", page.cursor)
    assert (typed.object_id, typed.facts["phone"]) == (bare.object_id, "0171 3920011")
    assert typed.facts["items"][0]["quantity"] == 2
    assert whole(link)[0] == []
    shop.do(shop.shop.place, draft)
    order, cart = whole(link)[0]
    assert (order.object_type, order.facts["cart_id"]) == (ObjectType.ORDER, typed.object_id)
    assert (cart.object_id, cart.facts["status"]) == (typed.object_id, "ordered")
    assert whole(link, "carts", page.cursor)[0] == []


def test_the_way_back_into_a_cart(shop: LoopbackShop) -> None:
    shop.do(shop.shop.open_cart, "anna", [(0, 2), (1, 1)])
    (cart,), _ = whole(linked(shop), "carts")
    modern = shop.shop.version.modern
    wanted = f"{shop.url}/checkout-link/?products=11:2,12:1" if modern else f"{shop.url}/checkout/"
    assert cart.facts["recovery_url"] == wanted


def bought(shop: LoopbackShop, **changes: object) -> str:
    (cart,), _ = whole(linked(shop), "carts")
    return linked(shop).bought_since(replace(cart, facts={**cart.facts, **changes}), now())


def test_whoever_placed_the_draft_has_bought(shop: LoopbackShop) -> None:
    draft = shop.do(shop.shop.open_cart, "anna")
    (cart,), _ = whole(linked(shop), "carts")
    assert linked(shop).bought_since(cart, now()) == ""
    shop.do(shop.shop.place, draft, paid=False)
    assert linked(shop).bought_since(cart, now()) == str(draft.id)


@pytest.mark.parametrize(
    "person",
    [
        {"phone": "0049 171 / 39200-22"},
        {"email": " BEN@example.com "},
        {"customer_id": "2"},
    ],
)
def test_the_same_person_with_another_cart_has_bought(new: LoopbackShop, person: dict[str, str]) -> None:
    new.do(new.shop.register, "ben")
    new.do(new.shop.open_cart, "carla")
    order = new.do(new.shop.place_order, "ben")
    nobody = {"phone": "", "email": "", "customer_id": ""}
    assert bought(new, **nobody) == ""
    assert bought(new, **{**nobody, **person}) == str(order.id)
    new.do(new.shop.cancel, order)
    assert bought(new, **{**nobody, **person}) == ""


def test_an_order_before_the_cart_is_another_purchase(new: LoopbackShop) -> None:
    (order,) = new.do(seed, new.shop, 1, now() - timedelta(days=5), now() - timedelta(days=5))
    new.do(new.shop.open_cart, "carla")
    new.do(new.shop.set_status, order, "completed")
    assert bought(new, phone=order.billing["phone"]) == ""


def test_a_person_is_searched_for_behind_many_orders(new: LoopbackShop) -> None:
    new.do(new.shop.open_cart, "carla")
    order = new.do(new.shop.place_order, "ben")
    for one in new.do(seed, new.shop, 320, now(), now()):
        one.modified = now() + timedelta(minutes=1)
    new.asked()
    assert bought(new, email="ben@example.com") == str(order.id)


# ── Parcels ─────────────────────────────────────────────────────────────────────────────────────────────────

NUMBER = "00340434161094042557"
PAGE = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434161094042557"


def test_a_parcel_of_the_tracking_plugin(shop: LoopbackShop) -> None:
    order = shop.do(shop.shop.place_order, "anna")
    shop.do(shop.shop.ship, order, "DHL", NUMBER, PAGE)
    (parcel,) = of(whole(linked(shop))[0], ObjectType.SHIPMENT)
    assert (parcel.facts["number"], parcel.facts["carrier"]) == (NUMBER, "DHL")


def test_core_fulfillments_are_asked_for(new: LoopbackShop) -> None:
    link = linked(new)
    order = new.do(new.shop.place_order, "anna")
    new.shop.features, new.shop.tracking = {"fulfillments"}, "fulfillments"
    new.do(new.shop.ship, order, "dhl", NUMBER, PAGE)
    found, page = whole(link)
    assert (of(found, ObjectType.SHIPMENT), page.reread) == ([], ((ObjectType.ORDER, str(order.id)),))
    (parcel,) = of(list(link.read(*page.reread[0], now()).snapshots), ObjectType.SHIPMENT)
    assert set(parcel.facts) == set(ShipmentFacts.__annotations__)
    assert (parcel.facts["number"], parcel.facts["carrier"], parcel.facts["url"]) == (NUMBER, "DHL", PAGE)
    assert abs(parcel.version - now()) < timedelta(minutes=5)
    shipped = parcel.facts["shipped_at"]
    assert shipped and shipped <= parcel.version.isoformat()
    assert link.page("orders", page.cursor, now()).reread == ()


def test_a_corrected_number_in_shiptastic_is_found(new: LoopbackShop) -> None:
    link = linked(new)
    order = new.do(new.shop.place_order, "anna")
    new.shop.features, new.shop.tracking = {"shiptastic"}, "shiptastic"
    new.do(new.shop.ship, order, "DHL", NUMBER, PAGE)
    order.modified -= timedelta(minutes=1)
    new.do(new.shop.place_order, "ben")
    before, orders = whole(link)
    first = link.page("shipments", beginning(link, "shipments"), now())
    assert first.reread == ()
    new.do(new.shop.renumber, order, "00340434161094049999")
    assert link.page("orders", orders.cursor, now()).snapshots == ()
    second = link.page("shipments", first.cursor, now())
    assert second.reread == ((ObjectType.ORDER, str(order.id)),)
    (parcel,) = of(list(link.read(*second.reread[0], now()).snapshots), ObjectType.SHIPMENT)
    (known,) = of(before, ObjectType.SHIPMENT)
    assert (parcel.object_id, parcel.facts["number"]) == (known.object_id, "00340434161094049999")
    assert link.page("shipments", second.cursor, now()).reread == ()


def test_without_shiptastic_the_shop_is_left_in_peace(new: LoopbackShop) -> None:
    link = linked(new)
    page = link.page("shipments", beginning(link, "shipments"), now())
    new.asked()
    page = link.page("shipments", page.cursor, now())
    assert new.asked() == []
    link.page("shipments", page.cursor, now() + timedelta(hours=7))
    assert len(new.asked()) == 1


def test_numbers_in_a_meta_of_the_owners_choice(new: LoopbackShop) -> None:
    order = new.do(new.shop.place_order, "anna")
    order.meta |= {"_label": {"nr": "A1, B2 A1"}, "_wer": "dpd"}
    new.do(new.shop.touch, order)
    link = linked(new, tracking_meta={"number": "_label.nr", "carrier": "_wer", "carrier_name": "", "url": ""})
    found = of(whole(link)[0], ObjectType.SHIPMENT)
    assert [(one.facts["number"], one.facts["carrier"]) for one in found] == [("A1", "DPD"), ("B2", "DPD")]
    assert all(one.facts["url"].startswith("https://tracking.dpd.de/") for one in found)
    assert of(whole(linked(new))[0], ObjectType.SHIPMENT) == []


# ── Products ────────────────────────────────────────────────────────────────────────────────────────────────


def test_products_with_their_variations(shop: LoopbackShop) -> None:
    link = linked(shop)
    found, page = whole(link, "products")
    assert found and all(set(one.facts) == set(ProductFacts.__annotations__) for one in found)
    varied = next(one for one in found if len(one.facts["variants"]) > 1)
    assert all(one["name"] and Decimal(one["price"]) > 0 and one["id"] for one in varied.facts["variants"])
    assert varied.facts["currency"] == "EUR" and varied.facts["published"]
    plain = next(one for one in found if len(one.facts["variants"]) == 1)
    item = shop.shop.items[int(plain.object_id)]
    shop.do(shop.shop.sell, item, price=Decimal("1.00"), stock=0)
    (cheaper,), page = whole(link, "products", page.cursor)
    assert (
        cheaper.facts["variants"][0] | {"price": "1.00", "in_stock": False, "stock": 0} == cheaper.facts["variants"][0]
    )
    assert link.read(ObjectType.PRODUCT, plain.object_id, now()).snapshots == (cheaper,)


def test_a_variation_alone_is_found_within_half_a_day(new: LoopbackShop) -> None:
    link = linked(new)
    _, page = whole(link, "products")
    variation = next(item for item in new.shop.items.values() if item.parent)
    new.do(new.shop.sell, variation, stock=0)
    again = link.page("products", page.cursor, now() + timedelta(hours=13))
    (product,) = [one for one in again.snapshots if one.object_id == str(variation.parent)]
    (found,) = [one for one in product.facts["variants"] if one["id"] == str(variation.id)]
    assert found["in_stock"] is False


def test_a_product_that_is_gone_is_not_published(new: LoopbackShop) -> None:
    (gone,) = linked(new).read(ObjectType.PRODUCT, "999999", now()).snapshots
    assert gone.facts["published"] is False


# ── Bad days ────────────────────────────────────────────────────────────────────────────────────────────────

BROKEN = [
    ("html_500", "shop_error"),
    ("fatal", "shop_error"),
    ("maintenance", "maintenance"),
    ("busy", "limited"),
    ("blocked", "firewall"),
    ("html_200", "no_json"),
    ("notice", "no_json"),
    ("cut", "no_json"),
    ("reset", "no_connection"),
]


@pytest.mark.parametrize(("fault", "code"), BROKEN)
def test_a_broken_shop_is_named_and_loses_nothing(new: LoopbackShop, fault: str, code: str) -> None:
    link = linked(new)
    new.do(seed, new.shop, 5, now() - timedelta(days=2), now() - timedelta(days=1))
    new.do(new.faults.set, fault)
    with pytest.raises(ShopError) as caught:
        link.page("orders", beginning(link), now())
    assert caught.value.code == code
    assert link.diagnose(now())[0].code == code
    new.do(new.faults.mend)
    assert len(of(whole(link)[0], ObjectType.ORDER)) == 5


def test_a_shop_that_limits_us_says_how_long(new: LoopbackShop) -> None:
    new.do(new.faults.set, "busy", seconds=17)
    with pytest.raises(ShopBusy) as caught:
        whole(linked(new))
    assert caught.value.wait == 17


def test_a_slow_shop_is_asked_for_less(new: LoopbackShop) -> None:
    link = linked(new, timeout=0.3)
    new.do(seed, new.shop, 130, now() - timedelta(days=2), now() - timedelta(days=1))
    new.do(new.faults.set, "hang", times=2)
    for _ in range(2):
        with pytest.raises(ShopError, match="time"):
            link.page("orders", beginning(link), now())
    link._client._api.timeout = 60  # the shop is well again, and this machine may be busy
    new.do(new.shop.requests.clear)
    found, _ = whole(link)
    assert len(of(found, ObjectType.ORDER)) == 130
    sizes = new.do(lambda: [query for _, path, query in new.shop.requests if path == "wc/v3/orders"])
    assert "per_page=6&" in sizes[0] and "per_page=96&" in sizes[-1]


def test_a_moved_shop_names_its_new_address(new: LoopbackShop) -> None:
    new.do(new.faults.set, "moved", target="https://neu.example")
    with pytest.raises(ShopRefused) as caught:
        whole(linked(new))
    assert (caught.value.code, "https://neu.example" in str(caught.value)) == ("moved", True)
    assert "consumer" not in str(caught.value)


def test_the_picture_of_an_article_and_of_nothing_else(new: LoopbackShop) -> None:
    link = linked(new)
    [product, *_] = of(whole(link, "products")[0], ObjectType.PRODUCT)
    content = link.picture(product.facts["picture"], 10_000_000)
    assert content.startswith(b"\xff\xd8\xff")
    assert len(link.picture(product.facts["picture"], 100)) == 101
    for elsewhere in ("http://127.0.0.1:9/a.jpg", "https://evil.example/a.jpg"):
        with pytest.raises(ShopRefused):
            link.picture(elsewhere, 100)
