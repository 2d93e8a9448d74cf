"""Alerts: who asked for an article is told once that it is back or cheaper, and the wish is used up."""

import pytest
from sending import prepared
from shoplife import here, outcomes, product, switch, variant, write
from storekit import rows
from worlds import Clock, make_world

from integration.domain.consent.wordings import BACK_IN_STOCK, PRICE_DROP
from integration.flow import send
from integration.flow.automations import alerts as alert_flow
from integration.flow.consent import links
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database

ANNA, BERT = "+491713920012", "+491713920013"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    """A shop that tells, and whose espresso is sold out and costs 24.90."""
    made = make_world(database, keys, clock)
    here(made, product(clock(), variant(in_stock=False)))
    switch(made, "back_in_stock", "price_drop")
    return made


def ask(world: World, phone: str = ANNA, article: str = "71", alert: str = BACK_IN_STOCK) -> None:
    link = links.for_item(world, "laden", article, alert)
    assert link
    write(world, f"START {link.code}", id_=f"wamid.{phone}.{alert}.{world.clock()}", phone=phone)


def stock(world: World, clock: Clock, *, there: bool) -> None:
    clock.advance(minutes=10)
    here(world, product(clock(), variant(in_stock=there)))


def costs(world: World, clock: Clock, price: str, minutes: int = 10, **changes: object) -> None:
    clock.advance(minutes=minutes)
    here(world, product(clock(), variant(price=price, **changes)))


def alerts(world: World, kind: str = "back_in_stock") -> list[tuple[str, str | None]]:
    found = rows(world, tables.message, "kind", "status", "reason")
    return [(status, reason) for one, status, reason in found if one == kind]


def sent(world: World) -> list[dict[str, str]]:
    """What leaves now, after its preparation."""
    claimed = send.claim(world, "nummer", 10)
    prepared(world)
    left = [*claimed, *send.claim(world, "nummer", 10)]
    return [dict(item.envelope.variables) for item in left if item.message.item]


# ── Back in stock ───────────────────────────────────────────────────────────────────────────────────────────


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
    assert alert_flow.use_up(world, clock()) == 1
    assert alert_flow.use_up(world, clock()) == 0
    assert [t for (t,) in rows(world, tables.consent, "type")] == ["granted", "expired"]
    clock.advance(days=3)
    ask(world)
    assert alert_flow.use_up(world, clock()) == 0, "the new wish is not the one that was answered"
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
    assert outcomes(world) == {"back_in_stock": "nobody_asked"}


def test_what_is_sold_out_again_is_told_the_next_time(world: World, clock: Clock) -> None:
    ask(world)
    stock(world, clock, there=True)
    stock(world, clock, there=False)
    assert sent(world) == []
    assert alerts(world) == [("suppressed", "precondition_failed")]
    stock(world, clock, there=True)
    assert len(sent(world)) == 1
    stock(world, clock, there=False)
    stock(world, clock, there=True)
    assert sent(world) == []


def test_another_variant_that_is_there_is_not_the_one_that_was_asked_for(world: World, clock: Clock) -> None:
    other = variant("72", in_stock=True, name="250 g")
    here(world, product(clock(), variant(in_stock=False), other))
    ask(world)
    clock.advance(minutes=10)
    here(world, product(clock(), variant(), other))
    clock.advance(minutes=10)
    here(world, product(clock(), variant(in_stock=False), other))
    assert sent(world) == []
    assert alerts(world) == [("suppressed", "precondition_failed")]


def test_who_said_stop_meanwhile_is_not_told(world: World, clock: Clock) -> None:
    ask(world)
    ask(world, BERT)
    write(world, "STOP", id_="wamid.stop")
    stock(world, clock, there=True)
    assert sorted(status for status, _ in alerts(world)) == ["queued", "suppressed"]
    stock(world, clock, there=False)
    stock(world, clock, there=True)
    assert len(alerts(world)) == 2, "a no is no passing cause"


def test_people_are_not_told_one_after_the_other(world: World, clock: Clock) -> None:
    for n in range(3):
        ask(world, f"+4917139200{n + 20}")
    stock(world, clock, there=True)
    found = rows(world, tables.message, "kind", "send_after")
    assert [at for kind, at in found if kind == "back_in_stock"] == [clock()] * 3


def test_off_is_off(world: World, clock: Clock) -> None:
    switch(world, "back_in_stock", on=False)
    ask(world)
    stock(world, clock, there=True)
    assert alerts(world) == []
    assert outcomes(world) == {"back_in_stock": "switched_off"}


# ── Price drop ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_asked_is_told_the_new_price_and_the_lowest_before(world: World, clock: Clock) -> None:
    costs(world, clock, "22.00")
    costs(world, clock, "24.90")
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "19.90")
    [words] = sent(world)
    assert (words["item"], words["price"], words["before"]) == ("Espresso – 1 kg", "19,90 €", "22,00 €")
    costs(world, clock, "17.90")
    assert sent(world) == []
    assert alert_flow.use_up(world, clock()) == 1


def test_up_and_back_again_is_not_cheaper(world: World, clock: Clock) -> None:
    costs(world, clock, "24.90")
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "29.90")
    costs(world, clock, "24.90")
    assert alerts(world, "price_drop") == [("suppressed", "not_cheaper")]
    costs(world, clock, "23.90")
    assert [words["before"] for words in sent(world)] == ["24,90 €"]


def test_cheaper_than_lately_is_not_cheaper_than_when_it_was_asked_for(world: World, clock: Clock) -> None:
    costs(world, clock, "20.00")
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "30.00")
    costs(world, clock, "25.00", minutes=60 * 24 * 41)
    assert alerts(world, "price_drop") == [("suppressed", "not_cheaper")]
    costs(world, clock, "19.00")
    [words] = sent(world)
    assert (words["price"], words["before"]) == ("19,00 €", "25,00 €")


def test_a_price_that_goes_up_before_it_leaves_is_no_news(world: World, clock: Clock) -> None:
    costs(world, clock, "24.90")
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "19.90")
    costs(world, clock, "24.90")
    assert sent(world) == []
    assert alerts(world, "price_drop") == [("cancelled", "not_cheaper")]


def test_a_price_that_falls_further_before_it_leaves_is_the_one_that_is_told(world: World, clock: Clock) -> None:
    costs(world, clock, "24.90")
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "19.90")
    send.claim(world, "nummer", 10)
    prepared(world)
    costs(world, clock, "18.90", minutes=0)
    clock.advance(seconds=1)
    here(world, product(clock(), variant(price="18.90")))
    assert [words["price"] for words in sent(world)] == ["18,90 €"]


def test_for_a_product_its_cheapest_variant_counts(world: World, clock: Clock) -> None:
    small, large = variant("72", "9.90", name="250 g"), variant("71", "24.90")
    here(world, product(clock(), small, large))
    ask(world, article="7", alert=PRICE_DROP)
    clock.advance(minutes=10)
    here(world, product(clock(), small, variant("71", "19.90")))
    assert alerts(world, "price_drop") == [("suppressed", "not_cheaper")]
    clock.advance(minutes=10)
    here(world, product(clock(), variant("72", "8.90", name="250 g"), variant("71", "19.90")))
    assert [(words["item"], words["price"], words["before"]) for words in sent(world)] == [
        ("Espresso", "ab 8,90 €", "9,90 €")
    ]


def test_what_nobody_can_buy_is_not_advertised(world: World, clock: Clock) -> None:
    ask(world, alert=PRICE_DROP)
    costs(world, clock, "19.90", in_stock=False)
    assert alerts(world, "price_drop") == [("suppressed", "sold_out")]
    costs(world, clock, "18.90", in_stock=True)
    assert len(sent(world)) == 1


def test_the_two_wishes_are_apart(world: World, clock: Clock) -> None:
    ask(world, alert=PRICE_DROP)
    stock(world, clock, there=True)
    assert alerts(world) == []
    ask(world, BERT)
    costs(world, clock, "19.90")
    assert (alerts(world), alerts(world, "price_drop")) == ([], [("queued", None)])
