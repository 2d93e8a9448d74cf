"""What the owner of a Shopify shop is promised: few points, nothing twice, nothing lost, no token mixed up."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from shopify_world import Scene, milestones, scene, state, stored

from integration.sandbox.cast import WORDING_VERSION
from integration.sandbox.shopify import orders, seed
from integration.sandbox.shopify.shop import Fault, Plan
from integration.store.db import Database

AGREED = {
    "whatsapp_optin": "yes",
    "whatsapp_optin_version": WORDING_VERSION,
    "whatsapp_optin_wording": "Bestell-Updates per WhatsApp: Laden darf mir Infos per WhatsApp schicken.",
}


@pytest.fixture
def play(database: Database, keys: Database) -> Iterator[Scene]:
    with scene(database, keys) as running:
        yield running


# ---- what it costs ----


def test_an_idle_poll_is_one_request_of_few_points(play: Scene) -> None:
    play.town.do(lambda: seed.many(play.shop, 60))
    play.poll()
    play.later(minutes=5)
    play.poll()
    for _ in range(3):
        play.asked()
        play.later(seconds=61)
        play.poll()
        (row,) = [one for one in play.shop.asked if "Customers" not in one.operation]
        assert row.operation == "query OrdersChanged"
        assert row.actual is not None and row.actual <= 60


def test_changed_orders_are_caught_up_once_as_fast_as_points_allow(database: Database, keys: Database) -> None:
    plan = Plan(restore=100, bucket=2000)
    with scene(database, keys, plan=plan) as play:
        changed = play.town.do(lambda: seed.many(play.shop, 400, gap=timedelta(seconds=0.1)))
        play.later(minutes=1)
        play.poll()
        allowed = max(play.shop.bucket.spent - plan.bucket, 0) / plan.restore
        assert sum(play.waits) <= 1.2 * allowed + 1, (sum(play.waits), allowed)
        assert set(stored(play)) == {str(order.id) for order in changed}
        assert milestones(play)["placed"] == 400
        details = [row for row in play.shop.asked if row.operation == "query OrderDetails" and row.actual]
        assert len(details) == 40, "each order's details are asked once"
        assert Counter(row.refusal for row in play.shop.asked).keys() <= {"", "THROTTLED"}


def test_orders_that_change_while_they_are_listed_are_not_lost(play: Scene) -> None:
    made = play.town.do(lambda: seed.many(play.shop, 120))
    moved = iter(made[::10])
    listen = play.shop.asked.append

    class Moving(list[Any]):
        def append(self, row: Any) -> None:
            listen(row)
            if (order := next(moved, None)) is not None:
                orders.cancel(play.shop, order)

    log, play.shop.asked = play.shop.asked, Moving()  # type: ignore[assignment]
    play.poll()
    play.shop.asked = log
    play.later(seconds=61)
    play.poll()
    facts = stored(play)
    assert len(facts) == 120
    cancelled = {str(order.id) for order in play.shop.orders.values() if order.cancelled}
    assert {key for key, value in facts.items() if value["cancelled_at"]} == cancelled
    assert len(cancelled) == 12


# ---- tokens ----


def test_a_token_that_ends_in_the_middle_of_paging_costs_nothing(play: Scene) -> None:
    play.town.do(lambda: seed.many(play.shop, 120))
    play.shop.faults.append(Fault("expire", skip=5))
    play.poll()
    assert len(stored(play)) == 120
    assert [row.refusal for row in play.shop.asked].count("UNAUTHORIZED") == 1
    assert state(play).failures == 0


def test_many_shops_and_threads_do_not_mix_their_tokens(database: Database, keys: Database) -> None:
    with scene(database, keys, count=12) as play:
        for n, shop in enumerate(play.town.shops):
            play.town.do(lambda shop=shop, n=n: seed.many(shop, 10 + n, seed=n))
        for _ in range(3):
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(play.poll, range(12)))
            play.later(minutes=2)
        for n, shop in enumerate(play.town.shops):
            assert "UNAUTHORIZED" not in {row.refusal for row in shop.asked}
            assert len({row.token for row in shop.asked}) == 1
            assert set(stored(play, n=n)) == {str(order.id) for order in shop.orders.values()}
        tokens = [{row.token for row in shop.asked}.pop() for shop in play.town.shops]
        assert len(set(tokens)) == 12
