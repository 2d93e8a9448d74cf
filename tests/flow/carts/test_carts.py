"""Carts: fed by snapshots, settled by orders, found by the sweep, forgotten in time."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import update
from storekit import rows
from worlds import NOON, Clock, cart, order, post

from integration.flow import react
from integration.flow.carts import carts as flow
from integration.flow.privacy import erasure
from integration.flow.world import World
from integration.store import tables
from integration.store.carts import carts as store
from jobs import schedule

pytestmark = pytest.mark.databases("sqlite", "postgresql")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOBODY = {"email": "", "phone": "", "customer_id": ""}


def arrive(world: World, *found: dict[str, Any]) -> None:
    """Each in a body and a batch of its own, one after the other."""
    for one in found:
        post(world, one)
        react.run(world)


def states(world: World) -> list[str]:
    return sorted(state for (state,) in rows(world, tables.cart, "state"))


def placed(id_: str, at: datetime, **changes: Any) -> dict[str, Any]:
    return order(id_, version=at, placed_at=at.isoformat(), **changes)


def later(world: World, clock: Clock, by: timedelta) -> str:
    clock.now += by
    return schedule.counting(flow.sweep)(world, clock())


def test_a_cart_is_active_then_abandoned_then_expired(world: World, clock: Clock) -> None:
    arrive(world, cart())
    assert states(world) == ["active"]
    assert later(world, clock, 59 * MINUTE) == "abandoned=0 expired=0"
    assert later(world, clock, MINUTE) == "abandoned=1 expired=0"
    assert rows(world, tables.cart, "state", "abandoned_at") == [("abandoned", NOON + HOUR)]
    assert later(world, clock, 70 * HOUR) == "abandoned=0 expired=0"
    assert later(world, clock, HOUR) == "abandoned=0 expired=1"
    assert rows(world, tables.cart, "state", "due_at") == [("expired", None)]


def test_what_was_left_long_ago_is_never_abandoned_late(world: World, clock: Clock) -> None:
    """After four days without Ladenbote nobody is reminded of a cart of then."""
    arrive(world, cart())
    assert later(world, clock, 4 * DAY) == "abandoned=0 expired=1"
    assert rows(world, tables.cart, "abandoned_at") == [(None,)]


def test_whoever_comes_back_is_active_again(world: World, clock: Clock) -> None:
    arrive(world, cart())
    later(world, clock, HOUR)
    arrive(world, cart(version=clock(), started_at=NOON.isoformat(), total="59.70"))
    assert states(world) == ["active"]
    assert later(world, clock, 50 * MINUTE) == "abandoned=0 expired=0"
    assert later(world, clock, 10 * MINUTE) == "abandoned=1 expired=0"
    assert rows(world, tables.cart, "total", "began_at") == [("59.70", NOON)]


def test_a_payment_under_way_is_not_abandonment(world: World, clock: Clock) -> None:
    arrive(world, cart(payment_pending=True))
    assert later(world, clock, 20 * HOUR) == "abandoned=0 expired=0"
    assert later(world, clock, 52 * HOUR) == "abandoned=0 expired=1"


def test_a_stranger_is_never_abandoned(world: World, clock: Clock) -> None:
    arrive(world, cart(**NOBODY))
    assert later(world, clock, 20 * HOUR) == "abandoned=0 expired=0"
    assert rows(world, tables.cart, "named", "state") == [(False, "active")]


def test_a_strangers_cart_gets_its_person(world: World, clock: Clock) -> None:
    arrive(world, cart(**NOBODY), cart(version=NOON + MINUTE))
    assert rows(world, tables.cart, "named", "state") == [(True, "active")]
    assert later(world, clock, 61 * MINUTE) == "abandoned=1 expired=0"


def test_a_draft_becomes_its_order(world: World, clock: Clock) -> None:
    arrive(world, cart("77", **NOBODY), placed("77", NOON + 5 * MINUTE, phone="", email=""))
    assert rows(world, tables.cart, "state", "order_id", "ordered_at") == [("ordered", "77", NOON + 5 * MINUTE)]
    assert later(world, clock, 5 * HOUR) == "abandoned=0 expired=0"


def test_a_cart_ordered_under_another_id(world: World) -> None:
    arrive(world, cart("tok", aliases=["checkout:9"], **NOBODY))
    arrive(world, placed("5001", NOON + DAY * 9, phone="", email="", cart_id="checkout:9"))
    assert rows(world, tables.cart, "state", "order_id") == [("ordered", "5001")]


@pytest.mark.parametrize(
    "buyer",
    [
        {"phone": "+49 171 3920012", "email": "other@example.com"},
        {"phone": "", "email": "Anna@Example.com "},
        {"phone": "0160 1111111", "email": "", "customer_id": "8"},
    ],
)
def test_the_same_person_bought_otherwise(world: World, buyer: dict[str, str]) -> None:
    arrive(world, cart(customer_id="8"), placed("1", NOON + HOUR, **buyer))
    assert rows(world, tables.cart, "state", "order_id") == [("ordered", "1")]


def test_somebody_elses_order_changes_nothing(world: World) -> None:
    arrive(world, cart(), placed("1", NOON + HOUR, phone="0171 3920099", email="berta@example.com"))
    assert states(world) == ["active"]


def test_an_order_before_the_cart_changes_nothing(world: World) -> None:
    arrive(world, placed("1", NOON - HOUR), cart())
    assert states(world) == ["active"]


def test_what_is_begun_right_after_the_order_is_the_same_visit(world: World) -> None:
    """Clocks jump, and the shop's page opens the next draft as soon as the order is placed."""
    arrive(world, placed("1", NOON), cart("a", NOON + 4 * MINUTE, started_at=""))
    assert states(world) == ["ordered"]
    arrive(world, cart("b", NOON + 6 * MINUTE))
    assert states(world) == ["active", "ordered"]


@pytest.mark.parametrize("status", ["pending", "on_hold", "failed", "cancelled"])
def test_whoever_tried_to_pay_bought(world: World, status: str) -> None:
    arrive(world, cart(), placed("1", NOON + HOUR, status=status))
    assert states(world) == ["ordered"]


def test_two_devices_are_one_cart(world: World, clock: Clock) -> None:
    """The phone knows the e-mail address, the laptop the number; only the third draft shows that they are one."""
    arrive(world, cart("a", phone="", total="10.00"), cart("b", NOON + MINUTE, email="", total="20.00"))
    assert len(states(world)) == 2
    arrive(world, cart("c", NOON + 2 * MINUTE, total="30.00"))
    assert rows(world, tables.cart, "state", "total", "began_at") == [("active", "30.00", NOON)]
    assert later(world, clock, 62 * MINUTE) == "abandoned=1 expired=0"
    arrive(world, placed("1", clock(), phone="", email="ANNA@example.com"))
    assert states(world) == ["ordered"]


def test_the_emptied_device_leaves_the_other_ones_cart(world: World) -> None:
    arrive(world, cart("a", total="10.00"), cart("b", NOON + MINUTE, total="20.00"))
    arrive(world, cart("b", NOON + 2 * MINUTE, status="emptied", items=[], total="0"))
    assert rows(world, tables.cart, "state", "total") == [("active", "10.00")]


def test_an_emptied_cart_is_left_alone_until_it_is_filled_again(world: World, clock: Clock) -> None:
    arrive(world, cart(), cart(version=NOON + MINUTE, status="emptied", items=[]))
    assert later(world, clock, 5 * HOUR) == "abandoned=0 expired=0"
    assert states(world) == ["emptied"]
    arrive(world, cart(version=clock()))
    assert states(world) == ["active"]


def test_emptied_by_the_order_itself(world: World) -> None:
    """A plugin reports the emptied cart a moment before or after the order."""
    arrive(world, cart(), cart(version=NOON + HOUR, status="emptied", items=[]), placed("1", NOON + HOUR + MINUTE))
    assert states(world) == ["ordered"]


def test_a_new_cart_after_the_order_is_a_new_one(world: World, clock: Clock) -> None:
    arrive(world, cart(), placed("1", NOON + MINUTE), cart("c2", NOON + 2 * HOUR))
    assert states(world) == ["active", "ordered"]
    arrive(world, placed("2", NOON + 3 * HOUR))
    assert sorted(rows(world, tables.cart, "state", "order_id")) == [("ordered", "1"), ("ordered", "2")]


def test_a_session_key_may_be_used_again(world: World) -> None:
    arrive(world, cart("key"), placed("1", NOON + MINUTE, cart_id="key"), cart("key", NOON + 2 * HOUR))
    assert states(world) == ["active", "ordered"]


def test_bought_while_abandoned_is_ordered(world: World, clock: Clock) -> None:
    arrive(world, cart())
    later(world, clock, 2 * HOUR)
    arrive(world, placed("1", clock()))
    [(state, left, due)] = rows(world, tables.cart, "state", "abandoned_at", "due_at")
    assert (state, left, due) == ("ordered", clock(), None)


def test_bought_after_a_reminder_is_recovered(world: World, clock: Clock) -> None:
    arrive(world, cart())
    later(world, clock, 3 * HOUR)
    remind(world, clock())
    arrive(world, placed("1", clock() + HOUR))
    assert states(world) == ["recovered"]


def test_reminded_and_changed_is_still_reminded(world: World, clock: Clock) -> None:
    arrive(world, cart())
    later(world, clock, 3 * HOUR)
    remind(world, clock())
    arrive(world, cart(version=clock() + MINUTE), cart("other", clock() + 2 * MINUTE))
    assert states(world) == ["reminded"]
    assert later(world, clock, 2 * HOUR) == "abandoned=0 expired=0"


def remind(world: World, at: datetime) -> None:
    with world.database.write() as connection:
        connection.execute(update(tables.cart).values(state="reminded", reminded_at=at))


def test_a_late_order_finds_its_expired_cart(world: World, clock: Clock) -> None:
    """The shop was offline: its order of then comes only now."""
    arrive(world, cart())
    later(world, clock, 4 * DAY)
    arrive(world, placed("1", NOON + 2 * HOUR))
    assert rows(world, tables.cart, "state", "order_id") == [("ordered", "1")]


def test_after_expiry_a_new_cart_begins(world: World, clock: Clock) -> None:
    arrive(world, cart())
    later(world, clock, 4 * DAY)
    arrive(world, cart(version=clock()))
    assert states(world) == ["active", "expired"]


def test_no_contact_is_made_of_a_typed_phone(world: World, clock: Clock) -> None:
    arrive(world, cart())
    assert rows(world, tables.contact, "id") == []
    assert rows(world, tables.cart, "contact_id") == [(None,)]
    assert rows(world, tables.event, "id") == rows(world, tables.message, "id") == []


def test_an_existing_contact_is_linked(world: World) -> None:
    arrive(world, placed("1", NOON - DAY), cart(phone="0049 171 3920012"))
    [(contact,)] = rows(world, tables.contact, "id")
    assert rows(world, tables.cart, "contact_id", "state") == [(contact, "active")]


def test_who_became_a_contact_meanwhile_is_linked_when_left(world: World, clock: Clock) -> None:
    arrive(world, cart(), placed("1", NOON - DAY))
    assert rows(world, tables.cart, "contact_id") == [(None,)]
    later(world, clock, HOUR)
    [(contact,)] = rows(world, tables.contact, "id")
    assert rows(world, tables.cart, "contact_id") == [(contact,)]


def test_personal_data_go_after_thirty_days(world: World, clock: Clock) -> None:
    arrive(world, placed("1", NOON - DAY), cart(), cart("x", **NOBODY))
    later(world, clock, 4 * DAY)
    assert forget(world, clock) == 0
    clock.now = NOON + 30 * DAY + MINUTE
    assert forget(world, clock) == 2
    [row] = rows(world, tables.cart, "named", "state", "total", "parts", "contact_id", "snapshot_key")
    assert row == (True, "expired", "39.80", None, None, "")
    assert rows(world, tables.cart_key, "key") == rows(world, tables.purchase, "key") == []
    assert [t for (t,) in rows(world, tables.snapshot, "object_type")] == ["order"]


def forget(world: World, clock: Clock) -> int:
    from jobs.sweeps import retention

    before = len([p for (p,) in rows(world, tables.cart, "parts") if p])
    retention.sweep(world, clock())
    return before - len([p for (p,) in rows(world, tables.cart, "parts") if p])


def test_what_was_forgotten_does_not_come_back(world: World, clock: Clock) -> None:
    clock.now = NOON + 31 * DAY
    arrive(world, cart(), cart("9", clock(), status="ordered", order_id="9", started_at=NOON.isoformat()))
    assert rows(world, tables.snapshot, "key") == rows(world, tables.cart, "id") == []


def test_an_erased_person_leaves_no_cart(world: World, clock: Clock) -> None:
    arrive(world, placed("1", NOON - DAY), cart(), cart("b", phone="0171 3920099", email="berta@example.com"))
    [(contact,)] = rows(world, tables.contact, "id")
    assert erasure.erase_contact(world, contact, "letter")
    assert (None, None, None) in rows(world, tables.cart, "parts", "contact_id", "due_at")
    assert len([parts for (parts,) in rows(world, tables.cart, "parts") if parts]) == 1
    assert [k for (k,) in rows(world, tables.snapshot, "key") if "cart" in k] == ["laden/cart/b"]
    assert later(world, clock, 2 * HOUR) == "abandoned=1 expired=0"


def test_hashed_keys_name_nobody(world: World) -> None:
    arrive(world, cart(), placed("1", NOON))
    found = [key for table in (tables.cart_key, tables.purchase) for (key,) in rows(world, table, "key")]
    assert len(found) == 6
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in found)


def test_another_shops_cart_is_another_one(world: World) -> None:
    """Keys are the shop's own: the same phone in two shops is two carts."""
    one, two = (flow._hashed(world, shop, ["phone:+491713920012"]) for shop in ("laden", "other"))
    assert one != two


def test_many_in_one_batch_cost_few_statements(world: World) -> None:
    from sqlalchemy import event

    post(world, *(cart(f"c{n}", email=f"p{n}@example.com", phone="") for n in range(200)))
    said: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    react.run(world)
    assert len(states(world)) == 200
    assert len([one for one in said if "cart" in one]) < 12


def test_the_sweep_uses_its_index(world: World) -> None:
    """Whatever else lies in the table: the benchmark measures what this rests on."""
    with world.database.write() as connection:
        sql, bind, _ = store._DUE._plan(connection.dialect)
        if world.database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", bind({"now": NOON, "most": 5})).all()
            assert "ix_cart_due" in str(plan)
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {sql}", bind({"now": NOON, "most": 5})).all()
            assert "Index Scan using ix_cart_due" in str(plan)


def test_the_sweep_is_scheduled() -> None:
    assert "carts" in {one.name for one in schedule.JOBS}


def trade(n: int) -> list[dict[str, Any]]:
    """What one shopper does on two devices, and in the end buys or not; nobody else has these ids and contacts."""
    who = {"email": f"p{n}@example.com", "phone": f"+4917139{n:05}", "customer_id": ""}
    began = {"started_at": NOON.isoformat()}
    draft, other = f"{n}1", f"{n}2"
    facts = [
        cart(draft, NOON, **began, **NOBODY),
        cart(draft, NOON + MINUTE, **began, **who | {"phone": ""}),
        cart(other, NOON + 5 * MINUTE, **who | {"email": ""}),
        cart(draft, NOON + 9 * MINUTE, **began, **who),
    ]
    bought = [
        placed(draft, NOON + 20 * MINUTE, **who, cart_id=draft),
        cart(draft, NOON + 20 * MINUTE, **began, **who, status="ordered", order_id=draft),
        cart(other, NOON + 21 * MINUTE, **who, started_at=facts[2]["version"], status="emptied", items=[]),
    ]
    elsewhere = [placed(f"{n}9", NOON + HOUR, **who | {"email": f"other{n}@example.com"}, cart_id="")]
    return facts + [[], bought, elsewhere, [*bought, *elsewhere]][n % 4]


def test_any_order_of_arrival_ends_in_the_same_carts(world: World) -> None:
    """With copies, in batches of any size, from either side: shoppers that did the same end in the same way."""
    chance = Random(7)  # noqa: S311
    ends: dict[int, set[Any]] = {}
    for n in range(100, 148):
        arrivals = trade(n) if n < 104 else chance.sample((facts := trade(n)) + facts[::2], len(facts + facts[::2]))
        while arrivals:
            size = chance.randint(1, 4)
            post(world, *arrivals[:size])
            react.run(world)
            arrivals = arrivals[size:]
        found = [
            (state, order_id.removeprefix(str(n)), began, sorted(part["id"].removeprefix(str(n)) for part in parts))
            for state, order_id, began, parts in rows(world, tables.cart, "state", "order_id", "began_at", "parts")
            if parts[0]["id"].startswith(str(n))
        ]
        ends.setdefault(n % 4, set()).add(str(found))
    assert [len(one) for one in ends.values()] == [1, 1, 1, 1]
    assert states(world) == ["active"] * 12 + ["ordered"] * 36
