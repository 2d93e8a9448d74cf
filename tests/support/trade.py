"""Weeks of trade in seconds: our process between two shops, their people and WhatsApp, on one clock; it dies often."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from admin_shop import Town
from sqlalchemy import Connection
from trade_diary import Diary
from trade_life import Life
from trade_phones import Loop, Phones, Shown
from trade_shops import BothLinks, Coffee, Tea, Trader, market
from worlds import PlainWebhook, make_world

from connectors.registry import CONNECTORS
from integration.domain.messages.channel import Inbound, MetaUpdate, StatusUpdate
from integration.domain.notifications.settings import DEFAULTS, Rule
from integration.domain.shops.ports import ShopContext
from integration.flow import answer, react
from integration.flow.carts import carts
from integration.flow.costs.costs import Costs
from integration.flow.messages import prepare
from integration.flow.notifications import follow_ups
from integration.flow.preparers import PREPARERS
from integration.flow.shops import poll, reconciliation
from integration.flow.world import Sender, Shop, World
from integration.sandbox.cast import Customer
from integration.sandbox.clock import Clock
from integration.sandbox.woocommerce.loopback import LoopbackShop
from integration.store.db import Database
from integration.store.notifications import settings
from integration.store.shops import shops
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem
from jobs.sweeps import rescue

SECOND = timedelta(seconds=1)
START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
DAYS = 14


class Killed(BaseException):
    """The process is gone, and nothing may catch it."""


class Steps(Clock):
    """A clock that only moves when it is told to."""

    def __init__(self, now: datetime = START) -> None:
        super().__init__()
        self.at = now

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


class MortalDatabase(Database):
    """Its process dies at the commit to which `fuse` counts down: right before it, or right after."""

    def __init__(self, url: str, chance: Random) -> None:
        super().__init__(url)
        self._chance = chance
        self.fuse = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.fuse -= 1
        dies, before = self.fuse == 0, self._chance.random() < 0.5
        with super().write() as connection:
            yield connection
            if dies and before:
                raise Killed
        if dies:
            raise Killed


class Trade:
    """The play. `run` lets two weeks pass; the invariants are asked of what is left (trade_checks)."""

    def __init__(
        self, database: MortalDatabase, keys: Database, coffee: LoopbackShop, tea: Town, people: list[Customer],
        clock: Steps, seed: int,
    ) -> None:  # fmt: skip
        self.clock, self.chance, self.database = clock, Random(seed), database  # noqa: S311
        self.phones, self.webhook, self.diary = Phones(clock, Random(seed + 1)), PlainWebhook(), Diary()  # noqa: S311
        self.kills = 0
        self._shops, self._said = (coffee, tea), 0
        traders: list[Trader] = [Coffee(coffee, self._webhook), Tea(tea, self._webhook)]
        self.life = Life(clock, self.chance, traders, people, self.say, self.diary)
        self._plain = make_world(database, keys, clock.now, connected=START - timedelta(minutes=1))
        self.world = self._started()
        self._switch_everything_on()
        poll.begin(self.world)

    def run(self, orders: int, carts: int, kills: int) -> None:
        """Two weeks of trade, then two quiet days in which everything that waits is done or too late."""
        self.life.plan(orders, carts, DAYS)
        deaths = sorted(START + timedelta(days=self.chance.uniform(0.1, DAYS)) for _ in range(kills))
        while self.clock.now() < START + timedelta(days=DAYS):
            self._pass(self._pause())
            if deaths and deaths[0] <= self.clock.now() and self.database.fuse <= 0:
                deaths.pop(0)
                self.database.fuse = self.chance.randint(1, 15)
            self._turn()
        for _ in range(24):
            self._pass(timedelta(hours=2))
            self._turn()

    def say(self, who: Customer, words: str) -> None:
        """Somebody writes to the shop's number; Meta now and then tells it twice."""
        self._said += 1
        item = Inbound(f"in{self._said}", who.e164, None, who.first_name, self.clock.now(), "text", words)
        for _ in range(self.chance.choice((1, 1, 2))):
            self._meta(MetaUpdate(messages=(item,)))

    def _started(self) -> World:
        """A process with an empty memory."""
        names = {"laden": ("Kaffeeladen", "woocommerce"), "laden0": ("Teeladen", "shopify")}
        found = {
            slug: Shop(slug, name, "firma", "nummer", "de", "du", CONNECTORS[platform], ShopContext(slug, "DE"))
            for slug, (name, platform) in names.items()
        }
        old = self._plain.senders["nummer"]
        sender = Sender("nummer", "firma", old.account, old.rate, self.phones, old.management, self.webhook)
        links = BothLinks(*self._shops, self.clock)
        world = replace(self._plain, shops=found, senders={"nummer": sender}, links=links, costs=Costs())
        self._loop = Loop(world, self.clock)
        return world

    def _switch_everything_on(self) -> None:
        with self.database.write() as connection:
            shops.connect(connection, ["laden", "laden0"], START - timedelta(minutes=1))
            for kind, rule in DEFAULTS.items():
                settings.decide(connection, ["laden", "laden0"], kind, Rule(True, rule.delay), "owner", START)

    def _pause(self) -> timedelta:
        least, most = self.chance.choices(((1, 10), (15, 60), (60, 240)), (3, 3, 4))[0]
        return timedelta(minutes=self.chance.uniform(least, most))

    def _pass(self, by: timedelta) -> None:
        """Time goes by, and what is planned happens at its own moment."""
        until = self.clock.now() + by
        while found := self.life.agenda.next(until):
            moment, deed = found
            self.clock.at = max(moment, self.clock.at + timedelta(seconds=2))
            deed()
        self.clock.at = max(until, self.clock.at)

    def _turn(self) -> None:
        """Everything that a running process does, in any order; if it dies, another one is started."""
        work: list[Callable[[], Any]] = [
            self._poll, self._react, self._answer, self._sweep, self._prepare, self._send,
        ]  # fmt: skip
        self.chance.shuffle(work)
        try:
            for step in [*work, self._react, self._prepare, self._send]:
                self.clock.move(SECOND)
                step()
        except Killed:
            self._rise()
        self._report()

    def _rise(self) -> None:
        self.kills += 1
        self.world.links.close()
        self.world = self._started()
        if self.database.is_sqlite:
            rescue.after_crash(self.world)

    def _poll(self) -> None:
        for slug in poll.due(self.world):
            poll.shop(self.world, slug)

    def _react(self) -> None:
        while react.run(self.world):
            pass

    def _answer(self) -> None:
        while answer.run(self.world):
            pass

    def _send(self) -> None:
        self._loop.run()

    def _sweep(self) -> None:
        for sweep in (carts.sweep, follow_ups.sweep, rescue.sweep, reconciliation.sweep):
            sweep(self.world, self.clock.now())

    def _prepare(self) -> None:
        """Messages are set aside when they are due, and prepared right before they leave."""
        self._send()
        for slug in prepare.due(self.world):
            prepare.shop(self.world, slug, PREPARERS)

    def _webhook(self, slug: str, topic: str, body: bytes) -> None:
        """A webhook is lost, late, doubled, or all in order; it tells of the moment when it was made."""
        item = InboxItem("shop", slug, topic, {}, body, False, self.clock.now())
        if self.chance.random() < 0.15 or slug in self.life.away:
            return
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            most = self.chance.choices((60, 3600, 86400), (6, 3, 1))[0]
            self.life.later(0, most, lambda: self._put(replace(item, received_at=self.clock.now())))

    def _report(self) -> None:
        """Meta tells what became of messages: doubled, in any order, some never."""
        fresh, self.phones.fresh = self.phones.fresh, []
        for one in fresh:
            for status in ("sent", "delivered", "read"):
                if self.chance.random() < 0.9:
                    for _ in range(self.chance.choice((1, 1, 2))):
                        self.life.later(1, 7200, partial(self._status, one, status))

    def _status(self, one: Shown, status: str) -> None:
        self._meta(MetaUpdate(statuses=(StatusUpdate(one.wamid, status, self.clock.now(), one.attempt),)))

    def _meta(self, update: MetaUpdate) -> None:
        body = self.webhook.register(update)
        self._put(InboxItem("meta", "nummer", "", {}, body, bool(update.messages), self.clock.now()))

    def _put(self, item: InboxItem) -> None:
        with Database.write(self.database) as connection:
            inbox.add(connection, [item])


@contextmanager
def two_weeks(url: str, keys: Database, people_count: int, seed: int) -> Iterator[Trade]:
    """A play that has not begun."""
    clock = Steps()
    database = MortalDatabase(url, Random(seed + 2))  # noqa: S311
    with market(clock, people_count) as (coffee, tea, people):
        trade = Trade(database, keys, coffee, tea, people, clock, seed)
        try:
            yield trade
        finally:
            trade.world.links.close()
            database.close()
