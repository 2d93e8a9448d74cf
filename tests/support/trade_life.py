"""What customers and owners do in two weeks: drawn from one seed, each deed at its own second."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from trade_diary import MARKETING, SERVICE, Bought, Browsed, Diary
from trade_shops import Trader

from integration.sandbox.cast import Customer
from integration.sandbox.clock import Clock

Deed = Callable[[], object]
Say = Callable[[Customer, str], None]
MINUTE, HOUR, DAY = 60, 3600, 86400


class Agenda:
    """Deeds in order of their times."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._turns = itertools.count()

    def at(self, moment: datetime, deed: Deed) -> None:
        """Do this then."""
        heapq.heappush(self._heap, (moment, next(self._turns), deed))

    def next(self, until: datetime) -> tuple[datetime, Deed] | None:
        """The next deed before that time."""
        if not self._heap or self._heap[0][0] > until:
            return None
        moment, _, deed = heapq.heappop(self._heap)
        return moment, deed


class Life:
    """Plans the trade of some days into an agenda, and writes into the diary what really happened."""

    def __init__(
        self, clock: Clock, chance: Random, shops: list[Trader], people: list[Customer], say: Say, diary: Diary
    ) -> None:
        self._clock, self._chance, self._shops, self._people = clock, chance, shops, people
        self._say, self.diary, self.agenda = say, diary, Agenda()
        self.away: set[str] = set()
        self._numbers = itertools.count(1)

    def plan(self, orders: int, carts: int, days: int) -> None:
        """Orders and carts at any time of day, people who sign up early and stop late, a day without each shop."""
        for _ in range(orders):
            self.later(0, days * DAY, self._order)
        for _ in range(carts):
            self.later(0, days * DAY, self._cart)
        for who in self._people:
            self._plan_talk(who, days)
        for n, shop in enumerate(self._shops):
            self._plan_outage(shop, (4 + 4 * n) * DAY)

    def later(self, least: float, most: float, deed: Deed) -> None:
        """Plan a deed between so many and so many seconds from now."""
        self.agenda.at(self._clock.now() + timedelta(seconds=round(self._chance.uniform(least, most))), deed)

    def _plan_outage(self, shop: Trader, start: float) -> None:
        """A day without a shop and its webhooks. Some left carts right before, and buy meanwhile, on the phone."""
        self.later(start, start, lambda: self._go_away(shop))
        self.later(start + 25 * HOUR, start + 26 * HOUR, lambda: self._come_back(shop))
        for who in self._chance.sample(self._people, 12):
            self.later(start - 2 * HOUR, start - 10 * MINUTE, partial(self._fill, shop, who, who.typed_phone))
            self.later(start + 10 * MINUTE, start + 50 * MINUTE, partial(self._elsewhere, shop, who))

    def _go_away(self, shop: Trader) -> None:
        self.away.add(shop.slug)
        shop.go_offline()

    def _come_back(self, shop: Trader) -> None:
        self.away.discard(shop.slug)
        shop.come_online()

    def _plan_talk(self, who: Customer, days: int) -> None:
        if self._chance.random() < 0.7:
            self.later(0, days * DAY / 3, lambda: self._sign_up(who))
        for word in ("STOP", "STOP ALLES", "Wann kommt mein Paket?"):
            if self._chance.random() < 0.12:
                self.later(days * DAY / 4, days * DAY, partial(self._write, who, word))

    def _sign_up(self, who: Customer) -> None:
        self._write(who, "START")
        self.later(20 * MINUTE, 5 * HOUR, lambda: self._write(who, "JA"))

    def _write(self, who: Customer, words: str) -> None:
        now = self._clock.now()
        self._say(who, words)
        self.diary.wrote[who.e164].append(now)
        if words == "JA":
            self.diary.says(who.e164, MARKETING, True, now)
        if words.startswith("STOP"):
            self.diary.says(who.e164, MARKETING, False, now)
        if words == "STOP ALLES":
            self.diary.says(who.e164, SERVICE, False, now)

    def _order(self) -> None:
        shop, who, paid = self._chance.choice(self._shops), self._chance.choice(self._people), self._lucky(0.7)
        box = self._chance.choices((True, False, None), (6, 2, 2))[0]
        self._bought(shop, who, shop.order(who, box, paid), box, paid)

    def _bought(self, shop: Trader, who: Customer, order: Any, box: bool | None, paid: bool) -> None:
        bought = Bought(shop.slug, shop.number(order), who.e164, self._clock.now(), box)
        self.diary.orders.append(bought)
        if box:
            self.diary.says(who.e164, SERVICE, True, bought.at)
        if paid:
            self.diary.paid[bought.number] = bought.at
        self._plan_order(shop, order, bought.number, paid)

    def _plan_order(self, shop: Trader, order: Any, number: str, paid: bool) -> None:
        fate = self._chance.random()
        if not paid:
            self.later(HOUR, 3 * DAY, lambda: self._pay(shop, order, number))
        if fate < 0.1:
            return self.later(MINUTE, DAY, lambda: shop.cancel(order))
        if fate < 0.2:
            self.later(MINUTE, 5 * HOUR, lambda: shop.edit(order))
        first = MINUTE if fate > 0.95 else 5 * HOUR
        self.later(first, 2 * DAY, lambda: self._ship(shop, order, number, part=fate < 0.4))
        if fate < 0.4:
            self.later(2 * DAY, 3 * DAY, lambda: self._ship(shop, order, number))
        if fate > 0.85:
            self.later(2 * DAY, 5 * DAY, lambda: self._refund(shop, order, number))
        return None

    def _pay(self, shop: Trader, order: Any, number: str) -> None:
        if not (order.cancelled or order.paid):
            shop.pay(order)
            self.diary.paid[number] = self._clock.now()

    def _ship(self, shop: Trader, order: Any, number: str, part: bool = False) -> None:
        if order.cancelled:
            return
        tracking = f"00340434{next(self._numbers):012d}"
        self.diary.parcels[tracking] = tracking
        self.diary.sent[number] += 1
        shop.ship(order, tracking, part)
        if order.paid:  # WooCommerce takes a completed order for paid
            self.diary.paid.setdefault(number, self._clock.now())
        if self._lucky(0.1):
            self.later(MINUTE, 8 * HOUR, lambda: self._correct(shop, order))
        self.later(DAY, 2 * DAY, lambda: shop.deliver(order))

    def _correct(self, shop: Trader, order: Any) -> None:
        """The last parcel gets another number: that need not be the one that was shipped when this was planned."""
        now = f"00340434{next(self._numbers):012d}"
        if was := shop.correct(order, now):
            self.diary.parcels[now] = self.diary.parcels[was]

    def _refund(self, shop: Trader, order: Any, number: str) -> None:
        """Two parts, of different amounts: they are two facts."""
        if order.paid and not order.cancelled:
            self._give_back(shop, order, number, Decimal("1.50"))
            self.later(MINUTE, DAY, lambda: self._give_back(shop, order, number, Decimal("2.25")))

    def _give_back(self, shop: Trader, order: Any, number: str, amount: Decimal) -> None:
        self.diary.refunded[number] += 1
        shop.refund(order, amount)

    def _cart(self) -> None:
        shop, who = self._chance.choice(self._shops), self._chance.choice(self._people)
        cart = self._fill(shop, who, who.typed_phone)
        fate = self._chance.random()
        if fate < 0.2:
            self.later(MINUTE, 4 * HOUR, lambda: self._fill(shop, who, who.e164))
        if fate > 0.8:
            self.later(MINUTE, 6 * HOUR, lambda: self._change(shop, who, cart))
        if self._lucky(0.5):
            self.later(MINUTE, 8 * HOUR, lambda: self._buy(shop, who, cart))
        elif self._lucky(0.2):
            self.later(MINUTE, 8 * HOUR, lambda: self._elsewhere(shop, who))

    def _fill(self, shop: Trader, who: Customer, spelled: str) -> Any:
        self.diary.carts.append(Browsed(shop.slug, who.e164, self._clock.now()))
        return shop.fill_cart(who, spelled)

    def _change(self, shop: Trader, who: Customer, cart: Any) -> None:
        if not getattr(cart, "placed", None) and not getattr(cart, "completed", None):
            self.diary.carts.append(Browsed(shop.slug, who.e164, self._clock.now()))
            shop.change_cart(cart)

    def _buy(self, shop: Trader, who: Customer, cart: Any) -> None:
        box = self._lucky(0.6)
        self._bought(shop, who, shop.buy(cart, box), box, paid=True)

    def _elsewhere(self, shop: Trader, who: Customer) -> None:
        """The same person buys without this cart: on another device, or on the phone."""
        self._bought(shop, who, shop.order(who, None, paid=True), None, paid=True)

    def _lucky(self, share: float) -> bool:
        return self._chance.random() < share
