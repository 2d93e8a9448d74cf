"""Reminders of carts: to whom, when, asked for once more right before, and stopped by whatever should stop them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from cart_play import (
    BRITISH,
    DAY,
    HOUR,
    MINUTE,
    agree,
    arrive,
    choose,
    govern,
    later,
    left,
    of_carts,
    placed,
    reach,
    reminding,
    sent,
    told,
)
from links import PlainLink, refusing
from sending import ANNA, channel, deliver, prepared, said
from sqlalchemy import select, update
from storekit import a_message, rows
from worlds import NOON, Clock, cart, post_meta

from integration.domain.actions import Action
from integration.domain.carts import reminders as rules
from integration.domain.carts.reminders import KIND, Offer
from integration.domain.consent.consent import Source
from integration.domain.errors import Refused, ShopRefused, ShopUnreachable
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.templates.selection import Slot
from integration.flow import answer, send
from integration.flow.carts import carts as cart_flow
from integration.flow.carts.reminders import Reminder
from integration.flow.consent import optout
from integration.flow.templates import templates as own_texts
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages, preparing
from integration.store.templates import templates
from jobs.sweeps import rescue


@pytest.fixture
def link() -> PlainLink:
    return PlainLink()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    return reminding(database, keys, clock, link)


def test_one_reminder_three_hours_after_the_last_change(world: World, clock: Clock, link: PlainLink) -> None:
    agree(world)
    arrive(world, cart())
    later(world, clock, 170 * MINUTE)
    reach(world)
    assert sent(world) == []
    later(world, clock, 10 * MINUTE)
    reach(world)
    [envelope] = channel(world).sent
    assert (envelope.template, envelope.to) == ("lb_abandoned_cart_du_v1", ANNA)
    assert envelope.variables == {
        "name": "Anna",
        "shop": "Laden",
        "items": "Kaffee",
        "note": "Der Warenkorb ist noch gespeichert.",
        "link": "https://laden.example/checkout-link/?products=7:2",
    }
    assert of_carts(world, "state", "steps", "arm", "reason", "reminded_at") == [
        ("reminded", 1, "reminder", "", NOON + 3 * HOUR)
    ]
    assert ("bought_since", "c1") in link.calls
    later(world, clock, 4 * DAY)
    reach(world)
    assert len(sent(world)) == 1, "one, whatever time passes"


def test_the_owners_own_words(world: World, clock: Clock) -> None:
    body = "Hallo {{name}}, {{items}} wartet bei {{shop}} auf dich: {{link}} Keine Werbung mehr? Antworte mit STOP."
    with world.database.write() as connection:
        own = own_texts.write(world, connection, Slot("firma", KIND, "de", "du"), body, "owner", NOON)
        approved = [RemoteTemplate(own.name, "de", "APPROVED", "MARKETING", body=body)]
        templates.replace_all(connection, "konto", approved, NOON)
    world.catalogue.forget()
    left(world, clock)
    reach(world)
    [envelope] = channel(world).sent
    assert (envelope.template, envelope.body) == (own.name, body)
    assert {"name", "items", "shop", "link"} <= envelope.variables.keys()


def test_the_owner_may_wait_longer(world: World, clock: Clock) -> None:
    govern(world, delay=4 * HOUR)
    left(world, clock)
    reach(world)
    assert sent(world) == []
    later(world, clock, HOUR)
    reach(world)
    assert len(sent(world)) == 1


def test_the_owner_may_be_quick(world: World, clock: Clock) -> None:
    govern(world, delay=30 * MINUTE)
    agree(world)
    arrive(world, cart())
    later(world, clock, 30 * MINUTE)
    reach(world)
    assert len(sent(world)) == 1


def test_the_owner_may_not_want_any(world: World, clock: Clock) -> None:
    govern(world, on=False)
    left(world, clock)
    reach(world)
    assert (sent(world), told(world)) == ([], [])
    assert of_carts(world, "state", "reason") == [("abandoned", "kind_off")]


def test_switched_off_while_it_waits(world: World, clock: Clock) -> None:
    left(world, clock)
    govern(world, on=False)
    reach(world)
    assert told(world) == [("cancelled", "kind_off")]


def test_without_consent_there_is_a_reason(world: World, clock: Clock) -> None:
    agree(world, ANNA, "marketing_news")
    arrive(world, cart())
    later(world, clock)
    reach(world)
    assert told(world) == [("suppressed", "no_consent")]
    assert of_carts(world, "reason", "arm") == [("no_consent", "")]


@pytest.mark.parametrize(("changes", "reason"), [({}, "no_contact"), ({"phone": ""}, "no_phone")])
def test_a_stranger_gets_none(world: World, clock: Clock, changes: dict[str, str], reason: str) -> None:
    arrive(world, cart(**changes))
    later(world, clock)
    assert (told(world), of_carts(world, "reason")) == ([], [(reason,)])


def test_a_cart_older_than_the_connection_gets_none(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart(started_at=(NOON - 2 * DAY).isoformat()))
    later(world, clock)
    assert of_carts(world, "reason") == [("before_connection",)]
    assert told(world) == [("suppressed", "before_connection")]


def test_a_change_puts_the_reminder_off(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart())
    later(world, clock, 2 * HOUR)
    arrive(world, cart(version=clock(), started_at=NOON.isoformat()))
    later(world, clock, HOUR)
    reach(world)
    assert sent(world) == []
    later(world, clock, 2 * HOUR)
    reach(world)
    assert len(sent(world)) == 1


def test_a_change_while_it_waits_puts_it_off_too(world: World, clock: Clock) -> None:
    left(world, clock)
    arrive(world, cart(version=clock(), started_at=NOON.isoformat()))
    reach(world)
    assert (told(world), sent(world)) == ([("queued", "cart_active")], [])
    later(world, clock, 3 * HOUR)
    reach(world)
    assert len(sent(world)) == 1


def test_none_in_quiet_hours_and_only_if_it_still_makes_sense(world: World, clock: Clock, link: PlainLink) -> None:
    clock.now = NOON + 6 * HOUR  # 18:00 in Berlin
    agree(world)
    arrive(world, cart(version=clock()))
    later(world, clock)
    reach(world)
    assert told(world) == [("queued", "quiet_hours")]
    assert link.calls == [], "nobody is asked for what may not leave"
    clock.now = NOON + 20 * HOUR  # 08:00
    reach(world)
    assert len(sent(world)) == 1


def test_what_is_too_old_never_leaves(world: World, clock: Clock, link: PlainLink) -> None:
    link.fail["bought_since"] = refusing(ShopUnreachable, "timeout")
    left(world, clock)
    reach(world)
    assert told(world) == [("queued", "shop_away")]
    later(world, clock, 3 * DAY)
    rescue.sweep(world, clock())
    link.fail.clear()
    reach(world)
    assert (told(world), sent(world)) == ([("expired", "shop_away")], [])


def test_an_offline_shop_is_asked_until_it_answers(world: World, clock: Clock, link: PlainLink) -> None:
    link.fail["bought_since"] = refusing(ShopUnreachable, "timeout")
    left(world, clock)
    reach(world)
    clock.now += HOUR
    reach(world)
    assert sent(world) == []
    link.fail.clear()
    clock.now += 5 * MINUTE
    reach(world)
    assert len(sent(world)) == 1


def test_a_shop_without_keys_sends_nothing_unasked(world: World, clock: Clock) -> None:
    left(world, clock)
    bare = replace(world, links=type(world.links)(PlainLink()))
    bare.links.plain = None  # type: ignore[attr-defined]
    reach(bare)
    assert (told(world), sent(world)) == ([("queued", "shop_away")], [])


def test_whoever_bought_gets_none_though_we_have_not_heard_of_it(world: World, clock: Clock, link: PlainLink) -> None:
    left(world, clock)
    link.bought["c1"] = "5001"
    reach(world)
    assert (told(world), sent(world)) == ([("cancelled", "bought")], [])
    assert rows(world.database, tables.reread, "object_id") == [("5001",)]


def test_the_shop_is_asked_about_every_device(world: World, clock: Clock, link: PlainLink) -> None:
    left(world, clock, cart("phone"), cart("laptop", NOON + MINUTE))
    later(world, clock, 10 * MINUTE)
    link.bought["phone"] = "5001"
    reach(world)
    assert told(world) == [("cancelled", "bought")]


@pytest.mark.parametrize("status", ["pending", "on_hold", "processing", "failed"])
def test_an_order_stops_it_in_its_own_transaction(world: World, clock: Clock, status: str) -> None:
    left(world, clock)
    arrive(world, placed("1", clock, status=status))
    reach(world)
    states = {(kind, status_) for kind, status_ in rows(world.database, tables.message, "kind", "status")}
    assert ("abandoned_cart", "cancelled") in states
    assert "lb_abandoned_cart_du_v1" not in sent(world)


@pytest.mark.parametrize("state", ["queued", "claimed", "leased", "prepared"])
@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (lambda clock: placed("1", clock, consent=None), "bought"),
        (lambda clock: cart(version=clock(), status="emptied", items=[]), "cart_emptied"),
    ],
)
def test_the_transaction_that_hears_of_it_cancels_it(
    world: World, clock: Clock, state: str, news: Callable[[Clock], dict[str, Any]], reason: str
) -> None:
    """At once, wherever it stands: nothing waits for the last look, which would find it, too."""
    left(world, clock)
    if state != "queued":
        deliver(world)
    if state == "leased":
        with world.database.write() as connection:
            assert preparing.lease(connection, "laden", clock(), clock() + HOUR)
    if state == "prepared":
        prepared(world)
    arrive(world, news(clock))
    assert ("cancelled", reason) in told(world)


def test_a_cart_that_joins_another_takes_its_reminder_back_at_once(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart("a", phone=""), cart("b", NOON + MINUTE, email=""))
    later(world, clock, 3 * HOUR + 10 * MINUTE)
    assert told(world) == [("queued", None)]
    arrive(world, cart("c", clock(), started_at=NOON.isoformat()))
    assert told(world) == [("cancelled", "superseded")]


def test_an_order_between_preparation_and_sending_stops_it(world: World, clock: Clock) -> None:
    left(world, clock)
    deliver(world)
    prepared(world)
    assert told(world) == [("queued", None)]
    arrive(world, placed("1", clock, consent=None))
    reach(world)
    assert ("cancelled", "bought") in told(world)
    assert "lb_abandoned_cart_du_v1" not in sent(world)


@pytest.mark.parametrize("state", ["ordered", "emptied", "active"])
def test_the_last_look_rests_on_the_cart_alone(world: World, clock: Clock, state: str) -> None:
    """Even if nobody had cancelled it."""
    left(world, clock)
    deliver(world)
    prepared(world)
    changes = {"ordered": {"ordered_at": clock()}, "emptied": {"parts": []}, "active": {"abandoned_at": None}}[state]
    if state == "emptied":
        changes = {"parts": [part | {"status": "emptied"} for part in of_carts(world, "parts")[0][0]]}
    with world.database.write() as connection:
        connection.execute(update(tables.cart).values(**changes))
    deliver(world)
    assert (told(world), sent(world)) == ([("claimed", None)], [])


def test_emptied_stops_it(world: World, clock: Clock) -> None:
    left(world, clock)
    arrive(world, cart(version=clock(), status="emptied", items=[]))
    reach(world)
    assert (told(world), sent(world)) == ([("cancelled", "cart_emptied")], [])


def test_a_payment_under_way_counts_as_bought(world: World, clock: Clock) -> None:
    left(world, clock)
    arrive(world, cart(version=clock(), payment_pending=True))
    reach(world)
    assert (told(world), sent(world)) == ([("cancelled", "payment_pending")], [])


def product(clock: Clock, in_stock: bool, id_: str = "7") -> dict[str, Any]:
    variant = {"id": id_, "name": "Kaffee", "sku": "", "price": "9.90", "in_stock": in_stock, "stock": None}
    facts = {"name": "Kaffee", "url": "", "picture": "", "categories": [], "currency": "EUR", "published": True}
    return {"type": "product", "id": id_, "version": clock().isoformat(), "facts": {**facts, "variants": [variant]}}


def test_sold_out_stops_it(world: World, clock: Clock) -> None:
    left(world, clock)
    arrive(world, product(clock, in_stock=False))
    reach(world)
    assert (told(world), sent(world)) == ([("cancelled", "cart_sold_out")], [])


def test_what_can_be_bought_is_named(world: World, clock: Clock) -> None:
    items = [
        {"id": str(n), "product_id": str(n), "variant_id": str(n), "name": f"Ware {n}", "sku": "", "quantity": 1}
        for n in (7, 8, 9)
    ]
    left(world, clock, cart(items=items))
    arrive(world, product(clock, in_stock=False))
    reach(world)
    assert [e.variables["items"] for e in channel(world).sent] == ["Ware 8 und ein weiterer Artikel"]


@pytest.mark.parametrize("when", ["waiting", "being_prepared", "prepared"])
def test_a_stop_meanwhile_wins(world: World, clock: Clock, when: str) -> None:
    left(world, clock)
    if when != "waiting":
        deliver(world)
    if when == "prepared":
        prepared(world)
    post_meta(world, said("STOP", at=clock()))
    answer.run(world)
    reach(world)
    assert ("cancelled", "withdrawn") in told(world)
    assert "lb_abandoned_cart_du_v1" not in sent(world)


def test_a_withdrawal_on_the_page_stops_it(world: World, clock: Clock) -> None:
    left(world, clock)
    [(anna,)] = rows(world.database, tables.contact, "id")
    assert optout.withdraw_by_id(world, anna, optout.Withdrawal(False, clock(), Source.FORM, "customer", {}))
    reach(world)
    assert (told(world), sent(world)) == ([("cancelled", "withdrawn")], [])


@pytest.mark.parametrize("prepared_before", [False, True])
def test_any_reply_stops_it(world: World, clock: Clock, prepared_before: bool) -> None:
    left(world, clock)
    if prepared_before:
        deliver(world)
        prepared(world)
    post_meta(world, said("Haben Sie auch Tee?", at=clock()))
    answer.run(world)
    reach(world)
    assert told(world) == [("cancelled", "replied")]


def test_who_wrote_after_leaving_gets_none(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart())
    later(world, clock, HOUR)
    post_meta(world, said("Haben Sie auch Tee?", at=clock()))
    answer.run(world)
    later(world, clock, 2 * HOUR)
    assert told(world) == [("suppressed", "replied")]


def test_signing_up_is_no_reply(world: World, clock: Clock) -> None:
    agree(world)
    arrive(world, cart())
    with world.database.write() as connection:
        [anna] = identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
        row = {
            "id": "1", "company": "firma", "sender": "nummer", "contact_id": anna.id, "wa_message_id": "x",
            "type": "button", "text": "Ja", "payload": "", "intent": "confirm", "at": NOON + HOUR, "received_at": NOON,
        }  # fmt: skip
        connection.execute(tables.inbound_message.insert(), row)
    later(world, clock)
    reach(world)
    assert len(sent(world)) == 1


def test_two_devices_get_one_reminder_of_the_newer(world: World, clock: Clock) -> None:
    left(
        world,
        clock,
        cart("phone", total="10.00"),
        cart("laptop", NOON + MINUTE, total="20.00", recovery_url="https://x/"),
    )
    later(world, clock, 10 * MINUTE)
    reach(world)
    assert [e.variables["link"] for e in channel(world).sent] == ["https://x/"]
    assert len(told(world)) == 1


def test_carts_that_share_only_the_person_are_one_run(world: World, clock: Clock) -> None:
    """Another e-mail address and no common key: only the contact tells that they are one person's."""
    anna = agree(world)
    arrive(world, cart("a", email="a@example.com"), cart("b", NOON + MINUTE, email="b@example.com", phone=""))
    with world.database.write() as connection:
        connection.execute(update(tables.cart).values(contact_id=anna))
    later(world, clock, 3 * HOUR + 10 * MINUTE)
    reach(world)
    assert len(sent(world)) == 1
    assert sorted(told(world), key=str) == [("accepted", None), ("suppressed", "newer_cart")]


def test_a_second_cart_of_a_run_gets_none(world: World, clock: Clock) -> None:
    anna = agree(world)
    arrive(world, cart("a"))
    later(world, clock)
    reach(world)
    arrive(world, cart("b", clock(), email="b@example.com", phone=""))
    with world.database.write() as connection:
        connection.execute(update(tables.cart).values(contact_id=anna))
    later(world, clock)
    reach(world)
    assert sorted(told(world), key=str) == [("accepted", None), ("suppressed", "reminded_already")]


def test_joined_carts_end_in_one_reminder(world: World, clock: Clock) -> None:
    """The first waits for the morning when a third draft shows that both are one person's."""
    clock.now = NOON + 5 * HOUR
    agree(world)
    arrive(world, cart("a", clock(), email=""), cart("b", clock() + MINUTE, phone=""))
    later(world, clock, 4 * HOUR)
    assert told(world) == [("queued", "quiet_hours")]
    arrive(world, cart("c", clock()))
    later(world, clock, 12 * HOUR)
    reach(world)
    assert len(sent(world)) == 1


def test_a_second_step_only_where_it_is_allowed_and_wished(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(world)
    agree(world, BRITISH)
    choose(world, second=True)
    arrive(world, cart("a"), cart("b", phone=BRITISH, email="b@example.com", country="GB"))
    later(world, clock, 3 * HOUR)
    reach(world)
    assert len(sent(world)) == 2
    later(world, clock, 23 * HOUR)
    reach(world)
    assert len(sent(world)) == 2
    later(world, clock, 2 * HOUR)
    reach(world)
    assert [e.to for e in channel(world).sent[2:]] == [BRITISH]
    assert len(told(world)) == 3, "where one is the most, nothing is even written down"
    later(world, clock, 2 * DAY)
    reach(world)
    assert len(sent(world)) == 3


def test_no_second_step_unless_wished(world: World, clock: Clock) -> None:
    agree(world, BRITISH)
    arrive(world, cart(phone=BRITISH, country="GB"))
    later(world, clock, 30 * HOUR)
    reach(world)
    assert len(told(world)) == 1


def test_caps_hold_for_reminders(world: World, clock: Clock) -> None:
    anna = agree(world)
    news = a_message(anna, kind="newsletter", purpose="newsletter", status="sent", occurred_at=NOON)
    with world.database.write() as connection:
        messages.add(connection, [news], NOON)
        messages.start(connection, [], NOON)
        connection.execute(
            tables.attempt.insert(), {"id": "a", "message_id": news.id, "n": 1, "at": NOON, "outcome": "accepted"}
        )
    arrive(world, cart())
    later(world, clock)
    assert ("suppressed", "frequency_cap") in told(world)


def test_a_personal_voucher(world: World, clock: Clock, link: PlainLink) -> None:
    choose(world, offer=Offer(7, percent=Decimal("10")))
    left(world, clock)
    reach(world)
    [envelope] = channel(world).sent
    [code] = link.vouchers
    assert envelope.variables["note"] == f"Gutschein {code}: 10 % Rabatt, gültig bis 1. Dezember 2026."
    assert envelope.variables["link"].endswith(f"&voucher={code}")
    assert link.vouchers[code].expires_at.isoformat() == "2026-12-01T22:59:59+00:00"


def test_a_voucher_that_cannot_be_made_holds_the_reminder(world: World, clock: Clock, link: PlainLink) -> None:
    choose(world, offer=Offer(7, amount=Decimal("5"), currency="EUR"))
    link.fail["create_voucher"] = refusing(ShopRefused, "scope")
    left(world, clock)
    reach(world)
    assert (told(world), sent(world)) == ([("queued", "voucher_waits")], [])
    link.fail.clear()
    clock.now += 5 * MINUTE
    reach(world)
    [envelope] = channel(world).sent
    assert ": 5,00 € Rabatt" in envelope.variables["note"]
    assert len(link.vouchers) == 1


def test_preparing_twice_makes_one_voucher(world: World, clock: Clock, link: PlainLink) -> None:
    choose(world, offer=Offer(7, percent=Decimal("10")))
    left(world, clock)
    deliver(world)
    prepared(world)
    clock.now += Reminder.keeps + MINUTE
    reach(world)
    assert (len(link.vouchers), len(sent(world))) == (1, 1)


def test_the_held_out_get_none_and_are_counted(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HELD_OUT", 100)
    choose(world, holdout=True)
    left(world, clock)
    reach(world)
    assert (sent(world), told(world)) == ([], [("suppressed", "holdout")])
    assert of_carts(world, "arm", "reason") == [("holdout", "holdout")]


def test_only_who_might_be_reminded_is_held_out(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HELD_OUT", 100)
    choose(world, holdout=True)
    agree(world, ANNA, "marketing_news")
    arrive(world, cart())
    later(world, clock)
    assert of_carts(world, "arm", "reason") == [("", "no_consent")]


def test_a_tenth_is_held_out_and_always_the_same() -> None:
    hashes = [f"{Random(n).getrandbits(256):064x}" for n in range(5000)]  # noqa: S311 - reproducible
    chosen = [rules.is_held_out(one) for one in hashes]
    assert 0.08 < sum(chosen) / len(chosen) < 0.12
    assert chosen == [rules.is_held_out(one) for one in hashes]


def test_refused_by_meta_is_not_sent_twice(world: World, clock: Clock) -> None:
    left(world, clock)
    channel(world).fates[ANNA] = Refused(132000, 400, "parameters", Action.FAIL)
    reach(world)
    assert told(world) == [("failed", "refused_by_meta")]
    channel(world).fates.clear()
    later(world, clock, 3 * DAY)
    reach(world)
    assert sent(world) == []


def test_a_crash_in_sending_never_sends_again(world: World, clock: Clock) -> None:
    left(world, clock)
    deliver(world)
    prepared(world)
    assert len(send.claim(world, "nummer", 5)) == 1
    assert rescue.after_crash(world) == 1
    later(world, clock, 3 * DAY)
    reach(world)
    assert (told(world), sent(world)) == ([("unknown", "uncertain")], [])


def _shop_life(chance: Random, clock: Clock) -> list[tuple[timedelta, Callable[[World, Clock], None]]]:
    """What Anna does within two days on two devices: leaves, changes, empties, writes, buys or not."""
    acts: list[tuple[timedelta, Callable[[World, Clock], None]]] = []
    for n in range(chance.randint(3, 9)):
        at = timedelta(minutes=chance.randint(0, 48 * 60))
        what = chance.choice(["cart", "cart", "cart", "empty", "reply", "order", "offline", "online"])
        acts.append((at, _act(what, n, chance.choice(["phone", "laptop"]))))
    return sorted(acts, key=lambda act: act[0])


def _act(what: str, n: int, device: str) -> Callable[[World, Clock], None]:
    def act(world: World, clock: Clock) -> None:
        shop = world.links.plain  # type: ignore[attr-defined]
        if what == "cart":
            arrive(world, cart(device, clock(), started_at=NOON.isoformat()))
        elif what == "empty":
            arrive(world, cart(device, clock(), status="emptied", items=[]))
        elif what == "reply":
            post_meta(world, said("Hallo", f"in{n}", at=clock()))
            answer.run(world)
        elif what == "order":
            arrive(world, placed(f"9{n}", clock, consent=None))
        else:
            shop.fail = {"bought_since": refusing(ShopUnreachable, "timeout")} if what == "offline" else {}

    return act


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_nobody_who_bought_is_reminded_and_nobody_twice(
    world: World, clock: Clock, link: PlainLink, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - reproducible
    agree(world)
    reminders: list[Any] = []
    acts = _shop_life(chance, clock)
    for n in range(4 * 48):
        clock.now = NOON + n * 30 * MINUTE
        while acts and NOON + acts[0][0] <= clock.now:
            acts.pop(0)[1](world, clock)
        cart_flow.sweep(world, clock())
        before = len(sent(world))
        reach(world)
        if len(sent(world)) > before:
            reminders.append(clock.now)
            with world.database.read() as connection:
                [state] = connection.execute(
                    select(tables.cart.c.state).where(tables.cart.c.reminded_at == clock.now)
                ).scalars()
            assert state == "reminded"
            assert not link.fail, "never unasked"
            assert 8 <= (clock.now + HOUR).hour < 20
        rescue.sweep(world, clock())
        for at in reminders:
            changed = [c for c in of_carts(world, "changed_at", "reminded_at", "ordered_at") if c[1] == at]
            assert all(ordered is None or ordered >= at for _, _, ordered in changed)
    assert len(reminders) <= 2
    assert all(b - a >= timedelta(days=1) for a, b in pairwise(reminders))
