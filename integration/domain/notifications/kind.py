"""What a kind of notification is made of, and the words that many of them share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Literal, cast

from integration.domain.automations.vouchers import Offer
from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.contacts.contacts import Contact
from integration.domain.hot_dataclass import lean
from integration.domain.money import amount
from integration.domain.shops.events import Milestone
from integration.domain.shops.facts import CartFacts, Facts, OrderFacts, OrderStatus, ProductFacts, ShipmentFacts
from integration.domain.text import Text
from integration.domain.values import called

Variables = dict[str, str]

#: reasons that make no message, not even one that is held back: they end by themselves, or the kind is not for it
NOT_YET = frozenset({"awaiting_payment", "other_payment", "never_paid", "carrier_silent"})
#: orders of these states are over: only that itself may still be told
OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE})
#: when a broken promise is told of
MORNING, ONE_DAY = time(9), timedelta(days=1)
#: how long Meta keeps trying a phone that is off, unless a service text says less: 12 hours at most
TRIED_FOR, LONGEST_LIFE = timedelta(days=30), timedelta(hours=12)
_NOTHING: Mapping[str, Any] = {}
#: how somebody is greeted whose name nobody knows
_NOBODY = Text("und guten Tag", "there")


class SubjectType(StrEnum):
    """What a message is about. The first four are objects of a shop, and named as `ObjectType` names them."""

    ORDER = "order"
    SHIPMENT = "shipment"
    CART = "cart"
    PRODUCT = "product"
    PERSON = "person"
    APPOINTMENT = "appointment"


@lean
class Subject:
    """The facts that a notification sees. `shop_name` is the shop's own name, `language` de or en.

    An object that has no part in it is empty: an order's message has no `cart`, and a parcel's has its order, too.
    `parcels` are all of the order's, for kinds that see them; `detail` tells facts of one kind apart (a refund's id),
    `zone` is where the shop's days begin and end.
    """

    shop_name: str
    language: str
    order: OrderFacts
    shipment: ShipmentFacts
    parcels: Sequence[ShipmentFacts]
    cart: CartFacts
    product: ProductFacts
    person: Contact | None
    more: Mapping[str, str]
    detail: str
    zone: tzinfo


def subject_of(
    shop_name: str,
    language: str,
    facts: Mapping[str, Facts],
    person: Contact | None = None,
    more: Mapping[str, str] = _NOTHING,
    parcels: Sequence[ShipmentFacts] = (),
    detail: str = "",
    zone: tzinfo = UTC,
) -> Subject:
    """Stored facts as a subject, by `SubjectType`; `more` is what no object of the shop says (a voucher's code)."""
    return Subject(
        shop_name,
        language,
        cast(OrderFacts, facts.get("order", _NOTHING)),
        cast(ShipmentFacts, facts.get("shipment", _NOTHING)),
        parcels,
        cast(CartFacts, facts.get("cart", _NOTHING)),
        cast(ProductFacts, facts.get("product", _NOTHING)),
        person,
        more,
        detail,
        zone,
    )


@dataclass(frozen=True, slots=True)
class Pictured:
    """The same message with the picture of its article above, and its `link` as a button below instead of in the text.

    It is used where both are at hand and Meta has approved it, the plain text otherwise. `button` is the link's title.
    """

    button: Text
    bodies: Mapping[tuple[str, str], str]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Notification:
    """A kind of message and its rule. `when` says in plain words when it is sent: "an order is placed".

    `subject_type` is what it is about. `on` are the milestones that call for it, its own or a parcel's of its order;
    none when something else does (a sweep, a sign-up). `void_on` are the milestones that make a queued one pointless.
    `unless` gives a reason code while it must not be sent; it is asked when the message is queued and again when it is
    sent. While a message of a kind in `told_by` about the same object waits, that one takes the news in instead.

    Times count from the fact that is told. `delay` is how long it waits by its nature: such a kind is a follow-up, kept
    until its time comes (store.notifications.follow_ups), and not a queued message. `delays` are the least and the most
    that an owner may choose; with `counts_back` it is how long before the fact (an appointment) it is told.
    `expires_after` says when it is too late, counted from the end of the delay, and `ends` an earlier end that the
    facts name: it sees the subject and the fact's time. `steps` are further follow-ups about the same fact, each as
    long after the one before. `promised` is the day by which something was promised: where the facts name one, the
    message is due on the morning after it, instead of after the delay. `asks_carrier`: it makes sense only where the
    shop tells of deliveries at all. `unless_written`: nobody gets it who wrote to the shop since the order was placed;
    that may be a complaint. `repeats`: the fact may come again with another detail (a second refund). `newest_only`: of
    all facts of one person only the last one counts (a new order puts the reminder off). `sees_parcels`: the texts or
    `unless` look at all parcels of the order.

    `voucher`: an owner may ("may"), or has to ("must"), give a personal voucher with it; `offer` is the one while
    nobody has decided. `more["note"]` tells it.

    `bodies` are the texts by (language, address): German has du and Sie. Placeholders are the names of `variables`;
    none stands first or last (Meta refuses that). `buttons` are quick replies, (payload, title). `pictured` are the
    texts that go with a picture and a link button; `codes`: its variables may hold a voucher's `code` and when that
    `ends`, for a button and a countdown; `encloses`: its text goes with a PDF above, and never without. `starts_on`
    says whether a new shop sends it, as long as its owner has not decided.
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
    told_by: frozenset[str] = frozenset()
    delay: timedelta = timedelta(0)
    delays: tuple[timedelta, timedelta] | None = None
    steps: tuple[timedelta, ...] = ()
    counts_back: bool = False
    promised: Callable[[Subject], str] | None = None
    asks_carrier: bool = False
    unless_written: bool = False
    ends: Callable[[Subject, datetime], datetime] | None = None
    repeats: bool = False
    newest_only: bool = False
    sees_parcels: bool = False
    starts_on: bool = False
    voucher: Literal["", "may", "must"] = ""
    offer: Offer | None = None
    version: int = 1
    buttons: tuple[tuple[str, Text], ...] = ()
    pictured: Pictured | None = None
    codes: bool = False
    encloses: bool = False

    def due_at(self, subject: Subject, at: datetime, delay: timedelta) -> datetime:
        """When a fact of this time is told: after the delay, or once a promised day has passed."""
        promised = self.promised(subject) if self.promised else ""
        after = datetime.combine(date.fromisoformat(promised) + ONE_DAY, MORNING, subject.zone) if promised else at
        return after if after > at else at + delay

    def expires_at(self, subject: Subject, at: datetime) -> datetime:
        """When a message that became due at this time is too late."""
        latest = at + self.expires_after
        return min(latest, self.ends(subject, at)) if self.ends else latest

    @property
    def lives(self) -> timedelta:
        """How long Meta is to keep trying a phone that is off (docs/reference/whatsapp.md section 2, time to live).

        What is too late within a day, or at an hour of its own ("arrives today"), must not arrive days later.
        """
        short = self.purpose not in MARKETING and (self.expires_after <= ONE_DAY or self.ends is not None)
        return min(self.expires_after, LONGEST_LIFE) if short else TRIED_FOR


def not_placed_online(order: OrderFacts) -> str:
    """Orders that no customer placed online never message anybody."""
    if order["test"]:
        return "test_order"
    return "" if order["source"] == "web" else f"{order['source']}_order"


def not_for_sending(order: OrderFacts) -> str:
    """The same, and what is over needs no word any more, but that it is over."""
    return not_placed_online(order) or ("order_cancelled" if order["status"] in OVER else "")


def total_of(order: OrderFacts, language: str) -> str:
    """What the order costs, as people write it."""
    return amount(order["total"], order["currency"], language)


def first_name(named: OrderFacts | CartFacts, language: str) -> str:
    """How to greet whoever an order or a cart names; nobody named reads like a greeting, too."""
    return called(named["first_name"]) or called(named["last_name"]) or _NOBODY.in_(language)


def person_name(subject: Subject) -> str:
    """How to greet a person whom no order names."""
    known = subject.person.name.partition(" ")[0] if subject.person else ""
    return called(known) or _NOBODY.in_(subject.language)


def order_words(subject: Subject) -> Variables:
    """What nearly every message about an order says."""
    return {
        "name": first_name(subject.order, subject.language),
        "shop": subject.shop_name,
        "order": subject.order["number"],
    }
