"""What owners decided about cart reminders besides on, off and delay: append-only, the newest of a shop holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from integration.domain.automations.vouchers import Offer
from integration.domain.carts.reminders import CartRule
from integration.store.tables import cart_rule


def current(connection: Connection) -> dict[str, CartRule]:
    """What holds now, by shop; a shop without an entry has never been decided on."""
    newest = select(func.max(cart_rule.c.version)).group_by(cart_rule.c.shop)
    rows = connection.execute(select(cart_rule).where(cart_rule.c.version.in_(newest)))
    return {
        row.shop: CartRule(
            second=row.second,
            holdout=row.holdout,
            offer=Offer(row.days, row.percent, row.amount, row.currency) if row.days else None,
            version=row.version,
        )
        for row in rows
    }


def decide(connection: Connection, shops: Iterable[str], wanted: CartRule, by: str, now: datetime) -> None:
    """Append the owner's decision for each of these shops."""
    offer = wanted.offer
    row = {
        "second": wanted.second,
        "holdout": wanted.holdout,
        "percent": offer.percent if offer else None,
        "amount": offer.amount if offer else None,
        "currency": offer.currency if offer else "",
        "days": offer.days if offer else 0,
        "at": now,
        "by": by,
    }
    connection.execute(cart_rule.insert(), [row | {"shop": shop} for shop in shops])
