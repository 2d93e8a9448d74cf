"""What a kind of notification is made of, and the words that many of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from integration.domain.consent import Purpose
from integration.domain.contacts import Contact
from integration.domain.events import Milestone
from integration.domain.facts import CartFacts, Facts, OrderFacts, OrderStatus, ProductFacts, ShipmentFacts
from integration.domain.lean import lean
from integration.domain.text import Text

Variables = dict[str, str]

#: reasons that end by themselves: the event is answered, but the message's key stays free for a later event
NOT_YET = frozenset({"awaiting_payment"})
#: orders of these states are over: only that itself may still be told
OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE})
_NOTHING: Mapping[str, Any] = {}


class SubjectType(StrEnum):
    """What a message is about. The first four are objects of a shop, and named as `ObjectType` names them."""

    ORDER = "order"
    SHIPMENT = "shipment"
    CART = "cart"
    PRODUCT = "product"
    PERSON = "person"


@lean
class Subject:
    """The facts that a notification sees. `shop_name` is the shop's own name, `language` de or en.

    An object that has no part in it is empty: an order's message has no `cart`, and a parcel's has its order, too.
    """

    shop_name: str
    language: str
    order: OrderFacts
    shipment: ShipmentFacts
    cart: CartFacts
    product: ProductFacts
    person: Contact | None
    more: Mapping[str, str]


def subject_of(
    shop_name: str,
    language: str,
    facts: Mapping[str, Facts],
    person: Contact | None = None,
    more: Mapping[str, str] = _NOTHING,
) -> Subject:
    """Stored facts as a subject, by `SubjectType`; `more` is what no object of the shop says (a voucher's code)."""
    return Subject(
        shop_name,
        language,
        cast(OrderFacts, facts.get("order", _NOTHING)),
        cast(ShipmentFacts, facts.get("shipment", _NOTHING)),
        cast(CartFacts, facts.get("cart", _NOTHING)),
        cast(ProductFacts, facts.get("product", _NOTHING)),
        person,
        more,
    )


@dataclass(frozen=True, slots=True)
class Notification:
    """A kind of message and its rule. `when` says in plain words when it is sent: "an order is placed".

    `subject_type` is what it is about. `on` are the milestones of such an object that call for it; none when something
    else does (a sweep, a sign-up). `void_on` are the milestones that make a queued one pointless. `unless` gives a
    reason code while it must not be sent; it is asked when the message is queued and again when it is sent.

    Times count from the fact that is told: `delay` is how long the message waits by its nature, `expires_after` when it
    is too late (counted from the end of the delay), and `ends` an earlier end that the facts name: it sees the subject
    and the fact's time. `steps` are further messages about the same fact, each as long after the one before.

    `bodies` are the texts by (language, address): German has du and Sie. Placeholders are the names of `variables`;
    none stands first or last (Meta refuses that). `buttons` are quick replies, (payload, title). `starts_on` says
    whether a new shop sends it, as long as its owner has not decided.
    """

    kind: str
    purpose: Purpose
    subject_type: SubjectType
    title: Text
    when: Text
    expires_after: timedelta
    unless: Callable[[Subject], str]
    variables: Callable[[Subject], Variables]
    bodies: Mapping[tuple[str, str], str]
    on: frozenset[Milestone] = frozenset()
    void_on: frozenset[Milestone] = frozenset()
    delay: timedelta = timedelta(0)
    steps: tuple[timedelta, ...] = ()
    ends: Callable[[Subject, datetime], datetime] | None = None
    starts_on: bool = False
    version: int = 1
    buttons: tuple[tuple[str, Text], ...] = ()

    def expires_at(self, subject: Subject, at: datetime) -> datetime:
        """When a message about a fact of this time is too late."""
        latest = at + self.delay + self.expires_after
        return min(latest, self.ends(subject, at)) if self.ends else latest


def not_for_sending(order: OrderFacts) -> str:
    """Orders that no customer placed online, or that are over, never message anybody."""
    if order["test"]:
        return "test_order"
    if order["source"] != "web":
        return f"{order['source']}_order"
    if order["status"] in OVER:
        return "order_cancelled"
    return ""


def first_name(named: OrderFacts | CartFacts, language: str) -> str:
    """How to greet whoever an order or a cart names; nobody named reads like a greeting, too."""
    return named["first_name"] or named["last_name"] or Text("und guten Tag", "there").in_(language)


def order_words(subject: Subject) -> Variables:
    """What nearly every message about an order says."""
    return {
        "name": first_name(subject.order, subject.language),
        "shop": subject.shop_name,
        "order": subject.order["number"],
    }
