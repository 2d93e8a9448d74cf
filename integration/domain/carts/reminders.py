"""Reminders of carts: what the owner chose, who is reminded of which cart, and when it is pointless.

One run per person, whatever the number of carts and devices: the newest cart wins (docs/reference/law.md section 2).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from integration.domain.automations.vouchers import Offer
from integration.domain.carts.carts import (
    ABANDONED_AFTER,
    ATTRIBUTED_FOR,
    DELAY,
    EXPIRES_AFTER,
    OPEN,
    SOONEST,
    Arm,
    Cart,
    CartState,
)
from integration.domain.consent.countries import profile
from integration.domain.hot_dataclass import lean
from integration.domain.shops.facts import Facts, OrderStatus

KIND: Final = "abandoned_cart"
#: people find an earlier one pushy; the page says so
PUSHY: Final = timedelta(hours=1)
SECOND_AFTER: Final = timedelta(hours=24)
#: of a hundred people who might be reminded, so many are not, to see what reminders bring
HELD_OUT: Final = 10
#: how shops that record where visitors come from know ours
SOURCE: Final = "ladenbote"
#: the person was reminded as often as their country allows; nothing to tell anybody
ENOUGH: Final = "enough"
#: an order that ended so brought nothing, whoever came back for it
UNDONE: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE})
#: the signs by which an order is taken for a reminder's, the surest first
SIGNS: Final = ("voucher", "link", "person")
MILLIONTH: Final = Decimal("0.000001")
HUGE: Final = Decimal(10**12)
STOPS: Final = {
    CartState.ORDERED: "bought",
    CartState.RECOVERED: "bought",
    CartState.EMPTIED: "cart_emptied",
    CartState.EXPIRED: "expired",
}


@lean
class CartRule:
    """What holds for a shop's reminders. `second`: one more after a day, where the person's country allows it.

    `holdout`: a tenth of the people gets none, for comparison. Version 0: nobody has decided.
    """

    on: bool = True
    delay: timedelta = DELAY
    second: bool = False
    holdout: bool = True
    offer: Offer | None = None
    version: int = 0


class Other(NamedTuple):
    """Another cart of the same person."""

    id: str
    state: str
    changed_at: datetime
    reminded_at: datetime | None


def governed(cart: Cart, rule: CartRule) -> Cart:
    """A cart with its shop's patience: who wishes to remind early must see early that it was left."""
    return replace(cart, left_after=max(SOONEST, min(ABANDONED_AFTER, rule.delay)))


def planned(cart: Cart, rule: CartRule) -> Cart:
    """A cart that was just left, with the time of its first reminder; one that had its run keeps it."""
    if cart.state is not CartState.ABANDONED or cart.steps:
        return cart
    if not rule.on:
        return replace(cart, remind_at=None, reason="kind_off")
    return replace(cart, remind_at=cart.changed_at + rule.delay, reason="")


def is_due(cart: Cart, now: datetime) -> bool:
    """Whether a reminder of it is to be decided on."""
    return cart.state in OPEN and cart.remind_at is not None and cart.remind_at <= now


def forbidden(cart: Cart, connected_at: datetime | None, country: str | None) -> str:
    """Why nobody is reminded of this cart, whatever anybody agreed to; "" when nothing is against it."""
    if connected_at is None or cart.began_at < connected_at:
        return "before_connection"
    if cart.contact_id is None:
        return "no_contact" if cart.phone else "no_phone"
    return ENOUGH if cart.steps >= profile(country).cart_steps else ""


def outdone(cart: Cart, others: Iterable[Other], now: datetime) -> str:
    """Why another cart of this person comes first: it is newer, or its run is not over; "" when none does."""
    for other in others:
        if other.id == cart.id:
            continue
        if other.reminded_at and now - other.reminded_at < EXPIRES_AFTER:
            return "reminded_already"
        if other.state in (CartState.ACTIVE, *OPEN) and (other.changed_at, other.id) > (cart.changed_at, cart.id):
            return "newer_cart"
    return ""


def pointless(cart: Cart | None) -> str:
    """Why a reminder that was planned must not leave any more; "" while it may."""
    if cart is None:
        return "superseded"
    if cart.state in STOPS:
        return STOPS[cart.state]
    return "payment_pending" if cart.pending else ""


def may_leave(cart: Cart) -> bool:
    """Whether its reminder may leave at this moment: left alone, and nothing came of it yet."""
    return cart.state in OPEN and not cart.pending


def reminded(cart: Cart, rule: CartRule, now: datetime) -> Cart:
    """A cart whose reminder leaves now."""
    second = rule.on and rule.second and cart.reminded_at is None
    return replace(cart, reminded_at=now, remind_at=now + SECOND_AFTER if second else None, reason="")


def corrected(cart: Cart, left_at: datetime | None) -> Cart:
    """A cart by what became of its reminders: `left_at` is when the last of them left, None when none did."""
    return replace(cart, reminded_at=left_at, remind_at=cart.remind_at if left_at else None)


def asked(cart: Cart, reason: str, arm: Arm | None, now: datetime) -> Cart:
    """A cart whose reminder was decided on; `arm` where it belongs to the comparison."""
    return replace(
        cart,
        remind_at=None,
        steps=cart.steps + 1,
        asked_at=cart.asked_at or now,
        arm=cart.arm or (arm or ""),
        reason=reason,
    )


def how(cart: Cart, order: Facts) -> str:
    """By what sign an order came from a cart's reminder: the link it named, or only that it is the same person's."""
    if cart.reminded_at is None or cart.ordered_at is None or cart.ordered_at < cart.reminded_at:
        return "unprompted"
    if cart.ordered_at > cart.reminded_at + ATTRIBUTED_FOR:
        return "unprompted"
    return "link" if order.get("came_by") == SOURCE else "person"


def worth(order: Facts) -> Decimal | None:
    """What an order brings: its total without what was given back; None when it came to nothing.

    A total that the platform sent unreadable counts as nothing, a refund of unknown size is not taken off.
    """
    if order["status"] in UNDONE:
        return None
    given_back = sum((_number(refund.get("total", "")) for refund in order["refunds"]), Decimal(0))
    return max(_number(order["total"]) - given_back, Decimal(0))


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return value.quantize(MILLIONTH) if value.is_finite() and abs(value) < HUGE else Decimal(0)


def is_held_out(keyed_hash: str) -> bool:
    """Whether the person of this keyed hash gets no reminders, for comparison; always the same answer."""
    return int(keyed_hash[:12], 16) % 100 < HELD_OUT
