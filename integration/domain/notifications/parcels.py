"""What is told about the way of a parcel."""

from datetime import timedelta

from integration.domain.consent import Purpose
from integration.domain.events import Milestone
from integration.domain.notifications.kind import (
    Notification,
    Subject,
    SubjectType,
    Variables,
    not_for_sending,
    order_words,
)
from integration.domain.text import Text


def _over(subject: Subject) -> str:
    return not_for_sending(subject.order)


def _on_its_way(subject: Subject) -> Variables:
    parcel = subject.shipment
    return order_words(subject) | {
        "carrier": parcel["carrier"] or Text("Paketdienst", "Carrier").in_(subject.language),
        "tracking": parcel["url"] or parcel["number"],
    }


PARCELS: tuple[Notification, ...] = (
    Notification(
        kind="shipping_notice",
        purpose=Purpose.SHIPPING_NOTICE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Versandmitteilung", "Shipping notice"),
        when=Text("ein Paket mit Sendungsnummer unterwegs ist", "a parcel with a tracking number is on its way"),
        on=frozenset({Milestone.SHIPPED}),
        void_on=frozenset({Milestone.CANCELLED, Milestone.GONE}),
        expires_after=timedelta(hours=48),
        starts_on=True,
        unless=_over,
        variables=_on_its_way,
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
)
