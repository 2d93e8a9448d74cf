"""What reminders of carts brought and cost: the comparison with those who got none, and sums day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, func, select

from integration.domain.carts.reminders import KIND
from integration.domain.messages.status import COUNTED
from integration.store.carts.listing import BROUGHT
from integration.store.overview import Span
from integration.store.tables import IS_ASKED, cart, cart_rule, conversion, message

#: what Meta charges is what was delivered
BILLED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Compared:
    """A cart that was bought, of somebody who was reminded or held out."""

    arm: str
    currency: str
    asked_at: datetime
    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What reminders cost in one currency, and how many left."""

    currency: str
    amount: Decimal
    messages: int


def compared_since(connection: Connection, shops: Sequence[str], first: datetime) -> dict[str, datetime]:
    """Since when each shop has had its comparison without a break, `first` at the earliest; those without are missing.

    Nobody is held out while it is off, so what happened then compares nothing.
    """
    since = dict.fromkeys(shops, first)
    for shop, holdout, at in connection.execute(
        select(cart_rule.c.shop, cart_rule.c.holdout, cart_rule.c.at).order_by(cart_rule.c.version)
    ):
        if not holdout:
            since.pop(shop, None)
        elif shop in shops and shop not in since:
            since[shop] = max(at, first)
    return since


def carts_compared(connection: Connection, shop: str, span: Span) -> Mapping[tuple[str, str], int]:
    """(arm, currency) → how many carts were decided on in this time."""
    query = select(cart.c.arm, cart.c.currency, func.count()).where(*_decided(shop, span))
    return {(row[0], row[1]): row[2] for row in connection.execute(query.group_by(cart.c.arm, cart.c.currency))}


def bought_compared(connection: Connection, shop: str, span: Span) -> list[Compared]:
    """Of these, those that their own person bought; a voucher used by somebody else says nothing about the others."""
    own = and_(conversion.c.shop == cart.c.shop, conversion.c.order_id == cart.c.order_id)
    kept = and_(conversion.c.cart_id == cart.c.id, conversion.c.undone_at.is_(None))
    query = (
        select(cart.c.arm, cart.c.currency, cart.c.asked_at, conversion.c.at, conversion.c.amount)
        .join(conversion, and_(own, kept, conversion.c.currency == cart.c.currency))
        .where(*_decided(shop, span))
    )
    return [Compared(*row) for row in connection.execute(query)]


def cost(connection: Connection, span: Span, shop: str = "") -> list[Cost]:
    """What the reminders that were made in this time cost, by currency: what was delivered, at Meta's prices."""
    amount = func.sum(message.c.price, type_=message.c.price.type).filter(message.c.status.in_(BILLED))
    query = select(message.c.price_currency, amount, func.count()).where(
        message.c.kind == KIND, message.c.status.in_(sorted(COUNTED)), *_within(message.c.created_at, span)
    )
    query = query.where(message.c.shop == shop) if shop else query
    found = connection.execute(query.group_by(message.c.price_currency))
    return [Cost(row[0] or "", row[1] or Decimal(0), row[2]) for row in found]


def brought_on(connection: Connection, spans: Sequence[Span]) -> list[dict[str, Decimal]]:
    """For each span what reminders brought, by currency; the order's time counts."""
    amount = func.sum(conversion.c.amount, type_=conversion.c.amount.type)
    query = select(conversion.c.currency, amount).where(BROUGHT).group_by(conversion.c.currency)
    return [_pairs(connection, query.where(*_within(conversion.c.at, span))) for span in spans]


def _decided(shop: str, span: Span) -> list[Any]:
    return [IS_ASKED, cart.c.shop == shop, cart.c.arm != "", *_within(cart.c.asked_at, span)]


def _within(column: Column[Any], span: Span) -> list[Any]:
    return [column >= span[0], column < span[1]]


def _pairs(connection: Connection, query: Select[Any]) -> dict[str, Decimal]:
    return {row[0]: row[1] for row in connection.execute(query) if row[1]}
