"""What happens to orders: placed, paid, packed, delivered, refunded, cancelled, edited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from integration.sandbox.shopify.records import (
    Address,
    Checkout,
    Customer,
    Line,
    Money,
    Order,
    Parcel,
    Refund,
    Step,
    Tracking,
)
from integration.sandbox.shopify.shop import AdminShop

Items = Sequence[tuple[int, int]]
"""(index into the shelf, quantity) pairs."""


@dataclass(frozen=True, slots=True)
class Basket:
    """How an order comes to be; the defaults are a paid order on the web.

    `source` is web, pos, shopify_draft_order or an app's id; `placed` is an import's old date.
    """

    items: Items = ((0, 2), (1, 1))
    phone: str | None = None
    email: str | None = None
    address: Address | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    source: str = "web"
    test: bool = False
    paid: bool = True
    pickup: bool = False
    placed: datetime | None = None
    money: Money = field(default_factory=Money)
    gateway: str = "shopify_payments"
    locale: str | None = "de-DE"


def place(shop: AdminShop, customer: Customer | None, basket: Basket | None = None,
          checkout: Checkout | None = None) -> Order:  # fmt: skip
    """An order, now. `customer` None is a guest or somebody at the till; `checkout` is where it came from."""
    order = new_order(shop, customer, basket or Basket(), checkout)
    shop.tell(("orders/create", order), *([("orders/paid", order)] if order.paid else []))
    return order


def new_order(shop: AdminShop, customer: Customer | None, basket: Basket, checkout: Checkout | None = None) -> Order:
    """The same without telling anybody."""
    now = shop.now()
    order_id, number = shop.new_order()
    home = basket.address or (customer.address if customer else None)
    order = Order(
        order_id, number, lines(shop, basket.items, order_id, basket.money), now, now, basket.placed or now, customer,
        email=basket.email or (customer.email if customer else None), phone=basket.phone, billing=home,
        shipping=None if basket.pickup else home, source=basket.source, test=basket.test, locale=basket.locale,
        money=basket.money, gateway=basket.gateway, pickup=basket.pickup, attributes=dict(basket.attributes),
        codes=list(basket.codes), checkout_token=checkout.token if checkout else shop.token(),
        cart_token=checkout.cart_token if checkout else shop.token(), paid=now if basket.paid else None,
    )  # fmt: skip
    if basket.pickup:
        order.delivery = Decimal(0)
    if checkout:
        checkout.completed = checkout.updated = now
    for code in order.codes:
        redeem(shop, code)
    shop.orders[order.id] = order
    return order


def redeem(shop: AdminShop, code: str) -> None:
    """Somebody used a voucher; a code knows no case."""
    for discount in shop.discounts.values():
        if discount.code.lower() == code.lower():
            discount.used += 1


def lines(shop: AdminShop, items: Items, base: int, money: Money) -> list[Line]:
    """The lines of an order or a checkout."""
    shelf = shop.shelf
    return [Line(base + 10_000 + i, shelf[n], quantity, quantity, money) for i, (n, quantity) in enumerate(items)]


def pay(shop: AdminShop, order: Order) -> None:
    """The money is there."""
    order.paid = order.paid or touch(shop, order)
    shop.tell(("orders/paid", order), ("orders/updated", order))


def pack(shop: AdminShop, order: Order, tracking: Sequence[Tracking] = (), part: Items | None = None) -> Parcel:
    """A fulfilment of everything that is left, or of `part` ((index of line, quantity) pairs)."""
    now, n = touch(shop, order), len(order.parcels)
    content = [(order.lines[i], q) for i, q in part] if part else order.left()
    parcel = Parcel(order.id + 30_000 + n, f"{order.number}.{n + 1}", order, now, now, content, list(tracking))
    order.parcels.append(parcel)
    done = order.fulfilment == "FULFILLED"
    topic = "orders/fulfilled" if done else "orders/partially_fulfilled"
    order.closed = now if done and order.paid else None
    shop.tell(("fulfillments/create", parcel), (topic, order), ("orders/updated", order))
    return parcel


def track(shop: AdminShop, order: Order, parcel: Parcel, tracking: Sequence[Tracking]) -> None:
    """The number comes later, or another one does."""
    parcel.tracking, parcel.updated = list(tracking), touch(shop, order)
    shop.tell(("fulfillments/update", parcel), ("orders/updated", order))


def report(shop: AdminShop, order: Order, parcel: Parcel, status: str, at: datetime | None = None) -> Step:
    """The carrier says OUT_FOR_DELIVERY, DELIVERED, …; `at` is when it happened, if not now."""
    now = touch(shop, order)
    step = Step(shop.new_id(), status, at or now)
    parcel.steps.append(step)
    parcel.updated = now
    shop.tell(("fulfillment_events/create", (parcel, step)), ("fulfillments/update", parcel),
              ("orders/updated", order))  # fmt: skip
    return step


def make_ready(shop: AdminShop, order: Order) -> None:
    """The goods wait at the counter."""
    order.ready = touch(shop, order)
    shop.tell(("fulfillment_orders/line_items_prepared_for_pickup", order), ("orders/updated", order))


def refund(shop: AdminShop, order: Order, amount: Decimal | None = None, note: str = "") -> Refund:
    """Part of the money back, or what is left of it."""
    made = Refund(order.id + 50_000 + len(order.refunds), order, touch(shop, order),
                  order.total - order.refunded if amount is None else amount, note)  # fmt: skip
    order.refunds.append(made)
    shop.tell(("refunds/create", made), ("orders/updated", order))
    return made


def cancel(shop: AdminShop, order: Order) -> None:
    """The owner cancels; money and goods are another matter."""
    order.cancelled = order.closed = touch(shop, order)
    shop.tell(("orders/cancelled", order), ("orders/updated", order))


def edit(shop: AdminShop, order: Order, index: int, quantity: int) -> None:
    """Another quantity of one line."""
    line = order.lines[index]
    line.current, order.edited = quantity, True
    touch(shop, order)
    shop.tell(("orders/edited", (order, line)), ("orders/updated", order))


def delete(shop: AdminShop, order: Order) -> None:
    """An order as if it had never been."""
    del shop.orders[order.id]
    shop.tell(("orders/delete", order))


def touch(shop: AdminShop, order: Order) -> datetime:
    """The order changed now."""
    order.updated = shop.now()
    return order.updated
