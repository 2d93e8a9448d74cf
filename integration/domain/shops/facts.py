"""What we keep of each object of a shop: the same words for every platform.

Times are ISO 8601 in UTC, money is text with its currency beside it, ids are text.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

Facts = Mapping[str, Any]


class OrderStatus(StrEnum):
    """The platforms' order states, reduced to what a notification depends on."""

    DRAFT = "draft"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    FAILED = "failed"
    GONE = "gone"


LIVE = frozenset({OrderStatus.PENDING, OrderStatus.ON_HOLD, OrderStatus.PROCESSING, OrderStatus.COMPLETED})


class ConsentEvidence(TypedDict):
    """What an order says about its buyer's WhatsApp consent.

    See docs/reference/woocommerce.md section 6 and docs/reference/shopify.md section 8. `granted` is the box's value
    when the order was placed; `at` is ISO 8601 with offset; `wording` is the text as shown, empty when the shop did not
    store it; `phone` is as typed.
    """

    granted: bool
    at: str
    wording: str
    version: str
    phone: str
    source: str
    purposes: NotRequired[list[str]]
    raw: NotRequired[Any]


class OrderFacts(TypedDict):
    """The part of an order that we use. `cart_id` names the cart or checkout that it came from, "" when unknown.

    `code` is a random word that only the buyer and the shop know, "" where there is none. `payment` is how it is paid
    where that matters: "cod" at the door, "transfer" by the customer, "page" on a payment page before it counts.
    `vouchers` are the codes used, `came_by` is where the shop says that its visitor came from (a link's utm_source).
    `promised_on` is the day by which it was promised to arrive, on the shop's calendar ("2026-12-01"), "" when unknown.
    `returning` says that something is on its way back, where the shop tells.
    `marketing_consent` is the evidence of a second box, where the checkout has one.
    """

    number: str
    status: str
    source: str
    test: bool
    placed_at: str
    paid_at: str | None
    completed_at: str | None
    cancelled_at: str | None
    total: str
    currency: str
    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    region: NotRequired[str]
    locale: str
    customer_id: str
    items: list[dict[str, Any]]
    refunds: list[dict[str, str]]
    consent: ConsentEvidence | None
    marketing_consent: NotRequired[ConsentEvidence | None]
    ready_for_pickup_at: str | None
    cart_id: str
    code: NotRequired[str]
    payment: NotRequired[str]
    vouchers: NotRequired[list[str]]
    came_by: NotRequired[str]
    promised_on: NotRequired[str]
    returning: NotRequired[bool]


class ShipmentFacts(TypedDict):
    """One parcel. `number` may be empty until the carrier is known; `aliases` are further tracking numbers.

    `promised_on` is the day on which the carrier wants to deliver it, "" when unknown.
    """

    order_id: str
    number: str
    aliases: list[str]
    carrier: str
    url: str
    shipped_at: str | None
    delivered_at: str | None
    out_for_delivery_at: str | None
    promised_on: NotRequired[str]


class CartStatus(StrEnum):
    """What a shop says of a cart; how long it has been left alone is for us to judge."""

    OPEN = "open"
    EMPTIED = "emptied"
    ORDERED = "ordered"


class CartFacts(TypedDict):
    """A cart or an unfinished checkout. Its id is the draft's or checkout's, `aliases` are other keys of the same cart.

    A phone in it was typed, not agreed to: it is never consent. `order_id` is set once it was ordered.
    """

    status: str
    aliases: list[str]
    order_id: str
    started_at: str
    total: str
    currency: str
    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    locale: str
    customer_id: str
    items: list[dict[str, Any]]
    recovery_url: str
    payment_pending: bool


class CustomerFacts(TypedDict):
    """A customer of the shop, as far as the shop itself keeps a WhatsApp consent; without one nobody is named."""

    first_name: str
    last_name: str
    phone: str
    country: str
    locale: str
    consent: ConsentEvidence | None


class VariantFacts(TypedDict):
    """What can be bought. `price` is the one asked for now; `stock` is None where the shop does not count."""

    id: str
    name: str
    sku: str
    price: str
    in_stock: bool
    stock: int | None


class ProductFacts(TypedDict):
    """A product with its variants; one without variants has itself as the only one."""

    name: str
    url: str
    picture: str
    categories: list[str]
    currency: str
    published: bool
    variants: list[VariantFacts]


#: what names a person in facts of any kind, and what stands there once the person is erased
_NAMING: Mapping[str, Any] = {
    **dict.fromkeys(("first_name", "last_name", "email", "phone", "customer_id", "locale", "recovery_url"), ""),
    "consent": None,
}


def redacted(facts: Facts) -> dict[str, Any]:
    """The facts without whom they are about: what is left counts orders, and keeps them from being told again."""
    return {key: _NAMING.get(key, value) for key, value in facts.items()} | {"redacted": True}
