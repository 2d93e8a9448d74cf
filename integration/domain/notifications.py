"""THE TABLE: which fact becomes which message. One entry is one kind of notification.

Adding a kind: one entry here with its texts in German (du, Sie) and English; tests fail until it is complete
(CONTRIBUTING.md, "A new notification").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from babel.dates import format_date

from integration.domain.buttons import NO, YES
from integration.domain.consent import Purpose
from integration.domain.events import Event, Milestone, ObjectType
from integration.domain.facts import Facts, OrderFacts, OrderStatus, ShipmentFacts
from integration.domain.lean import lean
from integration.domain.money import amount
from integration.domain.text import Text

Variables = dict[str, str]

#: reasons that end by themselves: the event is answered, but the message's key stays free for a later event
NOT_YET = frozenset({"awaiting_payment"})


@lean
class Subject:
    """The facts that a notification is about: the order, the parcel if there is one, and the shop's own name."""

    shop_name: str
    order: OrderFacts
    shipment: ShipmentFacts | None
    language: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A kind of message and its rule.

    `on` are the milestones that call for it, `unless` gives a reason code while it must not be sent (checked
    when queued and again when sent), `void_on` the milestones that make a queued one pointless. `bodies` are
    the texts by (language, address): German has du and Sie. Placeholders are template variables; none stands
    first or last (Meta refuses that). `buttons` are quick replies, (payload, title).
    """

    kind: str
    purpose: Purpose
    subject_type: ObjectType
    on: frozenset[Milestone]
    void_on: frozenset[Milestone]
    expires_after: timedelta
    title: Text
    unless: Callable[[Subject], str]
    variables: Callable[[Subject], Variables]
    bodies: Mapping[tuple[str, str], str]
    version: int = 1
    buttons: tuple[tuple[str, Text], ...] = ()


def _not_for_sending(order: OrderFacts) -> str:
    """Orders that no customer placed online, or that are over, never message anybody."""
    if order["test"]:
        return "test_order"
    if order["source"] != "web":
        return f"{order['source']}_order"
    if order["status"] in (OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED, OrderStatus.GONE):
        return "order_cancelled"
    return ""


def _confirmation_waits(subject: Subject) -> str:
    # A pending order waits for its payment page; shops confirm it once it is paid or awaits a transfer.
    if subject.order["status"] == OrderStatus.PENDING:
        return "awaiting_payment"
    return _not_for_sending(subject.order)


def _order_variables(subject: Subject) -> Variables:
    order = subject.order
    return {
        "name": _first_name(order, subject.language),
        "shop": subject.shop_name,
        "order": order["number"],
        "total": amount(order["total"], order["currency"], subject.language),
    }


def _shipping_variables(subject: Subject) -> Variables:
    shipment = cast(ShipmentFacts, subject.shipment)
    return {
        "name": _first_name(subject.order, subject.language),
        "shop": subject.shop_name,
        "order": subject.order["number"],
        "carrier": shipment["carrier"] or Text("Paketdienst", "Carrier").in_(subject.language),
        "tracking": shipment["url"] or shipment["number"],
    }


def _request_variables(subject: Subject) -> Variables:
    at = datetime.fromisoformat(subject.order["placed_at"])
    return request_variables(subject.shop_name, subject.shop_name, at, subject.language)


def request_variables(shop_name: str, place: str, at: datetime, language: str) -> Variables:
    """What a confirmation request says: who asks, and where and on which day the number was entered."""
    return {"shop": shop_name, "date": format_date(at, "medium", locale=language), "place": place}


def _first_name(order: OrderFacts, language: str) -> str:
    return order["first_name"] or order["last_name"] or Text("und guten Tag", "there").in_(language)


NOTIFICATIONS: tuple[Notification, ...] = (
    Notification(
        kind="order_confirmation",
        purpose=Purpose.ORDER_CONFIRMATION,
        subject_type=ObjectType.ORDER,
        on=frozenset({Milestone.PLACED, Milestone.AWAITING_PAYMENT, Milestone.PAID}),
        void_on=frozenset({Milestone.CANCELLED, Milestone.FAILED, Milestone.GONE}),
        expires_after=timedelta(hours=12),
        title=Text("Bestellbestätigung", "Order confirmation"),
        unless=_confirmation_waits,
        variables=_order_variables,
        bodies={
            ("de", "du"): "Hallo {{name}}, danke für deine Bestellung {{order}} bei {{shop}} über {{total}}. "
            "Wir melden uns hier, sobald sie unterwegs ist. Keine Infos mehr? Antworte mit STOP.",
            (
                "de",
                "sie",
            ): "Guten Tag {{name}}, danke für Ihre Bestellung {{order}} bei {{shop}} über {{total}}. "
            "Wir melden uns hier, sobald sie unterwegs ist. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, thank you for your order {{order}} at {{shop}} for {{total}}. "
            "We will write here as soon as it is on its way. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="shipping_notice",
        purpose=Purpose.SHIPPING_NOTICE,
        subject_type=ObjectType.SHIPMENT,
        on=frozenset({Milestone.SHIPPED}),
        void_on=frozenset({Milestone.CANCELLED, Milestone.GONE}),
        expires_after=timedelta(hours=48),
        title=Text("Versandmitteilung", "Shipping notice"),
        unless=lambda subject: _not_for_sending(subject.order),
        variables=_shipping_variables,
        bodies={
            (
                "de",
                "du",
            ): "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist unterwegs mit {{carrier}}. "
            "Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Ihre Bestellung {{order}} bei {{shop}} ist unterwegs mit "
            "{{carrier}}. Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} is on its way with {{carrier}}. "
            "Track the parcel: {{tracking}} – no more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="doi_request",
        purpose=Purpose.DOI_REQUEST,
        subject_type=ObjectType.ORDER,
        on=frozenset(),  # a sign-up calls for it, not a milestone (flow.optin)
        void_on=frozenset(),
        expires_after=timedelta(hours=1),
        title=Text("Bitte um Bestätigung", "Confirmation request"),
        unless=lambda subject: "",
        variables=_request_variables,
        bodies={
            ("de", "du"): "Hallo, hier ist {{shop}}. Am {{date}} wurde deine Nummer bei {{place}} für Neuigkeiten auf "
            "WhatsApp eingetragen. Bitte bestätige das mit dem Knopf. Warst du das nicht? Antworte mit NEIN oder STOP, "
            "oder übergehe diese Nachricht: Wir fragen nicht noch einmal.",
            ("de", "sie"): "Guten Tag, hier ist {{shop}}. Am {{date}} wurde Ihre Nummer bei {{place}} für Neuigkeiten "
            "auf WhatsApp eingetragen. Bitte bestätigen Sie das mit dem Knopf. Waren Sie das nicht? Antworten Sie mit "
            "NEIN oder STOP, oder übergehen Sie diese Nachricht: Wir fragen nicht noch einmal.",
            ("en", ""): "Hello, this is {{shop}}. On {{date}} this number was entered at {{place}} for news on "
            "WhatsApp. Please confirm with the button. Was it not you? Reply NO or STOP, or ignore this message: "
            "we will not ask again.",
        },
        buttons=((YES, Text("Ja, anmelden", "Yes, sign me up")), (NO, Text("Nein", "No"))),
    ),
)

BY_KIND: Mapping[str, Notification] = {notification.kind: notification for notification in NOTIFICATIONS}


def called_for(event: Event) -> list[Notification]:
    """The notifications that an event calls for."""
    return [n for n in NOTIFICATIONS if n.subject_type is event.object_type and event.milestone in n.on]


def made_pointless(milestone: Milestone) -> list[str]:
    """The kinds of queued messages about an order that this milestone of the order makes pointless."""
    return [n.kind for n in NOTIFICATIONS if milestone in n.void_on]


def message_key(company: str, kind: str, shop: str, subject_id: str, step: int = 1) -> str:
    """(company, kind, subject, step): the same fact never makes a second message."""
    return f"{company}/{kind}/{shop}/{subject_id}/{step}"


def subject_of(shop_name: str, order: Facts, shipment: Facts | None, language: str) -> Subject:
    """Stored facts as a subject."""
    return Subject(shop_name, cast(OrderFacts, order), cast(ShipmentFacts | None, shipment), language)
