"""Carts, drafts and orders in any order, with copies and gaps, end in the same carts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.domain.carts.carts import Cart, CartState, Part, Purchase, looked_at, settle
from integration.domain.shops.facts import CartStatus

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
#: a busy machine is no fault
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Fact:
    """A version of a cart, or an order."""

    id: str
    at: datetime
    people: frozenset[str]
    cart: CartStatus | None = None
    began: datetime = NOON
    order_id: str = ""
    from_cart: str = ""


@dataclass
class Shop:
    """The carts as react keeps them, without a database."""

    carts: list[Cart] = field(default_factory=list)
    newest: dict[str, datetime] = field(default_factory=dict)
    orders: dict[str, Purchase] = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=count)

    def take(self, fact: Fact) -> None:
        key = f"{'cart' if fact.cart else 'order'}/{fact.id}"
        if fact.at <= self.newest.get(key, NOON - timedelta(days=99)):
            return
        self.newest[key] = fact.at
        keys = fact.people | {f"id:{id_}" for id_ in (fact.id, fact.from_cart, fact.order_id) if id_}
        if fact.cart is None:
            self.orders[fact.id] = Purchase(fact.id, fact.at, keys)
        for person in self._people(keys) if fact.cart is None else [self._of(keys)]:
            self._settle(person, [] if fact.cart is None else [part(fact)], keys)

    def _people(self, keys: frozenset[str]) -> list[list[Cart]]:
        """As react does it: an order touches people, but joins none."""
        groups: list[list[Cart]] = []
        for one in self._of(keys):
            joined = [group for group in groups if any(not one.keys.isdisjoint(other.keys) for other in group)]
            groups = [group for group in groups if group not in joined] + [[one, *chain(*joined)]]
        return groups

    def _of(self, keys: frozenset[str]) -> list[Cart]:
        return [cart for cart in self.carts if not cart.keys.isdisjoint(keys)]

    def _settle(self, held: list[Cart], fresh: list[Part], keys: frozenset[str]) -> None:
        known = frozenset().union(*(cart.keys for cart in held)) | (keys if fresh else frozenset())
        bought = [order for order in self.orders.values() if not order.keys.isdisjoint(known)]
        after = settle(held, fresh, bought, "laden", known)
        self.carts = [cart for cart in self.carts if cart not in held]
        self.carts += [cart if cart.id else replace(cart, id=f"{next(self.ids):04}") for cart in after]

    def look(self, now: datetime) -> None:
        self.carts = [looked_at(cart, now) for cart in self.carts]


def part(fact: Fact) -> Part:
    assert fact.cart
    named, keys = bool(fact.people), tuple(f"id:{id_}" for id_ in (fact.id, fact.order_id) if id_)
    return Part(fact.id, keys, fact.began, fact.at, fact.cart, False, named, "", "1.00", "EUR", fact.order_id)


def outcome(shop: Shop) -> list[tuple[str, CartState, str, tuple[Part, ...]]]:
    """Every part is in one cart, so the carts' parts tell them apart."""
    carts = [(cart.parts[0].id, cart.state, cart.order_id, cart.parts) for cart in shop.carts]
    return sorted(carts, key=lambda one: one[0])


PEOPLE = [frozenset({"phone:1"}), frozenset({"email:1"}), frozenset({"phone:1", "email:1"}), frozenset[str]()]
STRANGERS = [frozenset({"phone:2"}), frozenset({"email:2", "customer:2"})]
minutes = st.integers(0, 3 * 24 * 60).map(lambda n: NOON + timedelta(minutes=n))


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Drafts on several devices: each gains contacts, may be emptied, and may become an order of its own id."""
    found: list[Fact] = []
    for number in range(draw(st.integers(1, 4))):
        found += _draft(draw, str(number))
    for number in range(draw(st.integers(0, 2))):
        who = draw(st.sampled_from(PEOPLE + STRANGERS))
        found.append(Fact(f"9{number}", draw(minutes), who, from_cart=draw(st.sampled_from(["", "0"]))))
    return found


def _draft(draw: st.DrawFn, id_: str) -> list[Fact]:
    """A contact that was given stays: each version knows what the one before it knew."""
    began = draw(minutes)
    versions, people, at = [], frozenset[str](), began
    everybody = draw(st.sampled_from([PEOPLE, STRANGERS]))
    for _ in range(draw(st.integers(1, 3))):
        at += timedelta(minutes=draw(st.integers(1, 600)))
        people |= draw(st.sampled_from(everybody))
        status = draw(st.sampled_from([CartStatus.OPEN, CartStatus.OPEN, CartStatus.EMPTIED]))
        versions.append(Fact(id_, at, people, status, began))
    if draw(st.booleans()):
        at += timedelta(minutes=draw(st.integers(1, 60)))
        versions.append(Fact(id_, at, people))
        if draw(st.booleans()):
            versions.append(Fact(id_, at, people, CartStatus.ORDERED, began, order_id=id_))
    return versions


def after(facts: list[Fact]) -> Shop:
    shop = Shop()
    for fact in facts:
        shop.take(fact)
    return shop


@settings(unhurried, max_examples=300)
@given(history=histories(), data=st.data())
def test_any_arrival_ends_in_the_same_carts(history: list[Fact], data: st.DataObject) -> None:
    copies = data.draw(st.lists(st.sampled_from(history), max_size=4))
    arrivals = data.draw(st.permutations(history + copies))
    in_order = sorted(history, key=lambda fact: fact.at)
    assert outcome(after(list(arrivals))) == outcome(after(in_order))


@unhurried
@given(history=histories(), data=st.data())
def test_every_part_is_in_one_cart(history: list[Fact], data: st.DataObject) -> None:
    shop = after(list(data.draw(st.permutations(history))))
    parts = [one.id for cart in shop.carts for one in cart.parts]
    assert sorted(parts) == sorted({fact.id for fact in history if fact.cart})


@unhurried
@given(history=histories(), data=st.data())
def test_a_draft_that_became_an_order_is_never_abandoned(history: list[Fact], data: st.DataObject) -> None:
    shop = after(list(data.draw(st.permutations(history))))
    shop.look(NOON + timedelta(days=30))
    bought = {fact.id for fact in history if fact.cart is None}
    for cart in shop.carts:
        if bought & {one.id for one in cart.parts}:
            assert cart.state is CartState.ORDERED
            assert cart.due_at is None and cart.abandoned_at is None


@unhurried
@given(history=histories(), data=st.data())
def test_looking_in_between_never_undoes_a_purchase(history: list[Fact], data: st.DataObject) -> None:
    """The sweep may run at any time: what was bought ends as bought, and what is due is looked at."""
    shop = Shop()
    for fact in sorted(history, key=lambda fact: fact.at):
        shop.take(fact)
        shop.look(fact.at + timedelta(minutes=data.draw(st.integers(0, 200))))
    states = {one.id: cart.state for cart in shop.carts for one in cart.parts}
    for fact in history:
        if fact.cart is None and fact.id in states:
            assert states[fact.id] in (CartState.ORDERED, CartState.RECOVERED)
    end = NOON + timedelta(days=40)
    shop.look(end)
    shop.look(end)
    assert all(cart.due_at is None for cart in shop.carts)
