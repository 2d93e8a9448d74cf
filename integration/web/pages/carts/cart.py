"""One cart: what happened to it, who was reminded and how do we know what came of it?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import Response

from integration.domain.messages.status import COUNTED, MessageStatus
from integration.store.carts import listing
from integration.web.render import Pages

#: within one moment
PLACES = ("began", "changed", "left", "decided", "reminder", "ordered", "undone", "expired")
#: nothing more happens to these messages, and nothing left
HELD_BACK = (MessageStatus.SUPPRESSED, MessageStatus.CANCELLED, MessageStatus.EXPIRED, MessageStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `kind` is one of PLACES; `row` is the reminder or the order that it is about."""

    kind: str
    at: datetime
    row: Any = None
    good: bool | None = None


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    with pages.world.database.read() as connection:
        cart = listing.of(connection, request.path_params["id"])
        if cart is None:
            return pages.missing(request)
        reminders = listing.reminders_of(connection, [cart]).get(cart.id, [])
        orders = listing.orders_of(connection, [cart.id]).get(cart.id, [])
        vouchers = listing.vouchers_of(connection, cart.shop, [row.key for row in reminders])
    return pages.render(
        request,
        "carts/cart.html",
        cart=cart,
        facts=cart.facts or {},
        steps=_steps(cart, reminders, orders),
        orders=orders,
        vouchers=vouchers,
        parts=cart.parts or [],
    )


def _steps(cart: Row[Any], reminders: Sequence[Row[Any]], orders: Sequence[Row[Any]]) -> list[Step]:
    found = [*_life(cart), *[_told(row) for row in reminders], *_bought(cart, orders)]
    return sorted(found, key=lambda step: (step.at, PLACES.index(step.kind)))


def _life(cart: Row[Any]) -> Iterator[Step]:
    yield Step("began", cart.began_at)
    if cart.changed_at > cart.began_at:
        yield Step("changed", cart.changed_at)
    if cart.abandoned_at:
        yield Step("left", cart.abandoned_at)
    if cart.asked_at:
        yield Step("decided", cart.asked_at, good=bool(cart.arm))
    if cart.expired_at:
        yield Step("expired", cart.expired_at)


def _told(reminder: Row[Any]) -> Step:
    good = True if reminder.status in COUNTED else False if reminder.status in HELD_BACK else None
    return Step("reminder", reminder.status_at, reminder, good)


def _bought(cart: Row[Any], orders: Sequence[Row[Any]]) -> Iterator[Step]:
    for order in orders:
        yield Step("ordered", order.at, order, good=True)
        if order.undone_at:
            yield Step("undone", order.undone_at, order, good=False)
    if cart.ordered_at and cart.order_id not in [order.order_id for order in orders]:
        yield Step("ordered", cart.ordered_at, None, good=True)
