"""Reading a WooCommerce shop over real HTTP: knowledge first, then everything exactly once, whatever happens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from woo_world import DAY, WooWorld, in_the_shop

from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop
from integration.sandbox.woocommerce.model import LIVE
from integration.sandbox.woocommerce.seed import seed, stir
from integration.store import tables
from integration.store.db import Database

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
MANY = 600


@pytest.fixture(params=["10.5.2", "8.9.3"])
def shop(request: pytest.FixtureRequest) -> Iterator[LoopbackShop]:
    with woo_shop(request.param) as found:
        yield found


@pytest.fixture
def new_shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


@pytest.fixture
def here(database: Database, keys: Database, new_shop: LoopbackShop) -> WooWorld:
    return WooWorld(database, keys, new_shop)


def test_first_reading_is_thirty_days_of_knowledge(database: Database, keys: Database, shop: LoopbackShop) -> None:
    here = WooWorld(database, keys, shop, connected=timedelta(0))
    shop.do(seed, shop.shop, 40, here.now - 90 * DAY, here.now - 31 * DAY)
    month = shop.do(seed, shop.shop, 230, here.now - 29 * DAY, here.now - HOUR, statuses=[*LIVE, "cancelled"])
    here.turn()
    assert set(here.orders()) == {row.id for row in month}
    assert here.orders().items() <= in_the_shop(shop).items()
    assert here.messages() == {}
    assert here.state().caught_up_at is not None
    assert here.state().left == 0


def test_an_idle_poll_is_one_request_per_stream(here: WooWorld, new_shop: LoopbackShop) -> None:
    new_shop.do(seed, new_shop.shop, 130, here.now - 20 * DAY, here.now - HOUR)
    here.turn()
    here.later(minutes=30)
    new_shop.asked()
    here.later(minutes=30)
    asked = new_shop.asked()
    due = [one.name for one in here.world.links.link("laden").streams()]
    assert len(asked) <= len(due), asked
    assert asked.count("wc/v3/orders") == 2


def test_a_day_offline_is_caught_up_exactly_once(database: Database, keys: Database, shop: LoopbackShop) -> None:
    here = WooWorld(database, keys, shop, ago=DAY, connected=30 * DAY)
    old = shop.do(seed, shop.shop, MANY, here.now - 20 * DAY, here.now - 4 * DAY)
    here.turn()
    assert here.messages() == {}
    unpaid = {row.id for row in old if row.paid is None}
    shop.do(stir, shop.shop, old, here.now - DAY + MINUTE, here.now - MINUTE)
    fresh = [shop.do(shop.shop.place_order, "anna", consent=True, paid=True) for _ in range(5)]
    here.clock.now = here.now
    shop.asked()
    here.turn()
    assert here.orders() == in_the_shop(shop)
    assert len(shop.asked()) <= 12
    # a confirmation makes sense up to 12 hours after the order was placed or paid, and not later
    lately = [row for row in old if row.id in unpaid and here.now - row.modified <= 12 * HOUR]
    assert 0 < len(lately) < len(unpaid)
    assert here.queued() == sorted(("order_confirmation", str(row.id)) for row in [*lately, *fresh])
    events = len(here.rows(tables.event, "id"))
    for _ in range(3):
        here.later(minutes=10)
    assert len(here.rows(tables.event, "id")) == events
    assert max(here.messages().values()) == 1


def test_more_orders_in_one_second_than_fit_on_a_page(here: WooWorld, new_shop: LoopbackShop) -> None:
    rows = new_shop.do(seed, new_shop.shop, 620, here.now - 9 * DAY, here.now - 5 * DAY, statuses=["processing"])
    here.turn()

    def mass_edit() -> None:
        for n, row in enumerate(rows):
            row.status, row.modified = "completed", here.now - HOUR + (n > 610) * SECOND

    new_shop.do(mass_edit)
    here.later(minutes=10)
    assert here.orders() == in_the_shop(new_shop)


def test_orders_that_move_while_they_are_read_are_not_lost(here: WooWorld, new_shop: LoopbackShop) -> None:
    rows = new_shop.do(seed, new_shop.shop, 420, here.now - 9 * DAY, here.now - 5 * DAY, statuses=["processing"])
    visited, look = [], new_shop.shop.seen

    def drifting(method: str, path: str, query: str = "") -> None:
        """Each request finds the first and the last of the list changed."""
        look(method, path, query)
        n = len(visited)
        visited.append(path)
        if n < 60:
            for row in (rows[n], rows[-1 - n]):
                row.status, row.modified = "completed", new_shop.shop.now()

    new_shop.do(setattr, new_shop.shop, "seen", drifting)
    here.turn()
    new_shop.do(setattr, new_shop.shop, "seen", look)
    for _ in range(3):
        here.later(minutes=10)
    assert here.orders() == in_the_shop(new_shop)
    assert "completed" in set(here.orders().values())


def test_a_draft_that_becomes_an_order(database: Database, keys: Database, shop: LoopbackShop) -> None:
    here = WooWorld(database, keys, shop)
    draft = shop.do(shop.shop.leave_cart, "anna", consent=True)
    here.turn()
    assert here.orders() == {}
    assert here.messages() == {}
    found = here.rows(tables.snapshot, "object_type", "object_id", "facts")
    assert [(id_, facts["status"]) for kind, id_, facts in found if kind == "cart"] == [(str(draft.id), "open")]
    shop.do(shop.shop.come_back, "anna")
    here.later(minutes=10)
    assert here.orders() == {draft.id: "processing"}
    assert here.queued() == [("order_confirmation", str(draft.id))]


# --- days when the shop is not well

TROUBLE = (
    ("html_500", "shop_error"), ("fatal", "shop_error"), ("maintenance", "maintenance"), ("busy", "limited"),
    ("html_200", "no_json"), ("blocked", "firewall"), ("notice", "no_json"), ("cut", "no_json"), ("hang", "timeout"),
    ("reset", "no_connection"), ("moved", "moved"),
)  # fmt: skip


@pytest.mark.parametrize(("fault", "code"), TROUBLE)
def test_a_shop_that_is_not_well_is_left_alone_and_caught_up(
    database: Database, keys: Database, new_shop: LoopbackShop, fault: str, code: str
) -> None:
    here = WooWorld(database, keys, new_shop)
    here.turn()
    here.world.links.wait(0.5 if fault == "hang" else 60)
    order = new_shop.do(new_shop.shop.place_order, "anna", consent=True, paid=True)
    new_shop.do(new_shop.faults.set, fault, seconds=77, target="https://neu.example")
    here.later(minutes=10)
    said = here.state().error
    assert said is not None
    assert said["code"] == code
    assert said["de"] and said["en"] and "cs_sandbox" not in str(said)
    wait = here.state().due_at - here.clock.now
    assert wait >= (77 * SECOND if fault == "busy" else 15 * SECOND)
    before = len(new_shop.faults.hit)
    here.later(seconds=5)
    assert len(new_shop.faults.hit) == before, "it must be left alone for a while"
    new_shop.do(new_shop.faults.mend)
    here.world.links.wait(60)
    here.later(minutes=20)
    assert here.state().error is None
    assert here.queued() == [("order_confirmation", str(order.id))]


def test_a_slow_shop_is_only_slow(here: WooWorld, new_shop: LoopbackShop) -> None:
    new_shop.do(seed, new_shop.shop, 30, here.now - 5 * DAY, here.now - DAY)
    new_shop.do(new_shop.faults.set, "slow", seconds=0.3)
    here.turn()
    assert here.orders() == in_the_shop(new_shop)
    assert here.state().error is None


def test_offline_in_the_middle_of_a_catch_up(here: WooWorld, new_shop: LoopbackShop) -> None:
    new_shop.do(seed, new_shop.shop, 350, here.now - 9 * DAY, here.now - 2 * DAY)
    new_shop.do(new_shop.faults.set, "slow", seconds=0, times=2)
    new_shop.do(new_shop.faults.set, "cut")
    here.turn()
    assert 0 < len(here.orders()) < 350
    new_shop.go_offline()
    here.later(minutes=20)
    assert (here.state().error or {})["code"] == "no_connection"
    new_shop.come_online()
    new_shop.do(new_shop.faults.mend)
    here.later(minutes=20)
    assert here.orders() == in_the_shop(new_shop)
    assert here.messages() == {}


@pytest.mark.parametrize("code", ["wrong_key", "clock"])
def test_keys_that_no_longer_fit(here: WooWorld, new_shop: LoopbackShop, code: str) -> None:
    here.turn()
    order = new_shop.do(new_shop.shop.place_order, "anna", consent=True)
    keys = dict(new_shop.shop.keys)
    if code == "clock":
        new_shop.do(setattr, new_shop.shop, "skew", 20 * MINUTE)
    else:
        new_shop.do(new_shop.shop.keys.clear)
    here.later(minutes=10)
    assert (here.state().error or {})["code"] == code
    new_shop.do(setattr, new_shop.shop, "skew", timedelta(0))
    new_shop.do(new_shop.shop.keys.update, keys)
    here.later(minutes=20)
    assert here.state().error is None
    assert order.id in here.orders()
