"""A shop lives at random, its webhooks come late, twice, shuffled or never, its API breaks: in the end we know all."""

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from shopify_world import Scene, reacted, scene, slug, stored
from sqlalchemy import select

from connectors.shopify import CONNECTOR
from integration.domain.shops.events import Milestone, ObjectType
from integration.flow.webhooks import verify
from integration.sandbox.courier import Delivery
from integration.sandbox.shopify import orders, people
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Cart, Person
from integration.sandbox.shopify.records import Checkout, Customer, Order, Tracking
from integration.sandbox.shopify.shop import Fault
from integration.sandbox.shopify.webhooks import Webhooks
from integration.store import tables
from integration.store.db import Database
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

STEPS = 70
#: there may be several refunds and several corrections
REPEATED = {Milestone.REFUNDED, Milestone.TRACKING_CORRECTED}


class Life:
    """What happens, drawn by dice that a test can throw again."""

    def __init__(self, play: Scene, dice: random.Random) -> None:
        self.play = play
        self.shop = play.shop
        self.dice = dice
        self.post: list[Delivery] = []
        Webhooks(self.shop, self.post.extend)
        self.customers: list[Customer] = [
            people.join(self.shop, Person(f"Kind {n}", email=f"k{n}@example.com", phone=f"+49171392000{n}"))
            for n in range(4)
        ]
        self.carts: list[Checkout] = []
        found = play.world.links.link(slug(0)).subscribe("https://bote.example.com/hooks/laden0", "")
        assert {finding.code for finding in found} == {"webhook_made"}

    def step(self) -> None:
        """Somebody does something, and now and then we look, or a webhook comes."""
        self.play.town.do(self._deed)
        self.play.later(seconds=self.dice.choice((0, 0, 1, 20, 200)))
        if self.dice.random() < 0.5:
            self._deliver()
        if self.dice.random() < 0.3:
            self._trouble()
            self.play.poll()
        if self.dice.random() < 0.5:
            reacted(self.play)

    def settle(self) -> None:
        """Quiet at last."""
        self.play.town.do(self.shop.faults.clear)
        for _ in range(4):
            self.play.later(hours=1)
            self.play.poll()
            reacted(self.play)

    def _order(self) -> Order | None:
        return self.dice.choice(list(self.shop.orders.values())) if self.shop.orders else None

    def _deed(self) -> None:
        order = self._order()
        if order is None or self.dice.random() < 0.25:
            self._place()
        elif self.dice.random() < 0.2:
            self._person()
        else:
            self._change(order)

    def _place(self) -> None:
        who = self.dice.choice([*self.customers, None])
        if self.carts and self.dice.random() < 0.3:
            people.buy(self.shop, self.carts.pop())
        elif who and self.dice.random() < 0.3:
            self.carts.append(people.start_checkout(self.shop, who, Cart(((1, 2),))))
        else:
            basket = Basket(
                items=((0, 3), (2, 1)), paid=self.dice.random() < 0.6, test=self.dice.random() < 0.1,
                source=self.dice.choice(("web", "web", "pos")), pickup=self.dice.random() < 0.2,
            )  # fmt: skip
            orders.place(self.shop, who, basket)

    def _person(self) -> None:
        customer = self.dice.choice(self.customers)
        if self.dice.random() < 0.5:
            people.agree(self.shop, customer, self.dice.choice(("SUBSCRIBED", "UNSUBSCRIBED")))
        else:
            people.change_phone(self.shop, customer, f"+4917139201{self.dice.randint(10, 99)}")

    def _change(self, order: Order) -> None:
        if order.cancelled:
            return
        deeds: dict[str, Any] = {
            "pay": lambda: orders.pay(self.shop, order),
            "edit": lambda: orders.edit(self.shop, order, 0, order.lines[0].current + 1),
            "refund": lambda: orders.refund(self.shop, order, Decimal(1)) if order.paid else None,
            "cancel": lambda: orders.cancel(self.shop, order) if self.dice.random() < 0.3 else None,
            "pack": lambda: self._pack(order),
            "parcel": lambda: self._parcel(order),
        }
        deeds[self.dice.choice([*deeds, "pack", "parcel", "parcel"])]()

    def _pack(self, order: Order) -> None:
        if order.left():
            part = [(0, 1)] if order.left()[0][1] > 1 and self.dice.random() < 0.5 else None
            tracking = [Tracking("DHL", f"0034{self.dice.randint(10**6, 10**7)}", None)]
            orders.pack(self.shop, order, tracking if self.dice.random() < 0.5 else (), part)

    def _parcel(self, order: Order) -> None:
        if not order.parcels:
            return
        parcel = self.dice.choice(order.parcels)
        if self.dice.random() < 0.4:
            tracking = Tracking("DHL", f"0034{self.dice.randint(10**6, 10**7)}", None)
            orders.track(self.shop, order, parcel, [tracking])
        elif not parcel.reached("DELIVERED"):
            orders.report(self.shop, order, parcel, self.dice.choice(("IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED")))

    def _deliver(self) -> None:
        """Some of the post: in any order, some of it twice, some of it never."""
        self.dice.shuffle(self.post)
        count = self.dice.randint(0, len(self.post))
        coming = [self.post.pop() for _ in range(count)]
        door = SimpleNamespace(slug=slug(0), connector=CONNECTOR, secrets=lambda: [self.shop.app.secret])
        items = []
        for delivery in coming:
            if self.dice.random() < 0.25:
                continue
            headers = {name.lower(): value for name, value in delivery.headers.items()}
            item = verify.from_shop(door, headers, delivery.body, self.play.clock.now())
            assert isinstance(item, InboxItem)
            items += [item] * self.dice.choice((1, 1, 2))
        with self.play.world.database.write() as connection:
            inbox.add(connection, items)

    def _trouble(self) -> None:
        kinds = ("html", "status", "garbage", "reset", "expire")
        if self.dice.random() < 0.4:
            fault = Fault(self.dice.choice(kinds), status=503, skip=self.dice.randint(0, 4))  # type: ignore[arg-type]
            self.play.town.do(lambda: self.shop.faults.append(fault))


@pytest.fixture
def play(database: Database, keys: Database) -> Iterator[Scene]:
    with scene(database, keys) as running:
        yield running


def truth(play: Scene) -> dict[tuple[ObjectType, str], Any]:
    """Every order and parcel as the shop shows it now."""
    link = play.world.links.link(slug(0))
    found = {}
    for number in play.shop.orders:
        for one in link.read(ObjectType.ORDER, str(number), play.clock.now()).snapshots:
            found[one.object_type, one.object_id] = one.facts
    return found


def known(play: Scene) -> dict[tuple[ObjectType, str], Any]:
    """The same as we stored it."""
    kinds = (ObjectType.ORDER, ObjectType.SHIPMENT)
    return {(kind, number): facts for kind in kinds for number, facts in stored(play, kind).items()}


def _unlike(found: Any, expected: Any) -> Any:
    """What differs. A webhook does not say since when a parcel is where it is: its events are looked at instead."""
    names = expected.keys() - {"delivered_at", "out_for_delivery_at"}
    return {name: (found[name], expected[name]) for name in names if found[name] != expected[name]}


def reached(play: Scene) -> set[tuple[str, str]]:
    """What the carriers reported, as milestones."""
    named = {"DELIVERED": Milestone.DELIVERED.value, "OUT_FOR_DELIVERY": Milestone.OUT_FOR_DELIVERY.value}
    parcels = [parcel for order in play.shop.orders.values() for parcel in order.parcels]
    return {(str(parcel.id), named[step.status]) for parcel in parcels for step in parcel.steps if step.status in named}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_in_the_end_everything_is_known_once(play: Scene, seed: int) -> None:
    life = Life(play, random.Random(seed))  # noqa: S311 - the same life for the same seed
    for _ in range(STEPS):
        life.step()
    life.settle()
    expected, found = truth(play), known(play)
    assert len(expected) > 10
    assert found.keys() == expected.keys()
    unlike = {key: _unlike(facts, expected[key]) for key, facts in found.items()}
    assert {key: names for key, names in unlike.items() if names} == {}
    with play.world.database.read() as connection:
        rows = connection.execute(select(tables.event.c.object_id, tables.event.c.milestone)).all()
        assert reached(play) <= {(row.object_id, str(row.milestone)) for row in rows}
        assert {key for key, times in Counter(rows).items() if times > 1 and key[1] not in REPEATED} == set()
        states = select(tables.inbox.c.state, tables.inbox.c.error)
        assert {row.error for row in connection.execute(states)} == {None}
