"""What messages cost, and whether a company's limit still has room: sums that are read once a minute and kept up.

A claim asks for many messages at once and must not read the month's messages for each, so the sums live here between
claims. On PostgreSQL, where other processes send, too, a claim queues up for its company's sums and adds what has been
claimed since they were read. A sum counts what left or may have left at its forecast price until Meta says the real
one.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.costs.pricing import DEFAULT_CARDS, ZERO, Category, Price, Prices, Type
from integration.domain.costs.spending import Caps, Spent
from integration.store.costs import costs
from integration.store.db import queue_up

FRESH = timedelta(minutes=1)
#: the clocks of several machines may differ by so much
SKEW = timedelta(seconds=30)


@dataclass(slots=True)
class _Texts:
    """How many free texts a number has sent this month, as of `at`."""

    at: datetime
    count: int


class Costs:
    """The rate cards and the sums. One per process; safe from any thread."""

    def __init__(self, prices: Prices | None = None) -> None:
        self.prices = prices or Prices(DEFAULT_CARDS, ZoneInfo("Europe/Berlin"))
        self._spent: dict[str, Spent] = {}
        self._answers: dict[str, _Texts] = {}
        self._lock = threading.Lock()

    def spent(self, connection: Connection, company: str, now: datetime) -> Spent:
        """A company's sums, up to a minute old."""
        with self._lock:
            known = self._spent.get(company)
            if known is None or not timedelta(0) <= now - known.at < FRESH or now >= known.tomorrow:
                known = self._spent[company] = self.read(connection, company, now)
            return known

    def read(self, connection: Connection, company: str, now: datetime) -> Spent:
        """A company's sums as they are now."""
        today, tomorrow, month, next_month = periods(now, self.prices.zone)
        sums = costs.sums(connection, company, month, today)
        return Spent(now, *sums, tomorrow, next_month, costs.since(connection, company, now - SKEW))

    def share(self, connection: Connection, company: str, now: datetime) -> None:
        """Before a claim: what other processes have claimed for the company counts, and they wait for this one's end.

        A price that Meta has corrected since the sums were read counts twice until they are read again: rather that
        than a limit that is passed.
        """
        if connection.dialect.name == "sqlite":
            return
        queue_up(connection, f"costs:{company}")
        known = self.spent(connection, company, now)
        found = costs.since(connection, company, known.at - SKEW)
        with self._lock:
            known.add(found - known.lately)

    def answers(self, connection: Connection, sender: str, now: datetime) -> int:
        """How many free texts a number has sent this month, up to a minute old."""
        with self._lock:
            known = self._answers.get(sender)
            month = periods(now, self.prices.zone)[2]
            if known is None or not timedelta(0) <= now - known.at < FRESH or known.at < month:
                known = self._answers[sender] = _Texts(now, costs.answers(connection, sender, month))
            return known.count

    def take(self, company: str, sender: str, price: Price) -> None:
        """A message is about to leave: count it until the sums are read again."""
        with self._lock:
            if spent := self._spent.get(company):
                spent.add(price.amount)
            if price.category == Category.SERVICE and sender in self._answers:
                self._answers[sender].count += price.type != Type.FREE_AD


def periods(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime, datetime, datetime]:
    """When today began and ends, and when this month began and ends, in the owner's zone."""
    local = now.astimezone(zone)
    today = datetime(local.year, local.month, local.day, tzinfo=zone)
    month = today.replace(day=1)
    later = (month + timedelta(days=32)).replace(day=1)
    return today, datetime.fromordinal(today.toordinal() + 1).replace(tzinfo=zone), month, later


def month_end(spent: Decimal, now: datetime, zone: ZoneInfo) -> Decimal:
    """What the month will cost if it goes on as it began, to the cent."""
    _, _, month, later = periods(now, zone)
    passed = (now - month) / (later - month)
    return (spent / Decimal(str(max(passed, 1 / 31)))).quantize(Decimal("0.01")) if spent else ZERO


def shares(spent: Spent, caps: Caps) -> Mapping[str, tuple[Decimal, Decimal | None, Decimal | None]]:
    """Per period: what is spent, the limit for marketing, the limit for everything."""
    return {"day": (spent.today, caps.day, caps.stop_day), "month": (spent.month, caps.month, caps.stop_month)}
