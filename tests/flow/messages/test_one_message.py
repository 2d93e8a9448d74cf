"""One message per fact: whatever way it came, in whatever order, and merged where a person would merge it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sending import channel, deliver
from shoplife import here, outcomes, switch, told, write
from storekit import rows
from worlds import NOON, Clock, make_world, order, parcel, post

from integration.domain.notifications import NOTIFICATIONS
from integration.domain.shops.events import ObjectType, Origin, Snapshot
from integration.flow import react
from integration.flow.notifications import follow_ups
from integration.flow.shops import absorb
from integration.flow.webhooks.verify import PLUGIN_TOPIC
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database

ALL = [n.kind for n in NOTIFICATIONS if n.on]
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    made = make_world(database, keys, clock)
    switch(made, *ALL)
    return made


def by_poll(world: World, *found: dict[str, Any]) -> None:
    read = [Snapshot("laden", ObjectType(f["type"]), f["id"], NOON, f["facts"]) for f in found]
    with world.database.write() as connection:
        absorb.take(world, connection, read, (), Origin.POLL, world.clock())


def by_plugin(world: World, *found: dict[str, Any]) -> None:
    post(world, *found, topic=PLUGIN_TOPIC)
    react.run(world)


WAYS: list[Callable[..., None]] = [here, by_poll, by_plugin]


@pytest.mark.parametrize("ways", list(permutations(WAYS)), ids=lambda ways: "-".join(way.__name__ for way in ways))
def test_webhook_poll_and_plugin_make_one(world: World, ways: tuple[Callable[..., None], ...]) -> None:
    for way in ways * 2:
        way(world, order(), parcel())
        deliver(world)
    assert sorted(kind for (kind,) in rows(world, tables.message, "kind")) == [
        "order_confirmation",
        "shipping_notice",
    ]
    assert len(rows(world, tables.event, "key")) == 2


def sent(world: World, clock: Clock) -> list[str]:
    """What leaves in the next minutes, in order."""
    for _ in range(20):
        deliver(world)
        clock.advance(seconds=10)
    return [(envelope.template or "").removeprefix("lb_").rsplit("_du", 1)[0] for envelope in channel(world).sent]


def minute() -> list[dict[str, Any]]:
    """Placed, paid and shipped within a minute."""
    paid = {"paid_at": (NOON + 20 * SECOND).isoformat()}
    done = {**paid, "completed_at": (NOON + 40 * SECOND).isoformat(), "status": "completed"}
    return [
        order(status="on_hold", payment="transfer"),
        order(version=NOON + 20 * SECOND, payment="transfer", **paid),
        order(version=NOON + 40 * SECOND, payment="transfer", **done),
        parcel(version=NOON + 40 * SECOND),
    ]


@pytest.mark.parametrize("arrival", list(permutations(range(4))), ids=lambda places: "".join(map(str, places)))
def test_placed_paid_and_shipped_in_any_order_of_arrival(world: World, clock: Clock, arrival: tuple[int, ...]) -> None:
    """Nobody sent meanwhile: two messages say it all, the order first."""
    clock.advance(minutes=1)
    for place in arrival:
        here(world, minute()[place])
    assert sent(world, clock)[:2] == ["order_confirmation", "shipping_notice"]
    assert set(sent(world, clock)) == {"order_confirmation", "shipping_notice"}


def test_when_the_sender_is_quick_each_news_comes_in_its_turn(world: World, clock: Clock) -> None:
    for place, pause in ((0, 20), (1, 20), (2, 0), (3, 0)):
        here(world, minute()[place])
        deliver(world)
        clock.advance(seconds=pause)
    left = sent(world, clock)
    assert left == ["order_confirmation", "payment_received", "shipping_notice"]


def test_at_night_only_what_is_still_news_waits(world: World, clock: Clock) -> None:
    """Paid, taken up, packed and shipped while everybody sleeps: the morning has one message."""
    clock.now = NOON.replace(hour=22)
    placed = {"placed_at": clock().isoformat(), "payment": "transfer"}
    here(world, order(version=clock(), status="on_hold", **placed))
    deliver(world)
    for hours, changes in ((1, {}), (2, {"status": "completed", "completed_at": "2026-11-25T00:00:00+00:00"})):
        clock.now = NOON.replace(hour=22) + timedelta(hours=hours)
        here(world, order(version=clock(), paid_at="2026-11-24T23:00:00+00:00", **placed, **changes))
        deliver(world)
    here(world, parcel(number="", url="", version=clock(), shipped_at=None))
    here(world, parcel(version=clock() + SECOND))
    clock.now = NOON + timedelta(hours=19, minutes=30)
    assert sent(world, clock) == ["order_confirmation", "shipping_notice"]
    assert told(world)["payment_received"] == "overtaken"
    assert "order_in_progress" not in told(world), "the payment would have told that"


def test_who_pays_the_invoice_after_the_parcel_is_not_told_that_it_is_got_ready(world: World, clock: Clock) -> None:
    here(world, order(payment="transfer"), parcel())
    deliver(world)
    clock.advance(days=3)
    here(world, order(payment="transfer", version=clock(), paid_at=clock().isoformat()))
    assert told(world)["payment_received"] == "overtaken"


def test_a_number_that_changes_back_and_forth_is_told_as_it_is_now(world: World, clock: Clock) -> None:
    here(world, order(), parcel(number="A", url="https://www.dhl.de/A"))
    sent(world, clock)
    for number in ("B", "A", "B"):
        clock.advance(minutes=5)
        changed = parcel(version=clock(), number=number, url=f"https://www.dhl.de/{number}")
        here(world, changed)
        here(world, changed)
        by_plugin(world, changed)
        sent(world, clock)
    links = [e.variables["tracking"][-1] for e in channel(world).sent if "tracking" in e.variables]
    assert links == ["A", "B", "A", "B"]


# ── Who wants to hear no more ───────────────────────────────────────────────────────────────────────────────


def two_orders(world: World, clock: Clock) -> None:
    """Both were confirmed, the second one last."""
    here(world, order("1001"))
    sent(world, clock)
    here(world, order("1002", version=clock(), placed_at=clock().isoformat()))
    sent(world, clock)


@pytest.mark.parametrize(
    ("text", "muted"),
    [
        ("Keine Infos mehr zu dieser Bestellung", "1002"),
        ("Bitte keine Updates zur Bestellung 1001 mehr", "1001"),
        ("keine Nachrichten mehr zu meiner Bestellung Nr. 1001", "1001"),
        ("no more updates about order 1001", "1001"),
        ("Bestellung 1001 stumm", "1001"),
        ("mute order 1001", "1001"),
        ("mute", "1002"),
    ],
)
def test_words_mute_the_order_that_they_name(world: World, clock: Clock, text: str, muted: str) -> None:
    two_orders(world, clock)
    write(world, text)
    assert rows(world, tables.order_reply, "order_key") == [(f"laden/order/{muted}",)]
    other = {"1001": "1002", "1002": "1001"}[muted]
    here(world, parcel(muted, id_="p1", version=clock()), parcel(other, id_="p2", version=clock()))
    found = rows(world, tables.message, "kind", "order_number", "reason")
    told_of = {number: reason for kind, number, reason in found if kind == "shipping_notice"}
    assert (told_of[muted], told_of[other]) == ("order_muted", None)


def test_a_number_that_nobody_told_them_mutes_nothing(world: World, clock: Clock) -> None:
    two_orders(world, clock)
    write(world, "Keine Infos mehr zur Bestellung 999")
    assert rows(world, tables.order_reply, "order_key") == []


# ── Reviews ─────────────────────────────────────────────────────────────────────────────────────────────────


def delivered(world: World, clock: Clock) -> None:
    here(world, order(status="completed", completed_at=NOON.isoformat()), parcel(delivered_at=NOON.isoformat()))
    sent(world, clock)


def asked(world: World, clock: Clock) -> str | None:
    clock.now = NOON + timedelta(days=10)
    follow_ups.sweep(world, clock())
    return told(world).get("review_request")


def test_nobody_is_asked_for_a_review_who_wrote_since(world: World, clock: Clock) -> None:
    delivered(world, clock)
    write(world, "Die Tasse ist zerbrochen!")
    assert asked(world, clock) == "replied"


def test_a_return_takes_the_request_back(world: World, clock: Clock) -> None:
    delivered(world, clock)
    clock.advance(days=2)
    here(world, order(status="completed", completed_at=NOON.isoformat(), version=clock(), returning=True))
    assert asked(world, clock) == "refunded"


def test_others_are_asked(world: World, clock: Clock) -> None:
    delivered(world, clock)
    assert asked(world, clock) == "no_consent", "as far as they agreed to it"
    assert outcomes(world)["delivered"] == "message"
