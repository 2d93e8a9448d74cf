"""Alerts: who asked for an article is told once that it is back, and the wish is used up."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from worlds import NOON, Clock, make_world, post, post_meta

from integration.domain.channel import Inbound, MetaUpdate
from integration.domain.rules import Rule
from integration.flow import answer, links, react, send, wishes
from integration.flow.world import World
from integration.store import rules, tables
from integration.store.db import Database

ANNA, BERT = "+491713920012", "+491713920013"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    made = make_world(database, keys, clock)
    post(made, product(clock(), in_stock=False))
    react.run(made)
    with made.database.write() as connection:
        rules.decide(connection, ["laden"], "back_in_stock", Rule(True, timedelta(0)), "inhaberin", NOON)
    return made


def rows(world: World, table: Any, *columns: str) -> list[Any]:
    with world.database.read() as connection:
        return list(connection.execute(select(*[table.c[name] for name in columns])).all())


def product(version: Any, *, in_stock: bool) -> dict[str, Any]:
    variant = {"id": "71", "name": "1 kg", "sku": "", "price": "24.90", "in_stock": in_stock, "stock": None}
    facts = {
        "name": "Espresso", "url": "https://laden.example/espresso", "picture": "", "categories": [],
        "currency": "EUR", "published": True, "variants": [variant],
    }  # fmt: skip
    return {"type": "product", "id": "7", "version": version.isoformat(), "facts": facts}


def ask(world: World, phone: str = ANNA, article: str = "71") -> None:
    link = links.for_item(world, "laden", article)
    assert link
    id_ = f"wamid.{phone}.{world.clock()}"
    item = Inbound(id_, phone, None, "Anna Beispiel", world.clock(), "text", f"START {link.code}")
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)


def stock(world: World, clock: Clock, *, there: bool) -> None:
    clock.advance(minutes=10)
    post(world, product(clock(), in_stock=there))
    react.run(world)


def alerts(world: World) -> list[tuple[str, str | None]]:
    found = rows(world, tables.message, "kind", "status", "reason")
    return [(status, reason) for kind, status, reason in found if kind == "back_in_stock"]


def test_who_asked_is_told_once(world: World, clock: Clock) -> None:
    ask(world)
    stock(world, clock, there=True)
    assert alerts(world) == [("queued", None)]
    [item] = [i for i in send.claim(world, "nummer", 10) if i.message.kind == "back_in_stock"]
    assert (item.envelope.to, item.message.variables["item"]) == (ANNA, "Espresso – 1 kg")
    stock(world, clock, there=False)
    stock(world, clock, there=True)
    assert alerts(world) == [("sending", None)]


def test_a_wish_is_used_up_and_may_be_made_again(world: World, clock: Clock) -> None:
    ask(world)
    stock(world, clock, there=True)
    send.claim(world, "nummer", 10)
    assert wishes.use_up(world, clock()) == 1
    assert wishes.use_up(world, clock()) == 0
    assert [t for (t,) in rows(world, tables.consent, "type")] == ["granted", "expired"]
    clock.advance(days=3)
    ask(world)
    stock(world, clock, there=False)
    stock(world, clock, there=True)
    assert alerts(world) == [("sending", None), ("queued", None)]


def test_a_wish_for_the_product_is_one_for_its_variants(world: World, clock: Clock) -> None:
    ask(world, article="7")
    stock(world, clock, there=True)
    assert alerts(world) == [("queued", None)]


def test_nobody_else_is_told(world: World, clock: Clock) -> None:
    stock(world, clock, there=True)
    assert alerts(world) == []
    assert rows(world, tables.event, "outcome") == [("nobody_asked",)]


def test_what_is_sold_out_again_is_not_told(world: World, clock: Clock) -> None:
    ask(world)
    stock(world, clock, there=True)
    post(world, product(clock() + timedelta(seconds=1), in_stock=False))
    react.run(world)
    assert [i for i in send.claim(world, "nummer", 10) if i.message.kind == "back_in_stock"] == []
    assert alerts(world) == [("suppressed", "precondition_failed")]


def test_who_said_stop_meanwhile_is_not_told(world: World, clock: Clock) -> None:
    ask(world)
    ask(world, BERT)
    item = Inbound("wamid.stop", ANNA, None, "Anna", clock(), "text", "STOP")
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)
    stock(world, clock, there=True)
    assert sorted(status for status, _ in alerts(world)) == ["queued", "suppressed"]


def test_off_is_off(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        rules.decide(connection, ["laden"], "back_in_stock", Rule(False, timedelta(0)), "inhaberin", NOON)
    ask(world)
    stock(world, clock, there=True)
    assert alerts(world) == []
    assert rows(world, tables.event, "outcome") == [("switched_off",)]
