"""The rehearsal: what today's rules would have done with the orders of the last weeks, without sending anything."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, parcel, post, post_meta

from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.domain.notifications.settings import Rule
from integration.flow import answer, react, send
from integration.flow.notifications import rehearsal
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.notifications import settings as notification_settings
from integration.store.shops import shops

DAY = timedelta(days=1)


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    """A shop that was connected this minute: everything that it has is knowledge only."""
    return make_world(database, keys, Clock(NOON + 10 * DAY), connected=NOON + 10 * DAY)


def known(world: World, *found: dict[str, Any]) -> None:
    post(world, *found)
    react.run(world)


def rehearsed(world: World, days: int = 30) -> rehearsal.Rehearsal:
    return rehearsal.rehearse(world, world.clock() - days * DAY, world.clock())


def switch(world: World, kind: str, on: bool, delay: timedelta = timedelta(0)) -> None:
    with world.database.write() as connection:
        notification_settings.decide(connection, ["laden"], kind, Rule(on, delay), "test", NOON)


def test_orders_from_before_the_connection_are_told_again_and_nothing_is_sent(world: World) -> None:
    known(world, order("1001"), parcel("1001", version=NOON + DAY))
    known(world, order("1002", phone="0171 3920013", consent=None))
    found = rehearsed(world)
    assert found.orders == 2
    assert found.written == {"order_confirmation": 1, "shipping_notice": 1}
    assert found.refused == {("order_confirmation", "no_consent"): 1}
    assert found.cost == {"EUR": 2 * Decimal("0.0456")}
    with world.database.read() as connection:
        assert connection.execute(select(tables.message.c.id)).all() == []
        assert connection.execute(select(tables.decision.c.id)).all() == []


def test_an_order_that_was_cancelled_later_was_confirmed_before(world: World) -> None:
    ended = {"status": "cancelled", "cancelled_at": (NOON + DAY).isoformat()}
    known(world, order("1001", version=NOON + DAY, **ended))
    found = rehearsed(world)
    assert found.written["order_confirmation"] == 1
    assert found.written["order_cancelled"] == 1


def test_a_sample_is_the_message_as_it_would_have_left(world: World) -> None:
    known(world, order("1001"))
    [sample] = rehearsed(world).samples["order_confirmation"]
    assert sample.variables["order"] == "1001"
    assert sample.template == "lb_order_confirmation_du_v1"


def test_what_is_switched_off_is_counted_apart(world: World) -> None:
    switch(world, "order_confirmation", on=False)
    known(world, order("1001"))
    found = rehearsed(world)
    assert found.written["order_confirmation"] == 0
    assert found.off["order_confirmation"] == 1


def test_a_reminder_is_due_unless_the_money_came_first(world: World) -> None:
    switch(world, "payment_reminder", on=True, delay=3 * DAY)
    waiting = {"status": "on_hold", "payment": "transfer"}
    known(world, order("1001", **waiting))
    paid = {"status": "processing", "payment": "transfer", "paid_at": (NOON + DAY).isoformat()}
    known(world, order("1002", phone="0171 3920013", version=NOON + DAY, **paid))
    found = rehearsed(world)
    assert found.written["payment_reminder"] >= 1
    reminded = {sample.order_number for sample in found.samples["payment_reminder"]}
    assert reminded == {"1001"}


def test_only_orders_of_the_asked_time_count(world: World) -> None:
    known(world, order("1001"), order("1002", phone="0171 3920013", placed_at=(NOON - 40 * DAY).isoformat()))
    assert rehearsed(world).orders == 1
    assert rehearsed(world, days=5).orders == 0


def test_progress_reaches_the_end(world: World) -> None:
    known(world, *(order(str(n), phone=f"0171 392{n:04d}") for n in range(1, 8)))
    steps: list[tuple[int, int]] = []
    rehearsal.rehearse(world, NOON - DAY, world.clock(), lambda done, total: steps.append((done, total)))
    assert steps[-1] == (7, 7)


def test_withdrawn_by_then_is_refused_and_given_later_does_not_count(world: World) -> None:
    known(world, order("1001"))
    late = order("1002", phone="0171 3920013")
    late["facts"]["consent"]["at"] = (NOON + 2 * DAY).isoformat()
    known(world, late)
    found = rehearsed(world)
    assert found.written["order_confirmation"] == 1
    assert found.refused[("order_confirmation", "no_consent")] == 1


def test_in_shadow_mode_everything_happens_but_the_last_step(database: Database, keys: Database) -> None:
    world = make_world(database, keys, Clock(NOON))
    with database.write() as connection:
        shops.shadow(connection, "laden", NOON + DAY)
    known(world, order("1001"))
    assert send.claim(world, "nummer", 10) == []
    with database.read() as connection:
        [(status, reason)] = connection.execute(select(tables.message.c.status, tables.message.c.reason)).all()
        stages = connection.execute(select(tables.decision.c.stage, tables.decision.c.outcome)).all()
    assert (status, reason) == ("suppressed", "shadow")
    assert sorted(map(tuple, stages)) == [("queue", "allow"), ("send", "allow")]


def test_after_shadow_mode_new_orders_are_sent_and_old_ones_are_not(database: Database, keys: Database) -> None:
    clock = Clock(NOON)
    world = make_world(database, keys, clock)
    with database.write() as connection:
        shops.shadow(connection, "laden", NOON + timedelta(minutes=5))
    known(world, order("1001"))
    send.claim(world, "nummer", 10)
    clock.advance(minutes=6)
    placed = {"placed_at": clock().isoformat()}
    known(world, order("1002", phone="0171 3920013", version=clock(), **placed))
    assert [item.message.order_number for item in send.claim(world, "nummer", 10)] == ["1002"]


def test_shadow_mode_holds_no_answer_back(database: Database, keys: Database) -> None:
    world = make_world(database, keys, Clock(NOON))
    with database.write() as connection:
        shops.shadow(connection, "laden", NOON + DAY)
    known(world, order("1001"))
    stop = Inbound("wamid.1", "+491713920012", None, "Anna", NOON, "text", "STOP")
    post_meta(world, MetaUpdate(messages=(stop,)))
    answer.run(world)
    assert [item.message.kind for item in send.claim(world, "nummer", 10)] == ["optout_confirmation"]
