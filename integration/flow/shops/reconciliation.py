"""Reconciliation (Abgleich mit dem Shop): every order of a shop against our messages, nightly.

First the shop itself is asked for what changed lately, and what we had missed goes the usual way. Then every order
that is known is explained: by a message, or by a named reason. What neither explains is shown, counted and raised as
an alarm.
"""

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from integration import log, metrics
from integration.domain.errors import ShopError
from integration.domain.shops.events import ObjectType, Origin, Snapshot, object_key
from integration.domain.shops.facts import OrderStatus
from integration.domain.shops.ports import ShopLink
from integration.domain.shops.reconciliation import GAPS, PATIENCE, explained
from integration.flow.shops import absorb
from integration.flow.world import World
from integration.store.shops import reconciliation, refetches, shops, snapshots
from integration.store.shops.reconciliation import Reconciliation

#: the hour of the company's night at which shops are compared
NIGHT = time(3)
#: what the shop is asked for, and what is compared
LATELY = timedelta(days=2)
REACH = timedelta(days=7)
ORDERS = "orders"
logger = log.get("reconciliation")


def due(world: World, now: datetime) -> list[str]:
    """The shops whose last one is older than this night."""
    with world.database.read() as connection:
        last = reconciliation.last(connection)
        connected = shops.connected_at(connection)
    return [
        slug
        for slug, shop in world.shops.items()
        if slug in connected and _since(last.get(slug), connected[slug]) < _this_night(world, shop.company, now)
    ]


def sweep(world: World, now: datetime) -> dict[str, int]:
    """Compare the shops whose last comparison is older than this night."""
    found = [reconcile(world, slug, now) for slug in due(world, now)]
    return {"shops": len(found), "orders": sum(one.orders for one in found), "healed": sum(one.healed for one in found)}


def reconcile(world: World, slug: str, now: datetime) -> Reconciliation:
    """Compare one shop's orders with our messages, and keep what was found."""
    healed = _ask(world, slug, now)
    found: Counter[str] = Counter()
    open_: dict[str, tuple[str, str]] = {}
    for order in reconciliation.traced(world.database, slug, now - REACH):
        reason = explained(order.status, order.told, order.written, world.clock())
        found[reason] += 1
        if reason in GAPS:
            open_[order.key] = (order.number, reason)
    result = Reconciliation(slug, now, now - REACH, found.total(), found, healed or 0, healed is not None)
    with world.database.write() as connection:
        reconciliation.keep(connection, result, open_)
    metrics.UNEXPLAINED.labels(slug).set(len(open_))
    if open_:
        logger.error("orders_unexplained", shop=slug, orders=len(open_))
    return result


def _since(last: Reconciliation | None, connected: datetime) -> datetime:
    return last.at if last else connected


def _this_night(world: World, company: str, now: datetime) -> datetime:
    """The latest `NIGHT` that lies behind us, in the company's time zone."""
    here = now.astimezone(ZoneInfo(world.companies[company].time_zone))
    night = datetime.combine(here.date(), NIGHT, here.tzinfo)
    return night if night <= here else night - timedelta(days=1)


def _ask(world: World, slug: str, now: datetime) -> int | None:
    """Take in what the shop has and we have not; how many orders that were, None when it could not be asked."""
    link = world.links.link(slug)
    if link is None:
        return None
    try:
        return _walk(world, slug, link, now)
    except ShopError as error:
        logger.warning("shop_not_asked", shop=slug, code=error.code)
        return None


def _walk(world: World, slug: str, link: ShopLink, now: datetime) -> int:
    cursor, missed, more = link.first_cursor(ORDERS, now - LATELY), 0, True
    while more:
        page = link.page(ORDERS, cursor, now)
        gone = [object_key(slug, ObjectType.ORDER, id_) for id_ in page.gone]
        with world.database.write() as connection:
            ripe = {item.key for item in page.snapshots if _is_ripe(item, now)}
            missed += len(ripe - set(snapshots.by_key(connection, ripe)))
            absorb.take(world, connection, page.snapshots, gone, Origin.POLL, now)
            refetches.want(connection, slug, page.reread, now)
        cursor, more = page.cursor, page.more
    return missed


def _is_ripe(item: Snapshot, now: datetime) -> bool:
    """An order so old that the ordinary poll should have brought it long ago."""
    if item.object_type is not ObjectType.ORDER or item.facts["status"] == OrderStatus.DRAFT:
        return False
    return now - item.version > PATIENCE
