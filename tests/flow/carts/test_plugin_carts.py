"""Carts that the companion plugin reports, all the way into the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from worlds import NOON, make_world, post

from connectors.registry import CONNECTORS
from integration.flow import react
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database

CART = {
    "event": "cart.updated",
    "id": "e-1",
    "at": NOON.isoformat(),
    "started_at": NOON.isoformat(),
    "cart_key": "c0ffee",
    "phone": "0171 3920012",
    "email": "anna@example.com",
    "country": "DE",
    "total": "24.90",
    "currency": "EUR",
    "items": [{"id": 11, "name": "Tee", "quantity": 2}],
    "recovery_url": "https://www.example.de/?ladenbote_cart=x.y",
}


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    made = make_world(database, keys)
    shop = replace(made.shops["laden"], connector=CONNECTORS["woocommerce"])
    return replace(made, shops={"laden": shop})


def report(world: World, **changes: Any) -> None:
    post(world, topic="plugin", body=orjson.dumps(CART | changes))
    react.run(world)


def states(world: World) -> list[str]:
    with world.database.read() as connection:
        return list(connection.execute(select(tables.cart.c.state)).scalars())


def test_a_reported_cart_is_kept_and_settled(world: World) -> None:
    report(world)
    assert states(world) == ["active"]
    later = NOON.replace(minute=5).isoformat()
    report(world, event="cart.ordered", order_id=77, at=later)
    assert states(world) == ["ordered"]


def test_a_report_twice_is_one_cart(world: World) -> None:
    report(world)
    report(world, id="e-2")
    assert states(world) == ["active"]


def test_nothing_is_written_to_somebody_who_only_typed(world: World) -> None:
    report(world)
    with world.database.read() as connection:
        assert connection.execute(select(tables.message.c.id)).all() == []
        assert connection.execute(select(tables.consent.c.type)).all() == []


def test_a_change_of_the_order_does_not_hide_the_next_cart_of_its_session(world: World) -> None:
    report(world)
    order = {
        "id": 77,
        "status": "processing",
        "created_via": "checkout",
        "meta_data": [{"id": 1, "key": "_ladenbote_cart", "value": "c0ffee"}],
    }
    placed, began, changed = ((NOON + timedelta(minutes=n)).isoformat() for n in (5, 20, 25))
    order |= {"date_created_gmt": placed, "date_modified_gmt": placed}
    post(world, topic="order.updated", body=orjson.dumps(order))
    react.run(world)
    report(world, at=began, started_at=began)
    post(world, topic="order.updated", body=orjson.dumps(order | {"status": "completed", "date_modified_gmt": changed}))
    react.run(world)
    assert "active" in states(world)
