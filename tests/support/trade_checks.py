"""The invariants of the trade: what phones were shown against what really happened, by rules of our own.

Nothing here asks `decide`. Each check returns its complaints.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from trade import START, Trade
from trade_diary import MARKETING, SERVICE, Diary
from trade_phones import Shown

from integration.domain.shops.events import Snapshot
from integration.domain.shops.reconciliation import GAPS, REACHED, explained
from integration.store import tables
from integration.store.shops import reconciliation, snapshots

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
CART = "abandoned_cart"
ADVERTISES = frozenset({CART, "review_request", "reorder_reminder", "win_back"})
PARCEL = re.compile(r"\d{20}")
SUM = re.compile(r"\d+,\d\d")
SHOPS = {"Kaffeeladen": "laden", "Teeladen": "laden0"}
#: reasons that say that a person did not want it
UNWANTED = frozenset({"no_consent", "declined", "withdrawn", "objected", "suppressed", "platform_stop", "expired"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A shown message and what our tables say of it."""

    shown: Shown
    message: str
    expires_at: datetime


def complaints(trade: Trade) -> list[str]:
    """Everything that must not have happened."""
    checks = (
        reminded_though_bought, told_twice, lost, forgotten, without_consent, in_quiet_hours, beyond_the_caps, late,
        at_odds,
    )  # fmt: skip
    return [f"{check.__name__}: {one}" for check in checks for one in check(trade)]


def reminded_though_bought(trade: Trade) -> Iterator[str]:
    """Whoever's last doing in a shop was a purchase is not reminded of a cart, and nobody twice of the same visit."""
    last: dict[tuple[str, str], datetime] = {}
    for one in _of(trade, {CART}):
        shop = SHOPS[one.words["shop"]]
        if trade.diary.bought_since_the_last_cart(shop, one.phone, one.at):
            yield f"{one}"
        before = last.get((shop, one.phone))
        if before and not trade.diary.browsed_between(shop, one.phone, before, one.at):
            yield f"again {one}"
        last[shop, one.phone] = one.at


def told_twice(trade: Trade) -> Iterator[str]:
    """Each fact once: by message, and by what a person was shown of an order, a parcel or a refund."""
    times = Counter(sent.message for sent in _sent(trade))
    yield from (f"message {id_} {n} times" for id_, n in times.items() if n > 1)
    facts = Counter(_fact(one, trade.diary) for one in trade.phones.shown if one.kind and one.kind != CART)
    yield from (f"{fact} {n} times" for fact, n in facts.items() if n > _allowed(fact, trade.diary))
    with trade.database.read() as connection:
        keys = Counter(connection.execute(select(tables.message.c.key)).scalars())
    yield from (f"key {key}" for key, n in keys.items() if n > 1)


def lost(trade: Trade) -> Iterator[str]:
    """Every order of the shops is known and explained; who agreed and never stopped is not said to be unwilling."""
    found = _explained(trade)
    for order in trade.diary.orders:
        reason = found.get(order.number, "unknown to us")
        if reason in GAPS or reason == "unknown to us":
            yield f"{order} {reason}"
        if order.box and trade.diary.never_stopped(order.phone) and reason in UNWANTED:
            yield f"agreed, yet {reason}: {order}"
    told = {one.words["order"] for one in trade.phones.shown if "order" in one.words}
    reached = {number for number, reason in found.items() if reason == REACHED}
    yield from (f"{number} is said to be reached" for number in reached - told - _uncertain(trade))


def forgotten(trade: Trade) -> Iterator[str]:
    """Every fact of an order is an event, however it was reported; every event came to a message or to a reason."""
    event, message = tables.event, tables.message
    with trade.database.read() as connection:
        events = connection.execute(select(event.c.key, event.c.order_key, event.c.outcome)).all()
        told = set(connection.execute(select(message.c.order_key)).scalars())
        numbers = {item.key: item.facts["number"] for item in _orders(connection)}
    seen: Counter[tuple[str, str]] = Counter()
    for key, order_key, outcome in events:
        order, _, name = key.rpartition("/")
        seen[numbers.get(order, ""), name.partition(":")[0]] += 1
        if not outcome or (outcome == "message" and order_key not in told):
            yield f"{key} came to nothing"
    for order in trade.diary.orders:
        # first seen when it was over already: that is all there is to tell
        over = not seen[order.number, "placed"] and any(seen[order.number, end] for end in ("cancelled", "refunded"))
        facts = {} if over else {"placed": 1, "paid": order.number in trade.diary.paid}
        facts["refunded"] = trade.diary.refunded[order.number]
        for name, times in facts.items():
            if seen[order.number, name] < times:
                yield f"{name} {seen[order.number, name]} of {int(times)} times: {order}"


def _orders(connection: Connection) -> list[Snapshot]:
    keys = connection.execute(select(tables.snapshot.c.key).where(tables.snapshot.c.object_type == "order")).scalars()
    return list(snapshots.by_key(connection, set(keys)).values())


def without_consent(trade: Trade) -> Iterator[str]:
    """A yes that no later word took back; answers go to people who wrote within a day."""
    for one in trade.phones.shown:
        if not one.kind:
            wrote = [at for at in trade.diary.wrote[one.phone] if one.at - DAY <= at <= one.at]
            if not wrote:
                yield f"unasked {one}"
        elif not trade.diary.agreed(one.phone, MARKETING if one.kind in ADVERTISES else SERVICE, one.at):
            yield f"{one}"


def in_quiet_hours(trade: Trade) -> Iterator[str]:
    """No advertising from 20 to 8 nor on Sundays; nothing else from 21 to 7, save the confirmation of a fresh order."""
    for one in trade.phones.shown:
        local = one.at.astimezone(BERLIN)
        if one.kind in ADVERTISES:
            if not 8 <= local.hour < 20 or local.weekday() == 6:
                yield f"{one}"
        elif one.kind and not 7 <= local.hour < 21 and not _is_fresh_confirmation(one, trade.diary):
            yield f"{one}"


def beyond_the_caps(trade: Trade) -> Iterator[str]:
    """At most one advertisement in 24 hours and two in 7 days for one person."""
    by_phone: dict[str, list[datetime]] = defaultdict(list)
    for one in _of(trade, ADVERTISES):
        by_phone[one.phone].append(one.at)
    for phone, times in by_phone.items():
        third = zip(times, times[2:], strict=False)
        if any(b - a < DAY for a, b in pairwise(times)) or any(c - a < 7 * DAY for a, c in third):
            yield f"{phone} {times}"


def late(trade: Trade) -> Iterator[str]:
    """Nothing after its own end, and no confirmation 12 hours after the order was placed and paid."""
    yield from (f"{sent.shown} {sent.expires_at}" for sent in _sent(trade) if sent.shown.at > sent.expires_at)
    placed = {order.number: order.at for order in trade.diary.orders}
    for one in _of(trade, {"order_confirmation"}):
        number = one.words["order"]
        if one.at - max(placed[number], trade.diary.paid.get(number, placed[number])) > DAY / 2:
            yield f"{one}"


def at_odds(trade: Trade) -> Iterator[str]:
    """What our tables call accepted was shown, and what was shown they do not call unsent."""
    shown = {sent.message for sent in _sent(trade)}
    with trade.database.read() as connection:
        rows = connection.execute(select(tables.message.c.id, tables.message.c.status)).all()
    for id_, status in rows:
        if status in ("accepted", "sent", "delivered", "read") and id_ not in shown:
            yield f"{id_} {status} was never shown"
        if status in ("queued", "claimed", "suppressed", "cancelled", "expired") and id_ in shown:
            yield f"{id_} {status} was shown"


def _of(trade: Trade, kinds: Iterable[str]) -> list[Shown]:
    wanted = set(kinds)
    return [one for one in trade.phones.shown if one.kind in wanted]


def _sent(trade: Trade) -> list[Sent]:
    query = select(tables.attempt.c.id, tables.message.c.id.label("message"), tables.message.c.expires_at)
    query = query.join(tables.message, tables.message.c.id == tables.attempt.c.message_id)
    with trade.database.read() as connection:
        rows = {row.id: row for row in connection.execute(query)}
    return [Sent(one, rows[one.attempt].message, rows[one.attempt].expires_at) for one in trade.phones.shown]


def _explained(trade: Trade) -> dict[str, str]:
    """What the reconciliation says of every order, by number."""
    now = trade.clock.now()
    return {
        order.number: explained(order.status, order.told, order.written, now)
        for slug in trade.world.shops
        for order in reconciliation.traced(trade.database, slug, START - DAY)
    }


def _uncertain(trade: Trade) -> set[str]:
    """Orders of messages whose fate nobody knows: they count as told, so that nothing is told twice."""
    query = select(tables.message.c.order_number).where(tables.message.c.status.in_(("unknown", "sending")))
    with trade.database.read() as connection:
        return {number for number in connection.execute(query).scalars() if number}


def _fact(one: Shown, diary: Diary) -> tuple[str, ...]:
    """Who was told what about which order, parcel or sum."""
    number = PARCEL.search(one.words.get("tracking", ""))
    parcel = number[0] if number else ""
    about = parcel if one.kind == "tracking_corrected" else diary.parcels.get(parcel, "")
    sum_ = SUM.search(one.words.get("amount", ""))
    return one.phone, one.kind, one.words.get("order", ""), about or (sum_[0] if sum_ else "")


def _allowed(fact: tuple[str, ...], diary: Diary) -> int:
    """Two payment reminders; and one for each parcel or refund where the message does not name it."""
    _, kind, order, about = fact
    unnamed = {"delivered": diary.sent[order], "refund_notice": diary.refunded[order]}
    if kind == "payment_reminder":
        return 2
    return 1 if about else max(1, unnamed.get(kind, 1))


def _is_fresh_confirmation(one: Shown, diary: Diary) -> bool:
    if one.kind != "order_confirmation":
        return False
    number = one.words["order"]
    placed = next(order.at for order in diary.orders if order.number == number)
    return one.at - max(placed, diary.paid.get(number, placed)) <= timedelta(minutes=16)
