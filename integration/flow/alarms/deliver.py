"""Telling the owner: each alarm once by each route, an all-clear to whoever was told, and a digest of the day before.

Nothing here holds up anything else: what is owed stands in rows, the routes are asked outside of any transaction, and
one that fails is tried again. A crash between sending and noting it tells the owner twice, never not at all.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.alarms.alarm_texts import (
    Notice,
    Owner,
    Route,
    Yesterday,
    alarm_notice,
    digest_notice,
    test_notice,
)
from integration.domain.alarms.alarms import WORSE, Cause
from integration.domain.errors import NoticeFailed
from integration.flow.alarms.owner_phone import carries, routes
from integration.flow.alarms.raising import CALM
from integration.flow.world import World
from integration.store import overview
from integration.store.alarms import alarms, deliveries
from integration.store.alarms.alarms import Alarm
from integration.store.alarms.deliveries import Owed
from integration.store.costs import costs

#: for so long an alarm that is over is still looked at, and a digest still sent
LATELY = timedelta(days=3)
DIGEST_LATE = timedelta(hours=14)
logger = log.get("notices")


def owe(world: World, connection: Connection, now: datetime) -> None:
    """Note what has become due to be told."""
    ways = routes(world)
    found = alarms.lately(connection, now - LATELY)
    raised = [item for item in found if item.cleared_at is None]
    over = [item for item in found if item.cleared_at is not None]
    calm = [item.id for item in over if _is_over(item, raised, now)]
    told = deliveries.told(connection, calm)
    owed = {(item.id, "raised", way.name) for item in raised for way in ways if carries(world, way, item)}
    owed |= {(item.id, "cleared", way.name) for item in over for way in ways if (item.id, way.name) in told}
    if day := digest_day(world, now):
        owed |= {(day.isoformat(), "digest", way.name) for way in world.owner.routes}
    deliveries.drop(connection, [item.id for item in over], "raised")  # over before anybody was told
    deliveries.owe(connection, sorted(owed), now)


def _is_over(item: Alarm, raised: Sequence[Alarm], now: datetime) -> bool:
    """Whether the owner may breathe again: not while it has only become worse."""
    worse = {(cause, item.about) for cause in WORSE.get(item.cause, ())}
    calm = item.cleared_at is not None and item.cleared_at <= now - CALM
    return calm and not any((one.cause, one.about) in worse for one in raised)


def digest_day(world: World, now: datetime) -> date | None:
    """The day to tell of now: yesterday in the owner's zone, from the digest's hour on."""
    owner = world.owner
    local = now.astimezone(owner.zone)
    if owner.digest_hour is None or not 0 <= local.hour - owner.digest_hour < DIGEST_LATE // timedelta(hours=1):
        return None
    return local.date() - timedelta(days=1)


def deliver(world: World, now: datetime) -> tuple[int, int]:
    """Tell what is owed; returns how many notices left and how many failed."""
    with world.database.read() as connection:
        owed = deliveries.due(connection, now)
        found = alarms.lately(connection, now - LATELY) if owed else []
    known = {item.id: item for item in found if item.cause in set(Cause)}
    left = failed = 0
    for route in routes(world):
        mine = [item for item in owed if item.route == route.name and (item.what == "digest" or item.about in known)]
        for group in _groups(mine):
            well = _tell(world, route, group, known, now)
            left, failed = left + well * len(group), failed + (not well) * len(group)
    return left, failed


def tried(ways: Sequence[Route], owner: Owner, now: datetime) -> list[tuple[Route, str]]:
    """Send a test by each route; beside it the code of what went wrong, "" when it left."""
    return [(way, _failure(way, lambda: test_notice(owner), now)) for way in ways]


def _failure(route: Route, notice: Callable[[], Notice], at: datetime) -> str:
    try:
        route.send(notice(), at)
    except NoticeFailed as error:
        return error.code
    except Exception as error:  # whatever a route does, the others and everything else go on
        logger.error("notice_fault", route=route.name, error=log.brief(error))
        return "fault"
    return ""


def _groups(owed: Sequence[Owed]) -> list[list[Owed]]:
    """Alarms and all-clears go in one letter, each digest in its own."""
    together = [item for item in owed if item.what != "digest"]
    return [group for group in (together, *([item] for item in owed if item.what == "digest")) if group]


def _tell(world: World, route: Route, group: Sequence[Owed], known: dict[str, Alarm], now: datetime) -> bool:
    failure = _failure(route, lambda: _notice(world, group, known), world.clock())
    with world.database.write() as connection:
        if not failure:
            deliveries.sent(connection, [item.id for item in group], now)
            alarms.notified(connection, [item.about for item in group if item.what == "raised"], now)
        else:
            deliveries.failed(connection, group, failure, now)
    metrics.NOTICES.labels(route.name, "failed" if failure else "sent").inc()
    if failure:
        logger.warning("notice_failed", route=route.name, reason=failure)
    return not failure


def _notice(world: World, group: Sequence[Owed], known: dict[str, Alarm]) -> Notice:
    if group[0].what == "digest":
        with world.database.read() as connection:
            figures = yesterday(world, connection, date.fromisoformat(group[0].about))
            return digest_notice(figures, alarms.current(connection), world.owner)
    raised = [known[item.about] for item in group if item.what == "raised"]
    cleared = [known[item.about] for item in group if item.what == "cleared"]
    return alarm_notice(raised, cleared, world.owner)


def yesterday(world: World, connection: Connection, day: date) -> Yesterday:
    """A day of the owner's calendar in figures."""
    zone = world.owner.zone
    start, end = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (day, day + timedelta(days=1)))
    statuses = overview.by_status(connection, (start, end))
    reasons: dict[str, int] = {}
    for found in overview.by_reason(connection, (start, end)):
        code = found.reason or found.status
        reasons[code] = reasons.get(code, 0) + found.count
    return Yesterday(
        day=day,
        sent=sum(statuses.get(status, 0) for status in ("accepted", "sent", "delivered", "read", "lapsed")),
        delivered=sum(statuses.get(status, 0) for status in ("delivered", "read")),
        read=statuses.get("read", 0),
        reasons=list(reasons.items()),
        uncertain=overview.uncertain(connection),
        cost=[(amount, currency) for currency, amount in costs.billed(connection, start, end)],
    )
