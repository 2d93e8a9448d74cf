"""Kinds of notifications: the owner's rules, follow-ups, and one message where a person would write one."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shoplife import here, outcomes, switch, told, write
from storekit import rows
from worlds import NOON, Clock, cart, order, parcel

from integration.domain.consent.decision import RULES
from integration.domain.conversations.muting import asks_to_mute
from integration.domain.notifications import NOTIFICATIONS
from integration.flow import send
from integration.flow.notifications import follow_ups
from integration.flow.world import World
from integration.store import tables

ALL = [n.kind for n in NOTIFICATIONS]


def paid(clock: Clock, **more: Any) -> dict[str, Any]:
    return order(version=clock(), paid_at=clock().isoformat(), **more)


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_switched_off_makes_no_message(world: World) -> None:
    switch(world, "order_confirmation", on=False)
    here(world, order())
    assert rows(world, tables.message, "kind") == []
    assert outcomes(world) == {"placed": "switched_off"}


def test_the_message_and_its_decision_name_the_rule(world: World) -> None:
    switch(world, "order_confirmation", on=False)
    switch(world, "order_confirmation")
    here(world, order())
    assert rows(world, tables.message, "rule") == [(2,)]
    [(facts,)] = rows(world, tables.decision, "facts")
    assert facts["rule"] == 2


def test_without_a_decision_of_the_owner_the_table_holds(world: World, clock: Clock) -> None:
    here(world, order())
    clock.advance(minutes=5)
    here(world, paid(clock))
    assert told(world) == {"order_confirmation": "queued"}
    assert rows(world, tables.message, "rule") == [(0,)]


# ── One message where a person would write one ──────────────────────────────────────────────────────────────


def test_a_waiting_confirmation_says_that_it_is_paid(world: World, clock: Clock) -> None:
    switch(world, "payment_received", "order_in_progress")
    here(world, order(status="on_hold"))
    clock.advance(seconds=20)
    here(world, paid(clock))
    assert told(world) == {"order_confirmation": "queued"}
    [(variables,)] = rows(world, tables.message, "variables")
    assert variables["total"] == "24,90 € (bezahlt)"
    assert outcomes(world)["processing"] == "merged"


def test_who_was_confirmed_already_hears_that_the_money_came(world: World, clock: Clock) -> None:
    switch(world, "payment_received", "order_in_progress")
    here(world, order(status="on_hold"))
    assert len(send.claim(world, "nummer", 10)) == 1
    clock.advance(days=1)
    here(world, paid(clock))
    assert told(world) == {"order_confirmation": "sending", "payment_received": "queued"}


def test_placed_paid_and_shipped_within_a_minute(world: World, clock: Clock) -> None:
    switch(world, *ALL)
    later = (clock() + timedelta(seconds=40)).isoformat()
    here(world, order(status="on_hold"))
    clock.advance(seconds=40)
    here(world, paid(clock, status="completed", completed_at=later), parcel(version=clock()))
    assert told(world) == {"order_confirmation": "queued", "shipping_notice": "queued"}
    found = dict(rows(world, tables.message, "kind", "send_after"))
    assert found["order_confirmation"] < found["shipping_notice"]


def test_what_is_on_its_way_is_not_packed_any_more(world: World, clock: Clock) -> None:
    switch(world, "order_packed")
    here(world, order(), parcel(number="", url=""))
    assert told(world)["order_packed"] == "queued"
    clock.advance(seconds=30)
    here(world, parcel(version=clock()))
    assert told(world) == {"order_confirmation": "queued", "order_packed": "overtaken", "shipping_notice": "queued"}


def test_two_parcels_are_counted_and_only_their_own_news_void_them(world: World, clock: Clock) -> None:
    clock.now = NOON.replace(hour=22)
    here(world, order(placed_at=clock().isoformat(), version=clock()), parcel(version=clock()))
    other = parcel(id_="p2", version=clock() + timedelta(seconds=1), number="2", url="https://www.dhl.de/2")
    here(world, other)
    words = {
        id_: v["parcel"] for id_, k, v in rows(world, tables.message, "object_id", "kind", "variables") if id_ != "1001"
    }
    assert words == {"p1": "das Paket", "p2": "Paket 2 von 2"}
    clock.advance(hours=1)
    here(world, parcel(version=clock(), delivered_at=clock().isoformat()))
    found = {id_: r or s for id_, s, r in rows(world, tables.message, "object_id", "status", "reason")}
    assert (found["p1"], found["p2"]) == ("overtaken", "quiet_hours")


def test_a_corrected_number_updates_the_notice_that_waits(world: World, clock: Clock) -> None:
    here(world, order(), parcel())
    clock.advance(seconds=5)
    here(world, parcel(version=clock(), number="999", url="https://www.dhl.de/999"))
    assert told(world) == {"order_confirmation": "queued", "shipping_notice": "queued"}
    found = dict(rows(world, tables.message, "kind", "variables"))
    assert found["shipping_notice"]["tracking"] == "https://www.dhl.de/999"
    assert outcomes(world)["tracking_corrected"] == "merged"


def test_a_corrected_number_is_told_once_when_the_notice_has_left(world: World, clock: Clock) -> None:
    here(world, order(), parcel())
    clock.advance(minutes=5)
    assert len(send.claim(world, "nummer", 10)) == 2
    changed = parcel(version=clock(), number="999", url="https://www.dhl.de/999")
    here(world, changed)
    here(world, changed)
    clock.advance(seconds=5)
    here(world, parcel(version=clock(), number="777", url="https://www.dhl.de/777"))
    found = [v for k, v in rows(world, tables.message, "kind", "variables") if k == "tracking_corrected"]
    assert [v["tracking"] for v in found] == ["https://www.dhl.de/777"]


def test_a_cancelled_order_with_its_refund_is_one_message(world: World, clock: Clock) -> None:
    here(world, paid(clock))
    clock.advance(hours=1)
    back = [{"id": "r1", "at": clock().isoformat(), "total": "24.90"}]
    ended = {"status": "cancelled", "cancelled_at": clock().isoformat(), "paid_at": NOON.isoformat()}
    here(world, order(version=clock(), refunds=back, **ended))
    assert told(world) == {"order_confirmation": "order_cancelled", "order_cancelled": "queued"}
    assert dict(rows(world, tables.message, "kind", "variables"))["order_cancelled"]["money"] == "erstattet"


def test_each_refund_is_told_with_its_amount(world: World, clock: Clock) -> None:
    here(world, paid(clock))
    back = []
    for id_, total in (("r1", "5.00"), ("r2", "19.90")):
        clock.advance(hours=1)
        back = [*back, {"id": id_, "at": clock().isoformat(), "total": total}]
        here(world, order(version=clock(), paid_at=NOON.isoformat(), refunds=back))
    found = [v["amount"] for k, v in rows(world, tables.message, "kind", "variables") if k == "refund_notice"]
    assert sorted(found) == ["19,90 € (einen Teil)", "5,00 € (einen Teil)"]


# ── Follow-ups ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_transfer_that_does_not_come_is_asked_for_twice_and_never_again(world: World, clock: Clock) -> None:
    switch(world, "payment_reminder", days=3)
    here(world, order(status="on_hold"))
    assert outcomes(world)["awaiting_payment"] == "message"
    for _ in range(60):
        clock.advance(days=1)
        follow_ups.sweep(world, clock())
    found = [(k, at) for k, at in rows(world, tables.message, "key", "occurred_at") if "payment_reminder" in k]
    assert sorted(found) == [
        ("firma/payment_reminder/laden/1001/1", NOON + timedelta(days=3)),
        ("firma/payment_reminder/laden/1001/2", NOON + timedelta(days=10)),
    ]
    assert rows(world, tables.follow_up, "slot") == []


def test_who_pays_is_not_asked_any_more(world: World, clock: Clock) -> None:
    switch(world, "payment_reminder", days=3)
    here(world, order(status="on_hold"))
    clock.advance(days=3)
    follow_ups.sweep(world, clock())
    assert told(world)["payment_reminder"] == "queued"
    here(world, paid(clock))
    assert told(world)["payment_reminder"] == "paid_meanwhile"
    assert rows(world, tables.follow_up, "slot") == []


def test_a_reminder_is_checked_against_the_facts_when_its_time_comes(world: World, clock: Clock) -> None:
    """Whatever the order of arrival: what the snapshot says then decides."""
    switch(world, "payment_reminder", days=3)
    here(world, order(status="on_hold"))
    clock.advance(minutes=1)
    here(world, order(status="on_hold", version=clock(), paid_at=NOON.isoformat()))
    with world.database.write() as connection:
        connection.execute(tables.follow_up.update().values(due_at=clock()))
    clock.advance(days=3)
    follow_ups.sweep(world, clock())
    assert told(world).get("payment_reminder") in (None, "paid_meanwhile")


def test_switching_off_ends_what_was_kept_for_later(world: World, clock: Clock) -> None:
    switch(world, "payment_reminder", days=3)
    here(world, order(status="on_hold"))
    switch(world, "payment_reminder", on=False)
    clock.advance(days=4)
    follow_ups.sweep(world, clock())
    assert "payment_reminder" not in told(world)
    assert rows(world, tables.follow_up, "slot") == []


def test_a_reviews_time_counts_from_the_last_delivery(world: World, clock: Clock) -> None:
    switch(world, "review_request", days=10)
    done = {"status": "completed", "completed_at": NOON.isoformat()}
    here(world, order(**done), parcel())
    clock.advance(days=2)
    here(world, parcel(version=clock(), delivered_at=clock().isoformat()))
    [(slot, due_at)] = rows(world, tables.follow_up, "slot", "due_at")
    assert (slot, due_at) == ("firma/review_request/laden/1001/1", NOON + timedelta(days=12))
    clock.advance(days=10)
    follow_ups.sweep(world, clock())
    assert told(world)["review_request"] == "no_consent"


def test_no_review_after_a_refund(world: World, clock: Clock) -> None:
    switch(world, "review_request")
    here(world, order(status="completed", completed_at=NOON.isoformat()))
    assert len(rows(world, tables.follow_up, "slot")) == 1
    clock.advance(days=1)
    back = [{"id": "r1", "at": clock().isoformat(), "total": "5.00"}]
    here(world, order(version=clock(), status="completed", completed_at=NOON.isoformat(), refunds=back))
    assert rows(world, tables.follow_up, "slot") == []


def test_a_new_order_puts_the_reminder_off(world: World, clock: Clock) -> None:
    switch(world, "reorder_reminder", "win_back")
    here(world, order())
    clock.advance(days=30)
    here(world, order("1002", placed_at=clock().isoformat(), version=clock()))
    found = dict(rows(world, tables.follow_up, "kind", "order_key"))
    assert found == {"reorder_reminder": "laden/order/1002", "win_back": "laden/order/1002"}
    clock.advance(days=44)
    follow_ups.sweep(world, clock())
    assert "reorder_reminder" not in told(world)
    clock.advance(days=1)
    follow_ups.sweep(world, clock())
    assert told(world)["reorder_reminder"] == "no_consent"


def test_an_order_that_is_not_sent_in_time_is_a_delay(world: World, clock: Clock) -> None:
    switch(world, "order_delay", days=4)
    here(world, paid(clock), paid(clock, number="1002"))
    clock.advance(days=2)
    here(world, parcel("1002", version=clock()))
    clock.advance(days=2)
    follow_ups.sweep(world, clock())
    found = [o for k, o in rows(world, tables.message, "kind", "object_id") if k == "order_delay"]
    assert found == ["1001"]


def test_a_promised_day_counts_instead_of_the_time_set(world: World, clock: Clock) -> None:
    switch(world, "order_delay", days=20)
    here(world, paid(clock, promised_on="2026-11-27"), paid(clock, number="1002"))
    assert sorted(at for (at,) in rows(world, tables.follow_up, "due_at")) == [
        datetime(2026, 11, 28, 8, tzinfo=UTC), NOON + timedelta(days=20)
    ]  # fmt: skip
    clock.now = datetime(2026, 11, 28, 8, tzinfo=UTC)
    follow_ups.sweep(world, clock())
    assert [o for k, o in rows(world, tables.message, "kind", "object_id") if k == "order_delay"] == ["1001"]


def test_a_later_promise_puts_the_news_of_a_delay_off(world: World, clock: Clock) -> None:
    switch(world, "order_delay", days=20)
    here(world, paid(clock, promised_on="2026-11-27"))
    clock.advance(minutes=1)
    here(world, paid(clock, promised_on="2026-12-04"))
    clock.now = datetime(2026, 11, 28, 8, tzinfo=UTC)
    follow_ups.sweep(world, clock())
    assert "order_delay" not in told(world)
    assert rows(world, tables.follow_up, "due_at") == [(datetime(2026, 12, 5, 8, tzinfo=UTC),)]
    clock.now = datetime(2026, 12, 5, 8, tzinfo=UTC)
    follow_ups.sweep(world, clock())
    assert told(world)["order_delay"] == "queued"


@pytest.mark.parametrize("tells", [True, False])
def test_a_parcel_is_late_only_where_deliveries_are_told(world: World, clock: Clock, tells: bool) -> None:
    switch(world, "parcel_delay", days=5)
    here(world, order(), parcel(), order("1002"))
    clock.advance(days=2)
    if tells:
        here(world, parcel("1002", id_="p2", version=clock(), delivered_at=clock().isoformat()))
    clock.advance(days=3)
    follow_ups.sweep(world, clock())
    late = [o for k, o in rows(world, tables.message, "kind", "object_id") if k == "parcel_delay"]
    assert late == (["p1"] if tells else [])
    assert not rows(world, tables.follow_up, "slot") or tells


@pytest.mark.parametrize("news", ["out_for_delivery_at", "delivered_at"])
def test_a_parcel_that_comes_is_not_late(world: World, clock: Clock, news: str) -> None:
    switch(world, "parcel_delay", days=5)
    here(world, order(), parcel(promised_on="2026-11-25"))
    clock.advance(hours=20)
    here(world, parcel(version=clock(), promised_on="2026-11-25", **{news: clock().isoformat()}))
    assert [k for (k,) in rows(world, tables.follow_up, "kind")] == []
    clock.advance(days=6)
    follow_ups.sweep(world, clock())
    assert "parcel_delay" not in told(world)


def test_one_that_fails_holds_nobody_up(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    switch(world, "order_delay", days=4)
    here(world, paid(clock), paid(clock, number="1002"))
    with world.database.write() as connection:
        connection.execute(
            tables.snapshot.update().where(tables.snapshot.c.object_id == "1001").values(facts={"bad": 1})
        )
    clock.advance(days=4)
    follow_ups.sweep(world, clock())
    assert [o for k, o in rows(world, tables.message, "kind", "object_id") if k == "order_delay"] == ["1002"]
    assert [(k, at > clock()) for k, at in rows(world, tables.follow_up, "order_key", "due_at")] == [
        ("laden/order/1001", True)
    ]


# ── Any order of arrival ────────────────────────────────────────────────────────────────────────────────────


def life(at: datetime) -> list[dict[str, Any]]:
    """One order as its shop reports it, piece by piece."""

    def then(minutes: int) -> datetime:
        return at + timedelta(minutes=minutes)

    been = {"paid_at": then(10).isoformat()}
    left = parcel(version=then(20))
    return [
        order(status="on_hold", version=at),
        order(version=then(10), **been),
        parcel(number="", url="", version=then(15), shipped_at=None),
        left,
        parcel(version=then(25), number="999", shipped_at=left["facts"]["shipped_at"]),
        order(version=then(30), status="completed", completed_at=then(30).isoformat(), **been),
        parcel(version=then(40), number="999", out_for_delivery_at=then(40).isoformat()),
        parcel(version=then(50), number="999", delivered_at=then(50).isoformat()),
        cart(version=at),
    ]


@pytest.mark.parametrize("seed", range(12))
def test_no_fact_is_told_twice_whatever_the_order_of_arrival(world: World, clock: Clock, seed: int) -> None:
    switch(world, *ALL)
    arriving = life(NOON) * 2
    random.Random(seed).shuffle(arriving)  # noqa: S311 - repeatable, not secret
    clock.advance(minutes=51)
    while arriving:
        several, arriving = arriving[:3], arriving[3:]
        here(world, *several)
        send.claim(world, "nummer", 10)
        clock.advance(seconds=30)
    told_of = rows(world, tables.message, "kind", "object_id", "status")
    left = [(kind, id_) for kind, id_, status in told_of if status == "sending"]
    assert len(left) == len(set(left))
    assert ("order_confirmation", "1001") in left
    open_events = rows(world, tables.event, "processed_at")
    assert all(at for (at,) in open_events)


# ── What customers say about one order ──────────────────────────────────────────────────────────────────────


def shipped(world: World, clock: Clock) -> None:
    """An order that was confirmed, and a parcel whose notice waits."""
    here(world, order())
    send.claim(world, "nummer", 10)
    clock.advance(seconds=30)
    here(world, parcel(version=clock()))


@pytest.mark.parametrize(
    "said", [{"payload": "MUTE:laden/order/1001"}, {"text": "Keine Infos mehr zu dieser Bestellung"}]
)
def test_a_muted_order_is_silent_and_others_go_on(world: World, clock: Clock, said: dict[str, str]) -> None:
    switch(world, *ALL)
    shipped(world, clock)
    write(world, **said)
    assert told(world)["shipping_notice"] == "order_muted"
    assert not [k for k, o in rows(world, tables.follow_up, "kind", "order_key") if o == "laden/order/1001"]
    clock.advance(minutes=1)
    here(world, parcel(version=clock(), out_for_delivery_at=clock().isoformat()), order("1002", version=clock()))
    found = {(k, o): r or s for k, o, r, s in rows(world, tables.message, "kind", "order_key", "reason", "status")}
    assert found["out_for_delivery", "laden/order/1001"] == "order_muted"
    assert found["order_confirmation", "laden/order/1002"] == "queued"


def test_muting_is_confirmed_once(world: World, clock: Clock) -> None:
    shipped(world, clock)
    for n in range(3):
        write(world, payload="MUTE:laden/order/1001", id_=f"wamid.in{n}")
    texts = [t for k, t in rows(world, tables.message, "kind", "text") if k == "about_order"]
    assert texts == [
        "Erledigt: Zu Bestellung 1001 schreiben wir dir nichts mehr. Andere Bestellungen gehen weiter; alles beendest "
        "du mit STOP ALLES."
    ]


def test_nobody_mutes_an_order_of_somebody_else(world: World, clock: Clock) -> None:
    shipped(world, clock)
    write(world, payload="MUTE:laden/order/1001", phone="+491713920099")
    write(world, text="mute", phone="+491713920099", id_="wamid.in2")
    assert rows(world, tables.order_reply, "order_key") == []
    assert told(world)["shipping_notice"] == "queued"


@pytest.mark.parametrize(("payload", "kept"), [("COD:yes:", "yes"), ("COD:no:", "no")])
def test_the_answer_about_cash_on_delivery_stands_beside_the_order(
    world: World, clock: Clock, payload: str, kept: str
) -> None:
    switch(world, "cod_confirmation")
    here(world, order(payment="cod"))
    clock.advance(seconds=10)
    [question] = [d for d in send.claim(world, "nummer", 10) if d.message.kind == "cod_confirmation"]
    assert [p for p, _ in question.envelope.buttons] == ["COD:yes:laden/order/1001", "COD:no:laden/order/1001"]
    write(world, payload=f"{payload}laden/order/1001")
    write(world, payload="COD:no:laden/order/1001", id_="wamid.in2")
    assert rows(world, tables.order_reply, "order_key", "about", "answer") == [("laden/order/1001", "cod", kept)]


@pytest.mark.parametrize(
    ("text", "is_mute"),
    [
        ("mute", True),
        ("Stumm", True),
        ("Bitte keine Infos mehr zu meiner Bestellung", True),
        ("keine Updates zur Bestellung 1001 mehr", True),
        ("Keine Nachrichten mehr zur Bestellung 1001 bitte!", True),
        ("No more updates about this order, please", True),
        ("keine Infos mehr", False),
        ("keine Nachrichten mehr, auch nicht zu dieser Bestellung", False),
        ("STOP", False),
        ("Warum keine Infos mehr zu dieser Bestellung?", False),
    ],
)
def test_words_that_mute_one_order(text: str, is_mute: bool) -> None:
    assert asks_to_mute(text) is is_mute


def test_why_names_the_owners_version(world: World, clock: Clock) -> None:
    switch(world, "order_confirmation")
    here(world, order())
    send.claim(world, "nummer", 10)
    write(world, text="Warum bekomme ich das?")
    [text] = [t for k, t in rows(world, tables.message, "kind", "text") if k == "why"]
    assert f"Regelstand {RULES}, 1," in text
