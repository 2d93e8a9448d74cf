"""The comparison: both groups counted alike, only while chance decides, and each with its full time to be bought in."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from cart_play import DAY, choose
from worlds import NOON, make_world

from integration.domain.carts.holdout import Group
from integration.flow.carts.holdout import LOOKS_BACK, Comparison, comparisons
from integration.flow.world import World
from integration.store import tables
from integration.store.carts import settings
from integration.store.db import Database
from integration.store.ids import new_id

NOW = NOON + 40 * DAY
AGO = NOW - 10 * DAY
_numbers = count(1)


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    return make_world(database, keys)


def decided(
    world: World,
    arm: str,
    asked_at: datetime = AGO,
    bought: timedelta | None = None,
    amount: str = "20",
    **changes: Any,
) -> None:
    """A cart whose reminder was decided on, and perhaps what came of it so long after."""
    number = str(next(_numbers))
    row = {
        "id": new_id(), "shop": "laden", "state": "abandoned", "named": True, "snapshot_key": "", "began_at": asked_at,
        "changed_at": asked_at, "order_id": number if bought else "", "total": "20", "currency": "EUR", "arm": arm,
        "asked_at": asked_at,
    }  # fmt: skip
    row |= {name: value for name, value in changes.items() if name in row}
    order = {
        "shop": row["shop"], "order_id": number, "cart_id": row["id"], "how": "person", "amount": Decimal(amount),
        "currency": row["currency"], "at": asked_at + (bought or DAY), "recorded_at": asked_at, "undone_at": None,
    }  # fmt: skip
    order |= {name: value for name, value in changes.items() if name == "undone_at"}
    with world.database.write() as connection:
        connection.execute(tables.cart.insert(), row)
        if bought:
            connection.execute(tables.conversion.insert(), order)


def compared(world: World, shops: tuple[str, ...] = ("laden",)) -> list[Comparison]:
    with world.database.read() as connection:
        return comparisons(connection, shops, NOW)


def groups(world: World) -> tuple[Group, Group]:
    [found] = compared(world)
    return found.reminded, found.held_out


def test_both_sides_with_those_that_brought_nothing(world: World) -> None:
    decided(world, "reminder", bought=DAY, amount="30")
    decided(world, "reminder")
    decided(world, "holdout", bought=DAY, amount="12.50")
    decided(world, "holdout")
    decided(world, "", bought=DAY)
    assert groups(world) == (Group(2, (Decimal(30),)), Group(2, (Decimal("12.5"),)))


def test_each_cart_has_five_days_to_be_bought_in(world: World) -> None:
    decided(world, "reminder", asked_at=NOW - 4 * DAY, bought=DAY)
    decided(world, "reminder", bought=4.9 * DAY)
    decided(world, "reminder", bought=5.1 * DAY)
    assert groups(world)[0] == Group(2, (Decimal(20),))


def test_what_was_bought_before_the_decision_is_nobodys_doing(world: World) -> None:
    decided(world, "reminder", bought=-DAY)
    assert groups(world)[0] == Group(1)


def test_what_was_given_back_brought_nothing(world: World) -> None:
    decided(world, "reminder", bought=DAY, undone_at=NOW)
    assert groups(world)[0] == Group(1)


def test_a_voucher_that_somebody_else_used_says_nothing_of_the_others(world: World) -> None:
    """Only who is reminded has one: counting it would flatter the reminders."""
    decided(world, "reminder", bought=DAY, order_id="")
    assert groups(world)[0] == Group(1)


def test_only_since_chance_has_decided_without_a_break(world: World) -> None:
    decided(world, "reminder", asked_at=NOW - 30 * DAY)
    decided(world, "reminder", asked_at=NOW - 10 * DAY)
    assert groups(world)[0].carts == 2
    with world.database.write() as connection:
        settings.decide(connection, ["laden"], settings.CartRule(holdout=False), "owner", NOW - 25 * DAY)
    assert compared(world) == [], "switched off, nothing is compared"
    with world.database.write() as connection:
        settings.decide(connection, ["laden"], settings.CartRule(holdout=True), "owner", NOW - 20 * DAY)
        settings.decide(connection, ["laden"], settings.CartRule(second=True), "owner", NOW - 11 * DAY)
    [found] = compared(world)
    assert (found.reminded.carts, found.since) == (1, NOW - 20 * DAY)


def test_a_new_shop_says_since_when_it_is_there(world: World) -> None:
    decided(world, "reminder")
    assert [one.since for one in compared(world)] == [NOON - DAY]


def test_what_worked_long_ago_says_little_of_today(world: World) -> None:
    decided(world, "reminder", asked_at=NOW - LOOKS_BACK - DAY)
    assert compared(world) == []


def test_each_currency_apart_the_largest_first(world: World) -> None:
    decided(world, "reminder", currency="CHF", bought=DAY)
    decided(world, "reminder")
    decided(world, "reminder", bought=DAY)
    assert [(one.currency, one.reminded.carts) for one in compared(world)] == [("EUR", 2), ("CHF", 1)]


def test_other_shops_are_not_mixed_in(world: World) -> None:
    decided(world, "reminder", shop="other")
    decided(world, "reminder")
    assert groups(world)[0].carts == 1
    choose(world, holdout=False)
    assert [one.reminded.carts for one in compared(world, ("laden", "other"))] == [1]


def test_not_enough_data_says_nothing_and_enough_does(world: World) -> None:
    for n in range(60):
        decided(world, "reminder", bought=DAY if n % 2 else None, amount="40")
        decided(world, "holdout", bought=DAY if n % 3 == 0 else None, amount="30")
    [found] = compared(world)
    assert found.uplift
    assert found.uplift.total == 60 * (Decimal(20) - Decimal(10))
    decided(world, "holdout", currency="CHF")
    assert compared(world)[-1].uplift is None
