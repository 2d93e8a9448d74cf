"""Reconciliation with a shop over real HTTP: what was missed is taken in, what nothing explains is found."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from woo_world import WooWorld

from integration.flow.alarms import monitor
from integration.flow.shops import reconciliation
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.store import tables
from integration.store.alarms import alarms
from integration.store.db import Database
from integration.store.shops import reconciliation as store

DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def order(shop: LoopbackShop, consent: bool = True) -> None:
    shop.do(shop.shop.place_order, "anna" if consent else "carla", consent=consent)


@pytest.fixture
def place(database: Database, keys: Database, shop: LoopbackShop) -> WooWorld:
    """A shop that was connected a week ago."""
    return WooWorld(database, keys, shop, connected=7 * DAY)


def seen(place: WooWorld) -> dict[str, int]:
    with place.world.database.read() as connection:
        return dict(store.last(connection)["laden"].reasons)


def open_gaps(place: WooWorld) -> dict[str, str]:
    with place.world.database.read() as connection:
        return {row.order_key: row.reason for row in store.open_gaps(connection, 10)}


def alarmed(place: WooWorld) -> set[tuple[str, str]]:
    monitor.look(place.world, place.clock())
    with place.world.database.read() as connection:
        return {(one.cause, one.about) for one in alarms.current(connection) if one.cause == "gap_found"}


def test_every_order_of_the_shop_is_explained(place: WooWorld, shop: LoopbackShop) -> None:
    order(shop)
    order(shop, consent=False)
    place.turn()
    found = reconciliation.reconcile(place.world, "laden", place.clock())
    assert found.orders == 2
    assert found.asked
    assert found.healed == 0
    assert open_gaps(place) == {}
    assert set(seen(place)) == {"waiting", "no_consent"}


def test_an_order_that_never_reached_us_is_taken_in_and_written_to(place: WooWorld, shop: LoopbackShop) -> None:
    place.turn()
    order(shop)
    place.clock.advance(hours=1)
    found = reconciliation.reconcile(place.world, "laden", place.clock())
    assert found.healed == 1
    assert [kind for kind, _ in place.queued()] == ["order_confirmation"]
    assert reconciliation.reconcile(place.world, "laden", place.clock()).healed == 0


def test_a_lost_message_is_a_gap_until_it_is_explained(place: WooWorld, shop: LoopbackShop) -> None:
    order(shop)
    place.turn()
    with place.world.database.write() as connection:
        connection.execute(delete(tables.message))
    reconciliation.reconcile(place.world, "laden", place.clock())
    [(key, reason)] = open_gaps(place).items()
    assert reason == "lost"
    assert alarmed(place) == {("gap_found", "laden")}
    with place.world.database.write() as connection:
        connection.execute(update(tables.event).values(outcome="too_old"))
    reconciliation.reconcile(place.world, "laden", place.clock())
    assert key not in open_gaps(place)
    assert alarmed(place) == set()


def test_a_shop_that_is_away_is_compared_all_the_same(place: WooWorld, shop: LoopbackShop) -> None:
    order(shop)
    place.turn()
    shop.go_offline()
    found = reconciliation.reconcile(place.world, "laden", place.clock())
    assert not found.asked
    assert found.orders == 1


def test_once_a_night_in_the_companys_time_zone(place: WooWorld) -> None:
    place.clock.now = place.clock.now.replace(hour=12, minute=0)
    assert reconciliation.due(place.world, place.clock()) == ["laden"]
    reconciliation.reconcile(place.world, "laden", place.clock())
    assert reconciliation.due(place.world, place.clock()) == []
    place.clock.now = place.clock.now.replace(hour=23, minute=59)
    assert reconciliation.due(place.world, place.clock()) == []
    # Three o'clock in Berlin is one or two o'clock in UTC.
    place.clock.now = (place.clock.now + DAY).replace(hour=2, minute=1)
    assert reconciliation.due(place.world, place.clock()) == ["laden"]
