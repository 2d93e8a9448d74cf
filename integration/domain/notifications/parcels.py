"""What is told about the way of a parcel."""

from datetime import datetime, time, timedelta

from integration.domain.consent.consent import Purpose
from integration.domain.notifications.buttons import MUTE
from integration.domain.notifications.kind import (
    Notification,
    Subject,
    SubjectType,
    Variables,
    not_for_sending,
    order_words,
)
from integration.domain.shops.events import Milestone
from integration.domain.text import Text
from integration.domain.values import linked

OVER = frozenset({Milestone.CANCELLED, Milestone.GONE})
ARRIVED = OVER | {Milestone.DELIVERED}


def _over(subject: Subject) -> str:
    return not_for_sending(subject.order)


def _arrived(subject: Subject) -> str:
    return not_for_sending(subject.order) or ("overtaken" if subject.shipment.get("delivered_at") else "")


def _at_the_door(subject: Subject) -> str:
    return _arrived(subject) or ("overtaken" if subject.shipment.get("out_for_delivery_at") else "")


def _has_number(subject: Subject) -> str:
    return not_for_sending(subject.order) or ("overtaken" if subject.shipment.get("number") else "")


def _on_its_way(subject: Subject) -> Variables:
    parcel = subject.shipment
    return order_words(subject) | {
        "carrier": parcel["carrier"] or Text("Paketdienst", "Carrier").in_(subject.language),
        "tracking": linked(parcel["url"], parcel["number"]),
    }


def _tracked(subject: Subject) -> Variables:
    parcel = subject.shipment
    return order_words(subject) | {"tracking": linked(parcel["url"], parcel["number"])}


def _carried(subject: Subject) -> Variables:
    return order_words(subject) | {
        "carrier": subject.shipment["carrier"] or Text("Paketdienst", "the carrier").in_(subject.language)
    }


def _which_parcel(subject: Subject) -> Variables:
    return _on_its_way(subject) | {"parcel": _place(subject)}


def _place(subject: Subject) -> str:
    """The parcel among those that have left so far: nobody waits for one message to stand for two parcels."""
    sent = [parcel["number"] for parcel in subject.parcels if parcel["number"]]
    if len(sent) < 2:
        return Text("das Paket", "the parcel").in_(subject.language)
    place = sent.index(subject.shipment["number"]) + 1 if subject.shipment["number"] in sent else len(sent)
    return Text(f"Paket {place} von {len(sent)}", f"parcel {place} of {len(sent)}").in_(subject.language)


def _end_of_day(subject: Subject, at: datetime) -> datetime:
    local = at.astimezone(subject.zone)
    return datetime.combine(local.date() + timedelta(days=1), time(0), subject.zone)


PARCELS: tuple[Notification, ...] = (
    Notification(
        kind="order_packed",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Gepackt", "Packed"),
        when=Text(
            "ein Paket gepackt ist und noch keine Sendungsnummer hat",
            "a parcel is packed and has no tracking number yet",
        ),
        on=frozenset({Milestone.PARCEL_CREATED}),
        void_on=ARRIVED | {Milestone.SHIPPED},
        expires_after=timedelta(hours=24),
        unless=_has_number,
        variables=order_words,
        bodies={
            ("de", "du"): "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist gepackt und geht jetzt in den "
            "Versand. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Ihre Bestellung {{order}} bei {{shop}} ist gepackt und geht jetzt in "
            "den Versand. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} is packed and about to be sent. "
            "No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="shipping_notice",
        purpose=Purpose.SHIPPING_NOTICE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Versandmitteilung", "Shipping notice"),
        when=Text("ein Paket mit Sendungsnummer unterwegs ist", "a parcel with a tracking number is on its way"),
        on=frozenset({Milestone.SHIPPED}),
        void_on=ARRIVED,
        expires_after=timedelta(hours=48),
        sees_parcels=True,
        starts_on=True,
        unless=_arrived,
        variables=_which_parcel,
        bodies={
            ("de", "du"): "Hallo {{name}}, zu deiner Bestellung {{order}} bei {{shop}} ist {{parcel}} unterwegs mit "
            "{{carrier}}. Hier kannst du die Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, zu Ihrer Bestellung {{order}} bei {{shop}} ist {{parcel}} unterwegs "
            "mit {{carrier}}. Hier können Sie die Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworten Sie "
            "mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, for your order {{order}} at {{shop}} we have sent {{parcel}} with {{carrier}}. "
            "You can track it here: {{tracking}} – no more updates? Reply STOP.",
        },
        buttons=((MUTE, Text("Dazu nichts mehr", "Mute this order")),),
    ),
    Notification(
        kind="tracking_corrected",
        purpose=Purpose.SHIPPING_NOTICE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Neue Sendungsnummer", "New tracking number"),
        when=Text(
            "sich eine schon gemeldete Sendungsnummer ändert",
            "a tracking number changes that was told already",
        ),
        on=frozenset({Milestone.TRACKING_CORRECTED}),
        void_on=ARRIVED,
        told_by=frozenset({"shipping_notice", "tracking_corrected"}),
        repeats=True,
        expires_after=timedelta(hours=48),
        starts_on=True,
        unless=_arrived,
        variables=_on_its_way,
        bodies={
            ("de", "du"): "Hallo {{name}}, die Sendungsnummer zu deiner Bestellung {{order}} bei {{shop}} hat sich "
            "geändert. Das Paket kommt mit {{carrier}}, bitte nimm ab jetzt diesen Link: {{tracking}} – keine Infos "
            "mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, die Sendungsnummer zu Ihrer Bestellung {{order}} bei {{shop}} hat sich "
            "geändert. Das Paket kommt mit {{carrier}}, bitte nehmen Sie ab jetzt diesen Link: {{tracking}} – keine "
            "Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, the tracking number of your order {{order}} at {{shop}} has changed. The "
            "parcel comes with {{carrier}}, please use this link from now on: {{tracking}} – no more updates? "
            "Reply STOP.",
        },
    ),
    Notification(
        kind="out_for_delivery",
        purpose=Purpose.DELIVERY_NOTICE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Kommt heute an", "Out for delivery"),
        when=Text("ein Paket heute zugestellt wird", "a parcel is out for delivery"),
        on=frozenset({Milestone.OUT_FOR_DELIVERY}),
        void_on=ARRIVED,
        expires_after=timedelta(hours=24),
        ends=_end_of_day,
        unless=_arrived,
        variables=_on_its_way,
        bodies={
            ("de", "du"): "Hallo {{name}}, das Paket zu deiner Bestellung {{order}} bei {{shop}} kommt heute mit "
            "{{carrier}} zu dir. Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, das Paket zu Ihrer Bestellung {{order}} bei {{shop}} kommt heute mit "
            "{{carrier}} zu Ihnen. Sendung verfolgen: {{tracking}} – keine Infos mehr? Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, the parcel of your order {{order}} at {{shop}} arrives today with {{carrier}}. "
            "Track it here: {{tracking}} – no more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="parcel_delay",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Paket verspätet", "Parcel late"),
        when=Text(
            "ein Paket nach der eingestellten Zeit oder am zugesagten Tag nicht angekommen ist, in Shops, die "
            "Zustellungen melden",
            "a parcel has not arrived after the time you set, or by the day that was promised, in shops that tell of "
            "deliveries",
        ),
        on=frozenset({Milestone.SHIPPED}),
        void_on=ARRIVED | {Milestone.OUT_FOR_DELIVERY},
        delay=timedelta(days=7),
        delays=(timedelta(days=3), timedelta(days=30)),
        promised=lambda subject: subject.shipment.get("promised_on") or subject.order.get("promised_on", ""),
        asks_carrier=True,
        expires_after=timedelta(hours=48),
        unless=_at_the_door,
        variables=_tracked,
        bodies={
            ("de", "du"): "Hallo {{name}}, das Paket zu deiner Bestellung {{order}} bei {{shop}} ist leider länger "
            "unterwegs als gedacht. Wo es gerade ist, siehst du hier: {{tracking}} – stimmt etwas nicht? Schreib uns "
            "einfach hier. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, das Paket zu Ihrer Bestellung {{order}} bei {{shop}} ist leider länger "
            "unterwegs als gedacht. Wo es gerade ist, sehen Sie hier: {{tracking}} – stimmt etwas nicht? Schreiben Sie "
            "uns einfach hier. Keine Infos mehr? Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, the parcel of your order {{order}} at {{shop}} is taking longer than expected, "
            "sorry. You can see where it is here: {{tracking}} – is something wrong? Just write to us here. No more "
            "updates? Reply STOP.",
        },
    ),
    Notification(
        kind="delivered",
        purpose=Purpose.DELIVERY_NOTICE,
        subject_type=SubjectType.SHIPMENT,
        title=Text("Zugestellt", "Delivered"),
        when=Text("ein Paket zugestellt ist", "a parcel has been delivered"),
        on=frozenset({Milestone.DELIVERED}),
        void_on=OVER,
        expires_after=timedelta(hours=24),
        unless=_over,
        variables=_carried,
        bodies={
            (
                "de",
                "du",
            ): "Hallo {{name}}, das Paket zu deiner Bestellung {{order}} bei {{shop}} ist angekommen, meldet "
            "{{carrier}}. Ist es nicht da? Schreib uns einfach hier. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, das Paket zu Ihrer Bestellung {{order}} bei {{shop}} ist angekommen, "
            "meldet {{carrier}}. Ist es nicht da? Schreiben Sie uns einfach hier. Keine Infos mehr? Antworten Sie mit "
            "STOP.",
            ("en", ""): "Hello {{name}}, the parcel of your order {{order}} at {{shop}} was delivered, {{carrier}} "
            "says. Is it not there? Just write to us here. No more updates? Reply STOP.",
        },
    ),
)
