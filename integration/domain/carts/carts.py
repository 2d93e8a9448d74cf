"""Carts: which drafts and devices are one cart, when it was left alone, and which order it became.

A cart is computed from all that is known of its person, never from the order in which it arrived: webhooks and polls
come late, doubled and out of order. `settle` is the only place that forms carts.

States: active → abandoned → reminded → recovered | expired; active or abandoned → ordered; emptied while nothing lies
in it. An order that turns up late makes an expired cart ordered (or recovered), too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from integration.domain.shops.events import ObjectType, Snapshot, moment
from integration.domain.shops.facts import CartStatus, OrderStatus

#: a cart without change for so long was left
ABANDONED_AFTER = timedelta(hours=1)
#: how long a cart is left alone before it is reminded of, and what an owner may choose
DELAY = timedelta(hours=3)
SOONEST, LONGEST_DELAY = timedelta(minutes=30), timedelta(hours=24)
#: nobody is reminded of an older one (docs/reference/law.md section 2)
EXPIRES_AFTER = timedelta(hours=72)
#: personal data of carts, and who bought when, are deleted after this
KEPT_FOR = timedelta(days=30)
#: a shop's clock jumps, and its pages still report the cart right after the order: that is the same visit
SAME_VISIT = timedelta(minutes=5)
#: an order of the same person counts as this cart's for so long
ATTRIBUTED_FOR = timedelta(days=5)


class Arm(StrEnum):
    """Of two people who may be reminded alike, one is and the other is not: the difference is what reminders bring."""

    REMINDER = "reminder"
    HOLDOUT = "holdout"


class CartState(StrEnum):
    """Where a cart stands."""

    ACTIVE = "active"
    ABANDONED = "abandoned"
    REMINDED = "reminded"
    EMPTIED = "emptied"
    ORDERED = "ordered"
    RECOVERED = "recovered"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Part:
    """One draft, checkout or session as its newest snapshot shows it; a cart has one or several.

    `keys` are those of its own ids, `phone` is E.164 or "", `named` says that somebody gave a contact.
    """

    id: str
    keys: tuple[str, ...]
    began_at: datetime
    changed_at: datetime
    status: CartStatus
    pending: bool
    named: bool
    phone: str
    total: str
    currency: str
    order_id: str

    def covers(self, at: datetime, asked_at: datetime | None = None) -> bool:
        """Whether an order of the same person at this time means that this is bought.

        The time to come back begins anew with a reminder, or with the decision to hold one out.
        """
        last = max(self.changed_at, asked_at or self.changed_at)
        return self.began_at - SAME_VISIT <= at <= last + ATTRIBUTED_FOR


@dataclass(frozen=True, slots=True)
class Purchase:
    """That an order was placed. `keys` are those by which it was found: its ids, its buyer."""

    order_id: str
    at: datetime
    keys: frozenset[str] = frozenset()

    def is_of(self, part: Part) -> bool:
        """Whether the order came from this very part. A session's key may be used again for a later cart."""
        if self.order_id in (part.id, part.order_id):
            return True
        return not self.keys.isdisjoint(part.keys) and part.began_at - SAME_VISIT <= self.at


@dataclass(frozen=True, slots=True)
class Cart:
    """What one person of one shop put together. `keys` are hashed: ids, customer, phone, e-mail.

    A new cart has no id yet. `contact_id` is an existing contact: none is made of a typed phone. `remind_at` is when
    the next reminder is to be decided on, `steps` how many were, `asked_at` when the first was, `arm` its side of the
    comparison, "" when nobody might be reminded, and `reason` why no reminder went. `left_after` is the shop's own
    patience where that is shorter than ours.
    """

    id: str
    shop: str
    parts: tuple[Part, ...]
    keys: frozenset[str]
    contact_id: str | None = None
    abandoned_at: datetime | None = None
    reminded_at: datetime | None = None
    expired_at: datetime | None = None
    ordered_at: datetime | None = None
    order_id: str = ""
    remind_at: datetime | None = None
    steps: int = 0
    asked_at: datetime | None = None
    arm: str = ""
    reason: str = ""
    left_after: timedelta = field(default=ABANDONED_AFTER, compare=False)

    @property
    def face(self) -> Part:
        """The part that is shown and recovered: the newest with something in it."""
        return max(self._filled or self.parts, key=lambda part: (part.changed_at, part.id))

    @property
    def began_at(self) -> datetime:
        """When its first part was started."""
        return min(part.began_at for part in self.parts)

    @property
    def changed_at(self) -> datetime:
        """When something happened to it last."""
        return self.face.changed_at

    @property
    def named(self) -> bool:
        """Whether anybody gave a contact."""
        return any(part.named for part in self.parts)

    @property
    def phone(self) -> str:
        """The phone that was typed last, "" when none was."""
        typed = [part for part in self.parts if part.phone]
        return max(typed, key=lambda part: (part.changed_at, part.id)).phone if typed else ""

    @property
    def ended(self) -> bool:
        """Whether it was bought or is over."""
        return bool(self.ordered_at or self.expired_at)

    @property
    def state(self) -> CartState:
        """Where it stands."""
        if self.ordered_at:
            came_back = self.reminded_at and self.reminded_at <= self.ordered_at
            return CartState.RECOVERED if came_back else CartState.ORDERED
        if self.expired_at:
            return CartState.EXPIRED
        if not self._filled:
            return CartState.EMPTIED
        if self.reminded_at:
            return CartState.REMINDED
        left = self.abandoned_at and self.abandoned_at >= self.changed_at + SOONEST
        return CartState.ABANDONED if left else CartState.ACTIVE

    @property
    def due_at(self) -> datetime | None:
        """When to look at it again. Payments under way and strangers' carts are never abandoned, they only expire."""
        if self.state is CartState.ACTIVE:
            waits = not self.named or self.pending
            return self.changed_at + (EXPIRES_AFTER if waits else self.left_after)
        if self.state not in OPEN:
            return None
        return min(self.changed_at + EXPIRES_AFTER, self.remind_at or self.changed_at + EXPIRES_AFTER)

    @property
    def pending(self) -> bool:
        """Whether a payment is under way, which counts as bought."""
        return any(part.pending for part in self._filled)

    @property
    def _filled(self) -> list[Part]:
        return [part for part in self.parts if part.status is CartStatus.OPEN]


#: somebody may still be reminded of it, or come back
OPEN = (CartState.ABANDONED, CartState.REMINDED)


def looked_at(cart: Cart, now: datetime) -> Cart:
    """A cart whose time has come: left alone, or too old for anything; or a reminder is due, which is not ours."""
    if cart.due_at is None or cart.due_at > now:
        return cart
    if now >= cart.changed_at + EXPIRES_AFTER:
        return replace(cart, expired_at=now)
    return replace(cart, abandoned_at=now) if cart.state is CartState.ACTIVE else cart


def ids_of(snapshot: Snapshot) -> list[str]:
    """The ids under which a cart, or an order, may be known elsewhere."""
    facts = snapshot.facts
    others = [*facts["aliases"], facts["order_id"]] if "aliases" in facts else [facts["cart_id"]]
    return [f"id:{id_}" for id_ in dict.fromkeys([snapshot.object_id, *others]) if id_]


def people_keys(customer_id: str, phone: str, email: str) -> list[str]:
    """What names a person; `phone` is E.164 or ""."""
    named = {"customer": customer_id, "phone": phone, "email": email.strip().lower()}
    return [f"{kind}:{value}" for kind, value in named.items() if value]


def people_keys_of(snapshot: Snapshot, phone: str) -> list[str]:
    """What names the person of a cart or an order; `phone` is theirs as E.164 or ""."""
    return people_keys(snapshot.facts["customer_id"], phone, snapshot.facts["email"])


def part_of(snapshot: Snapshot, keys: Sequence[str], phone: str, *, named: bool) -> Part:
    """A cart's snapshot as a part; `keys` are its hashed ids."""
    facts, version = snapshot.facts, snapshot.version
    return Part(
        id=snapshot.object_id,
        keys=tuple(keys),
        began_at=min(moment(facts["started_at"], version), version),
        changed_at=version,
        status=CartStatus(facts["status"]),
        pending=facts["payment_pending"],
        named=named,
        phone=phone,
        total=facts["total"],
        currency=facts["currency"],
        order_id=facts["order_id"],
    )


def is_purchase(order: Snapshot | None) -> bool:
    """Whether an order's snapshot shows that somebody bought: even one that failed or waits for its payment."""
    return order is not None and order.facts["status"] not in (OrderStatus.DRAFT, OrderStatus.GONE)


def is_forgotten(snapshot: Snapshot, now: datetime) -> bool:
    """Whether this is a cart so old that its data were deleted, or would be at once."""
    if snapshot.object_type is not ObjectType.CART:
        return False
    over = snapshot.facts["status"] == CartStatus.ORDERED
    return (moment(snapshot.facts["started_at"], snapshot.version) if over else snapshot.version) < now - KEPT_FOR


Loose = list[tuple[Part, Cart | None]]


def settle(
    held: Sequence[Cart], fresh: Sequence[Part], purchases: Sequence[Purchase], shop: str, keys: frozenset[str]
) -> list[Cart]:
    """The carts of one person, given those held until now, new parts, and this person's orders.

    Parts that one order covers are one cart, and so are all that no order covers. Carts that were joined to another
    are missing from the result; ended ones stay as they are unless they concern the same order.
    """
    orders: dict[str, Purchase] = {}
    groups: dict[str, Loose] = defaultdict(list)
    for part, cart, is_fresh in _loose(held, fresh):
        order = _order_of(part, cart, purchases, is_fresh=is_fresh)
        if order:
            name = order.order_id or f"?{part.id}"
            orders[name] = order
            groups[name].append((part, cart))
        elif is_fresh or not (cart and cart.expired_at):
            groups[""].append((part, cart))
    holders = _holders(held, groups)
    taken = {cart.id for cart in holders.values()}
    bought = {part.id for name, loose in groups.items() if name for part, _ in loose}
    history = [cart for cart in held if cart.id not in taken and _stays(cart, bought)]
    return history + [
        _gathered(_cleared(holders.get(name), bought) or Cart("", shop, (), keys), loose, orders.get(name), taken, keys)
        for name, loose in groups.items()
    ]


def _loose(held: Sequence[Cart], fresh: Sequence[Part]) -> Iterable[tuple[Part, Cart | None, bool]]:
    """Every part in its newest form, with the cart that held it, and whether it is news."""
    news = {part.id for part in fresh}
    homes = {part.id: cart for cart in sorted(held, key=lambda cart: not cart.ended) for part in cart.parts}
    for cart in held:
        yield from ((part, cart, False) for part in cart.parts if part.id not in news)
    yield from ((part, homes.get(part.id), True) for part in fresh)


def _order_of(part: Part, cart: Cart | None, purchases: Sequence[Purchase], *, is_fresh: bool) -> Purchase | None:
    """The order that a part became: its own, else the first of the person after it was begun."""
    asked_at = (cart.reminded_at or cart.asked_at) if cart else None
    own = [purchase for purchase in purchases if purchase.is_of(part)]
    fitting = own or [purchase for purchase in purchases if part.covers(purchase.at, asked_at)]
    if fitting:
        ids = (part.id, part.order_id)
        return min(fitting, key=lambda found: (found.order_id not in ids, found.at, found.order_id))
    if part.status is CartStatus.ORDERED:
        return Purchase(part.order_id, part.changed_at)
    return Purchase(cart.order_id, cart.ordered_at) if cart and cart.ordered_at and not is_fresh else None


def _holders(held: Sequence[Cart], groups: Mapping[str, Loose]) -> dict[str, Cart]:
    """Which cart goes on as which group: the order's own, else the oldest that held a part and is free."""
    free = {cart.id: cart for cart in sorted(held, key=lambda cart: (cart.ended, cart.id))}
    found: dict[str, Cart] = {}
    for cart in list(free.values()):
        if cart.order_id and cart.order_id in groups and cart.order_id not in found:
            found[cart.order_id] = free.pop(cart.id)
    for name in sorted(groups.keys() - found.keys(), reverse=True):  # "", the open one, comes last
        origins = {cart.id for _, cart in groups[name] if cart}
        fitting = [c for c in free.values() if c.id in origins and (not c.ended or _may_become(c, name, groups))]
        if fitting:
            found[name] = free.pop(fitting[0].id)
    return found


def _may_become(ended: Cart, name: str, groups: Mapping[str, Loose]) -> bool:
    """Only an order changes an ended cart, and not while its own one is there."""
    return bool(name) and (not ended.order_id or ended.order_id not in groups)


def _stays(cart: Cart, bought: set[str]) -> bool:
    """Whether a cart that goes on as nothing else is kept as it was: an ended one whose parts nobody took over."""
    return cart.ended and not all(part.id in bought for part in cart.parts)


def _cleared(holder: Cart | None, bought: set[str]) -> Cart | None:
    """A cart before its parts are gathered: an ended one keeps those that nobody took over."""
    if holder is None:
        return None
    return replace(holder, parts=tuple(part for part in holder.parts if holder.ended and part.id not in bought))


def _gathered(holder: Cart, loose: Loose, order: Purchase | None, taken: set[str], keys: frozenset[str]) -> Cart:
    """The cart of a group; open carts that were joined to it hand over when they were left and reminded."""
    others = {cart.id: cart for _, cart in loose if cart and cart.id not in taken and not cart.ended}
    joined = [holder, *others.values()]
    newest = sorted((part for part, _ in loose), key=lambda part: part.changed_at)
    parts = {part.id: part for part in [*holder.parts, *newest]}
    reminded_at = max((cart.reminded_at for cart in joined if cart.reminded_at), default=None)
    return replace(
        holder,
        parts=tuple(parts[id_] for id_ in sorted(parts)),
        keys=keys,
        contact_id=next((cart.contact_id for cart in joined if cart.contact_id), None),
        abandoned_at=max((cart.abandoned_at for cart in joined if cart.abandoned_at), default=None),
        reminded_at=reminded_at,
        # what was only planned for a cart that is gone is planned anew for the one that stays
        steps=max(cart.steps for cart in joined) if reminded_at else holder.steps,
        remind_at=max((cart.remind_at for cart in joined if cart.remind_at), default=None),
        asked_at=min((cart.asked_at for cart in joined if cart.asked_at), default=None),
        arm=next((cart.arm for cart in joined if cart.arm), ""),
        order_id=order.order_id if order else "",
        ordered_at=order.at if order else None,
    )
