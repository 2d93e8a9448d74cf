"""What reminders brought: by which sign, for how long; not what came to nothing, nor when nobody was reminded."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cart_play import (
    DAY,
    HOUR,
    MINUTE,
    agree,
    arrive,
    choose,
    later,
    left,
    of_carts,
    placed,
    reach,
    reminding,
    sent,
    told,
)
from links import PlainLink
from sending import ANNA, channel, deliver, prepared
from storekit import rows
from worlds import NOON, Clock, cart, order, post_meta

from integration.domain.actions import Action
from integration.domain.carts import reminders as rules
from integration.domain.carts.reminders import Offer, worth
from integration.domain.errors import NotSent, OutcomeUnknown, Refused
from integration.domain.messages.channel import MetaUpdate, StatusUpdate
from integration.domain.messages.manual_actions import Choice
from integration.flow import answer, send
from integration.flow.manual_actions import intervene
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from jobs.sweeps import rescue


@pytest.fixture
def link() -> PlainLink:
    return PlainLink()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    return reminding(database, keys, clock, link)


def reminded(world: World, clock: Clock) -> None:
    """Anna left a cart and got its reminder."""
    left(world, clock)
    reach(world)
    assert sent(world) == ["lb_abandoned_cart_du_v1"]


def buys(world: World, clock: Clock, after: timedelta = HOUR, **changes: Any) -> None:
    clock.now += after
    arrive(world, placed("1", clock, consent=None, **changes))


def changes(world: World, clock: Clock, **changes: Any) -> None:
    """The order is as the shop shows it an hour later."""
    at = clock()
    clock.now += HOUR
    arrive(world, order("1", version=clock(), placed_at=at.isoformat(), consent=None, **changes))


def brought(world: World) -> list[tuple[str, Decimal, bool]]:
    found = rows(world.database, tables.conversion, "how", "amount", "undone_at")
    return [(how, amount, undone is None) for how, amount, undone in found]


@pytest.mark.parametrize(("came_by", "how"), [("", "person"), ("google", "person"), (rules.SOURCE, "link")])
def test_who_comes_back_is_counted_by_a_named_sign(world: World, clock: Clock, came_by: str, how: str) -> None:
    reminded(world, clock)
    buys(world, clock, came_by=came_by)
    assert brought(world) == [(how, Decimal("24.90"), True)]
    assert of_carts(world, "state", "order_id") == [("recovered", "1")]
    [(message, cart_id)] = rows(world.database, tables.conversion, "message_id", "cart_id")
    assert ("abandoned_cart", message, cart_id) in rows(world.database, tables.message, "kind", "id", "object_id")


def test_the_voucher_is_the_surest_sign(world: World, clock: Clock, link: PlainLink) -> None:
    choose(world, offer=Offer(7, percent=Decimal(10)))
    reminded(world, clock)
    [code] = link.vouchers
    buys(world, clock, vouchers=[code.lower()], came_by=rules.SOURCE)
    assert brought(world) == [("voucher", Decimal("24.90"), True)]


def test_a_voucher_counts_whoever_uses_it_and_however_late(world: World, clock: Clock, link: PlainLink) -> None:
    choose(world, offer=Offer(7, percent=Decimal(10)))
    reminded(world, clock)
    [code] = link.vouchers
    buys(world, clock, 7 * DAY, vouchers=[code], phone="+4917139", email="eve@example.com")
    assert brought(world) == [("voucher", Decimal("24.90"), True)]
    assert of_carts(world, "order_id") == [("",)]


@pytest.mark.parametrize(("days", "counts"), [(4.8, True), (5.1, True), (5.2, False)])
def test_the_same_person_counts_for_five_days(world: World, clock: Clock, days: float, counts: bool) -> None:
    """Counted from the reminder, which left three hours after the last change."""
    reminded(world, clock)
    clock.now = NOON
    buys(world, clock, timedelta(days=days))
    assert [how for how, *_ in brought(world)] == (["person"] if counts else [])


def test_an_order_before_the_reminder_is_not_its_doing(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart())
    later(world, clock)
    buys(world, clock, MINUTE)
    reach(world)
    assert "lb_abandoned_cart_du_v1" not in sent(world)
    assert brought(world) == [("unprompted", Decimal("24.90"), True)]
    assert rows(world.database, tables.conversion, "message_id") == [(None,)]


def test_the_held_out_are_counted_beside(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HELD_OUT", 100)
    choose(world, holdout=True)
    left(world, clock)
    buys(world, clock, came_by=rules.SOURCE)
    assert brought(world) == [("unprompted", Decimal("24.90"), True)]
    assert of_carts(world, "state", "arm") == [("ordered", "holdout")]


def test_nobody_whose_reminder_was_not_decided_on_is_counted(world: World, clock: Clock) -> None:
    arrive(world, cart())
    buys(world, clock)
    assert brought(world) == []


@pytest.mark.parametrize("status", ["cancelled", "refunded", "failed", "gone"])
def test_what_came_to_nothing_does_not_count(world: World, clock: Clock, status: str) -> None:
    reminded(world, clock)
    buys(world, clock)
    changes(world, clock, status=status)
    assert brought(world) == [("person", Decimal(0), False)]


def test_a_partial_refund_leaves_the_rest(world: World, clock: Clock) -> None:
    reminded(world, clock)
    buys(world, clock)
    changes(world, clock, refunds=[{"id": "r1", "total": "4.90"}])
    assert brought(world) == [("person", Decimal("20.00"), True)]


def test_a_payment_that_failed_and_came_after_all(world: World, clock: Clock) -> None:
    reminded(world, clock)
    buys(world, clock, status="failed")
    assert brought(world) == [("person", Decimal(0), False)]
    changes(world, clock, status="processing", total="30.00")
    assert brought(world) == [("person", Decimal("30.00"), True)]


def test_other_orders_are_left_alone(world: World, clock: Clock) -> None:
    reminded(world, clock)
    buys(world, clock)
    arrive(world, placed("2", clock, consent=None))
    arrive(world, order("2", version=clock() + HOUR, consent=None, status="cancelled"))
    assert brought(world) == [("person", Decimal("24.90"), True)]


@pytest.mark.parametrize(
    ("total", "refunds", "expected"),
    [
        ("24.90", [], "24.90"),
        ("24.90", [{"id": "1", "total": "4.90"}, {"id": "2", "total": "5"}], "15"),
        ("24.90", [{"id": "1"}], "24.90"),
        ("24.90", [{"id": "1", "total": "99"}], "0"),
        ("nan", [], "0"),
        ("1e999", [], "0"),
        ("viel", [{"id": "1", "total": "x"}], "0"),
    ],
)
def test_what_an_order_brings(total: str, refunds: list[dict[str, str]], expected: str) -> None:
    facts = {"status": "processing", "total": total, "refunds": refunds}
    assert worth(facts) == Decimal(expected)


# whether it was reminded of follows what became of the message


def test_refused_by_meta_reminded_nobody(world: World, clock: Clock) -> None:
    left(world, clock)
    channel(world).fates[ANNA] = Refused(132000, 400, "parameters", Action.FAIL)
    reach(world)
    assert told(world) == [("failed", "refused_by_meta")]
    assert of_carts(world, "state", "reminded_at", "remind_at") == [("abandoned", None, None)]
    buys(world, clock)
    assert brought(world) == [("unprompted", Decimal("24.90"), True)]


def test_refused_hours_later_reminded_nobody(world: World, clock: Clock) -> None:
    """The order is there already; it came by itself."""
    reminded(world, clock)
    buys(world, clock)
    refused_by_webhook(world, clock)
    assert of_carts(world, "state") == [("ordered",)]
    assert brought(world) == [("unprompted", Decimal("24.90"), True)]
    assert rows(world.database, tables.conversion, "message_id") == [(None,)]


def test_refused_and_yet_delivered_reminded_after_all(world: World, clock: Clock) -> None:
    reminded(world, clock)
    left_at = clock()
    refused_by_webhook(world, clock)
    assert of_carts(world, "state") == [("abandoned",)]
    attempt = rows(world.database, tables.attempt, "id")[0][0]
    post_meta(world, MetaUpdate(statuses=(StatusUpdate(f"wamid.{attempt}", "delivered", clock(), attempt),)))
    answer.run(world)
    assert of_carts(world, "state", "reminded_at") == [("reminded", left_at)]


def refused_by_webhook(world: World, clock: Clock) -> None:
    attempt = rows(world.database, tables.attempt, "id")[0][0]
    update = StatusUpdate(
        f"wamid.{attempt}", "failed", clock(), attempt, error_code=131026, action=Action.UNDELIVERABLE
    )
    post_meta(world, MetaUpdate(statuses=(update,)))
    answer.run(world)


def test_what_never_left_is_tried_again_and_counts_then(world: World, clock: Clock) -> None:
    choose(world, second=True)
    left(world, clock)
    channel(world).fates[ANNA] = NotSent("no connection")
    reach(world)
    assert of_carts(world, "state", "reminded_at") == [("abandoned", None)]
    channel(world).fates.clear()
    clock.now += 10 * MINUTE
    reach(world)
    assert sent(world) == ["lb_abandoned_cart_du_v1"]
    assert of_carts(world, "state", "reminded_at") == [("reminded", clock())]


@pytest.mark.parametrize(
    ("choice", "state"), [(Choice.DROP, "abandoned"), (Choice.SENT, "reminded"), (Choice.RESEND, "abandoned")]
)
def test_an_uncertain_one_counts_until_the_owner_decides(
    world: World, clock: Clock, choice: Choice, state: str
) -> None:
    left(world, clock)
    channel(world).fates[ANNA] = OutcomeUnknown("timeout")
    reach(world)
    assert of_carts(world, "state") == [("reminded",)]
    [(id_,)] = rows(world.database, tables.message, "id")
    assert intervene(world.database, [id_], choice, "owner", clock()) == 1
    assert of_carts(world, "state") == [(state,)]


def test_a_crash_while_sending_counts_as_reminded(world: World, clock: Clock) -> None:
    left(world, clock)
    deliver(world)
    prepared(world)
    assert len(send.claim(world, "nummer", 5)) == 1
    assert rescue.after_crash(world) == 1
    assert of_carts(world, "state") == [("reminded",)]
