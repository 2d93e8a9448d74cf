"""What a WooCommerce shop's owner sees beyond orders: parcels that must be asked for, carts, an examination."""

from collections.abc import Iterator

import pytest
from woo_world import WooWorld

from integration.domain.shops.ports import Level
from integration.flow.shops import diagnose
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.store import tables
from integration.store.db import Database


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


@pytest.fixture
def here(database: Database, keys: Database, shop: LoopbackShop) -> WooWorld:
    return WooWorld(database, keys, shop)


def test_parcels_of_core_are_read_after_their_order_and_told(here: WooWorld, shop: LoopbackShop) -> None:
    here.turn()
    shop.shop.features, shop.shop.tracking = {"fulfillments"}, "fulfillments"
    order = shop.do(shop.shop.place_order, "anna", consent=True)
    shop.do(shop.shop.ship, order, "dhl", "00340434161094042557", "https://www.dhl.de/x?piececode=1")
    here.later(minutes=1)
    here.later(minutes=1)
    found = here.rows(tables.event, "object_type", "object_id", "milestone")
    assert ("shipment", f"{order.id}:f{order.fulfillments[0].id}", "shipped") in [tuple(row) for row in found]


def test_a_corrected_number_of_shiptastic_is_one_event(here: WooWorld, shop: LoopbackShop) -> None:
    shop.shop.features, shop.shop.tracking = {"shiptastic"}, "shiptastic"
    order = shop.do(shop.shop.place_order, "anna", consent=True)
    shop.do(shop.shop.ship, order, "DHL", "00340434161094042557", "https://www.dhl.de/x?piececode=1")
    here.turn()
    shop.do(shop.shop.renumber, order, "00340434161094049999")
    for _ in range(3):
        here.later(minutes=6)
    milestones = [row.milestone for row in here.rows(tables.event, "milestone")]
    assert milestones.count("tracking_corrected") == 1 and milestones.count("shipped") == 1


def test_examined_like_any_shop(here: WooWorld) -> None:
    found = diagnose.shop(here.world, "laden")
    assert {"connected", "version", "may_write"} <= {one.code for one in found}
    assert not any(one.level is Level.FAULT for one in found)
