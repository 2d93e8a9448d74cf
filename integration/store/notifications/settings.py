"""Rules: append-only, the newest of a kind in a shop holds."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from integration.domain.automations.vouchers import Offer
from integration.domain.notifications.settings import Rule
from integration.store.fast_select import Query
from integration.store.tables import rule

_NEWEST = select(func.max(rule.c.version)).group_by(rule.c.shop, rule.c.kind)
_CURRENT = Query(
    select(
        rule.c.shop,
        rule.c.kind,
        rule.c.is_on,
        rule.c.delay_seconds,
        rule.c.version,
        rule.c.days,
        rule.c.percent,
        rule.c.amount,
        rule.c.currency,
    ).where(rule.c.version.in_(_NEWEST))
)


def current(connection: Connection) -> dict[tuple[str, str], Rule]:
    """What owners decided and nobody has changed since, by (shop, kind)."""
    return {
        (shop, kind): Rule(bool(on), timedelta(seconds=delay), version, Offer(*offer) if offer[0] else None)
        for shop, kind, on, delay, version, *offer in _CURRENT.rows(connection)
    }


def decide(connection: Connection, shops: Iterable[str], kind: str, wanted: Rule, by: str, now: datetime) -> None:
    """Append the owner's decision for each of these shops; its version is drawn here."""
    offer = wanted.offer or Offer(0)
    row = {
        "kind": kind,
        "is_on": wanted.on,
        "delay_seconds": int(wanted.delay.total_seconds()),
        "days": offer.days,
        "percent": offer.percent,
        "amount": offer.amount,
        "currency": offer.currency,
        "at": now,
        "by": by,
    }
    connection.execute(rule.insert(), [row | {"shop": shop} for shop in shops])


def history(connection: Connection, shops: Iterable[str], most: int) -> list[Row[Any]]:
    """The last decisions about these shops, newest first."""
    query = select(rule).where(rule.c.shop.in_(list(shops))).order_by(rule.c.version.desc()).limit(most)
    return list(connection.execute(query))
