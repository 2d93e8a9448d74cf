"""What is told about an order itself."""

from datetime import timedelta

from integration.domain.consent import Purpose
from integration.domain.events import Milestone
from integration.domain.facts import OrderStatus
from integration.domain.money import amount
from integration.domain.notifications.kind import (
    Notification,
    Subject,
    SubjectType,
    Variables,
    not_for_sending,
    order_words,
)
from integration.domain.text import Text


def _confirmation_waits(subject: Subject) -> str:
    # A pending order waits for its payment page; shops confirm it once it is paid or awaits a transfer.
    if subject.order["status"] == OrderStatus.PENDING:
        return "awaiting_payment"
    return not_for_sending(subject.order)


def _with_total(subject: Subject) -> Variables:
    order = subject.order
    return order_words(subject) | {"total": amount(order["total"], order["currency"], subject.language)}


ORDERS: tuple[Notification, ...] = (
    Notification(
        kind="order_confirmation",
        purpose=Purpose.ORDER_CONFIRMATION,
        subject_type=SubjectType.ORDER,
        title=Text("Bestellbestätigung", "Order confirmation"),
        when=Text(
            "eine Bestellung eingeht, auf Überweisung wartet oder bezahlt ist",
            "an order is placed, awaits a transfer, or is paid",
        ),
        on=frozenset({Milestone.PLACED, Milestone.AWAITING_PAYMENT, Milestone.PAID}),
        void_on=frozenset({Milestone.CANCELLED, Milestone.FAILED, Milestone.GONE}),
        expires_after=timedelta(hours=12),
        starts_on=True,
        unless=_confirmation_waits,
        variables=_with_total,
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
)
