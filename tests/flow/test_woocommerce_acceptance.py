"""What the owner of a WooCommerce shop is promised: nothing lost, nothing twice, nothing late."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from woo_play import Play, playing

from integration.domain.events import ObjectType
from integration.domain.ports import Level
from integration.flow import examine, poll
from integration.sandbox.woo.seed import seed, stir
from integration.store import streams
from integration.store.db import Database


@pytest.fixture
def play(database: Database, keys: Database) -> Iterator[Play]:
    with playing(database, keys) as running:
        yield running


def test_the_first_reading_is_knowledge_and_sends_nothing(play: Play) -> None:
    shop = play.shop
    shop.do(seed, shop.shop, 130, play.now() - timedelta(days=29), play.now() - timedelta(hours=1))
    play.poll()
    assert len(play.stored()) == 130
    assert "queued" not in play.messages()


def test_a_new_order_is_a_message(play: Play) -> None:
    play.poll()
    play.shop.do(play.shop.shop.place_order, "anna", consent=True, paid=True)
    play.poll()
    assert play.messages()["queued"] == 1
    play.poll()
    assert play.messages()["queued"] == 1


def test_a_day_offline_is_caught_up_exactly_once_and_without_late_messages(database: Database, keys: Database) -> None:
    with playing(database, keys, timedelta(days=3)) as play:
        shop = play.shop
        orders = shop.do(seed, shop.shop, 150, play.now() - timedelta(days=2), play.now() - timedelta(days=1, hours=1))
        play.poll()
        before, known = play.events(), play.messages()
        shop.do(stir, shop.shop, orders, play.now() - timedelta(days=1), play.now() - timedelta(hours=20))
        play.poll()
        assert play.stored() == {str(order.id): order.status.replace("-", "_") for order in orders}
        after = play.events()
        assert set(after.values()) == {1}
        assert len(after) > len(before)
        assert play.messages()["queued"] == known["queued"]


def test_a_mass_edit_in_one_second(play: Play) -> None:
    shop = play.shop
    begin, end = play.now() - timedelta(days=9), play.now() - timedelta(days=8)
    orders = shop.do(seed, shop.shop, 260, begin, end, statuses=("processing",))
    play.poll()
    shop.do(shop.shop.bulk, orders, "completed")
    play.poll()
    shop.shop.skew = timedelta(minutes=1)
    play.poll()
    assert set(play.stored().values()) == {"completed"}
    assert "queued" not in play.messages()


def test_a_cart_that_is_bought(play: Play) -> None:
    shop = play.shop
    play.poll()
    shop.do(shop.shop.leave_cart, "ben")
    play.poll()
    assert list(play.stored(ObjectType.CART).values()) == ["open"]
    assert play.stored() == {}
    shop.do(shop.shop.come_back, "ben")
    play.poll()
    assert list(play.stored(ObjectType.CART).values()) == ["ordered"]
    assert len(play.stored()) == 1


def test_parcels_of_core_are_read_after_the_order(play: Play) -> None:
    shop = play.shop
    shop.shop.features, shop.shop.tracking = {"fulfillments"}, "fulfillments"
    order = shop.do(shop.shop.place_order, "anna", consent=True)
    play.poll()
    shop.do(shop.shop.ship, order, "dhl", "00340434161094042557", "https://www.dhl.de/x?piececode=1")
    play.poll()
    assert list(play.stored(ObjectType.SHIPMENT)) == [f"{order.id}:f{order.fulfillments[0].id}"]


def test_a_shop_in_trouble_keeps_its_error_and_then_catches_up(play: Play) -> None:
    shop = play.shop
    play.poll()
    shop.do(shop.shop.place_order, "anna", consent=True)
    shop.do(shop.faults.set, "maintenance")
    play.poll()
    with play.world.database.read() as connection:
        state = streams.of(connection, "laden")["orders"]
    assert state.failures == 1 and play.stored() == {}
    shop.do(shop.faults.mend)
    play.ahead += timedelta(hours=1)
    play.poll()
    assert len(play.stored()) == 1


def test_examined_like_any_shop(play: Play) -> None:
    found = examine.shop(play.world, "laden")
    assert {"connected", "version", "may_write"} <= {one.code for one in found}
    assert not any(one.level is Level.FAULT for one in found)


def test_every_stream_is_begun(play: Play) -> None:
    with play.world.database.read() as connection:
        assert set(streams.of(connection, "laden")) == {"orders", "carts", "shipments", "products"}
    assert poll.due(play.world) == ["laden"]
