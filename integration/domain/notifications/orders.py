"""What is told about an order itself."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from integration.domain.consent.consent import Purpose
from integration.domain.money import amount
from integration.domain.notifications.buttons import COD_NO, COD_YES, MUTE
from integration.domain.notifications.kind import (
    Notification,
    Subject,
    SubjectType,
    Variables,
    not_for_sending,
    not_placed_online,
    order_words,
    total_of,
)
from integration.domain.shops.events import Milestone
from integration.domain.shops.facts import OrderStatus
from integration.domain.text import Text

ENDED = frozenset({Milestone.CANCELLED, Milestone.FAILED, Milestone.GONE})
#: payments that come after the order counts
LATER = frozenset({"cod", "transfer"})


def over(subject: Subject) -> str:
    """The usual `unless` of a kind about a living order."""
    return not_for_sending(subject.order)


def _confirmation_waits(subject: Subject) -> str:
    # A pending order waits for its payment page; shops confirm it once it is paid or awaits a transfer.
    if subject.order["status"] == OrderStatus.PENDING:
        return "awaiting_payment"
    return not_for_sending(subject.order)


def _with_total(subject: Subject) -> Variables:
    """The sum says that it is paid: then nobody needs a second message about the money."""
    total, paid = total_of(subject.order, subject.language), subject.order["paid_at"]
    word = Text("bezahlt", "paid").in_(subject.language)
    return order_words(subject) | {"total": f"{total} ({word})" if paid else total}


def _plain_total(subject: Subject) -> Variables:
    return order_words(subject) | {"total": total_of(subject.order, subject.language)}


def _paid_at_the_door(subject: Subject) -> str:
    # The carrier took the money, or the shop noted it long after: that is no news. What was sent is not got ready.
    return "other_payment" if subject.order.get("payment") == "cod" else _shipped_already(subject)


def _not_at_the_door(subject: Subject) -> str:
    return not_for_sending(subject.order) if subject.order.get("payment") == "cod" else "other_payment"


def _paid_meanwhile(subject: Subject) -> str:
    order = subject.order
    paid = order["paid_at"] or order["status"] not in (OrderStatus.ON_HOLD, OrderStatus.PENDING)
    return not_for_sending(order) or ("paid_meanwhile" if paid else "")


def _shipped_already(subject: Subject) -> str:
    sent = any(parcel["number"] for parcel in subject.parcels) or subject.order["status"] == OrderStatus.COMPLETED
    return not_for_sending(subject.order) or ("overtaken" if sent else "")


def _never_counted(subject: Subject) -> str:
    # WooCommerce cancels whoever leaves the payment page; for the customer that was never an order.
    order = subject.order
    left = order.get("payment") == "page" and not order["paid_at"]
    return not_placed_online(order) or ("never_paid" if left else "")


def _money_back(subject: Subject) -> Variables:
    order, language = subject.order, subject.language
    if order["status"] == OrderStatus.REFUNDED or order["refunds"]:
        words = Text("erstattet", "refunded")
    elif order["paid_at"]:
        words = Text("Erstattung folgt", "the refund follows")
    else:
        words = Text("nichts zu zahlen", "nothing to pay")
    return order_words(subject) | {"money": words.in_(language)}


def _refunded(subject: Subject) -> Variables:
    order, language = subject.order, subject.language
    given = next((refund.get("total", "") for refund in order["refunds"] if refund["id"] == subject.detail), "")
    whole = Text("den ganzen Betrag", "the whole amount") if _is_whole(subject) else Text("einen Teil", "a part")
    words = whole.in_(language)
    return order_words(subject) | {
        "amount": f"{amount(given, order['currency'], language)} ({words})" if given else words
    }


def _is_whole(subject: Subject) -> bool:
    order = subject.order
    if order["status"] == OrderStatus.REFUNDED and len(order["refunds"]) == 1:
        return True
    try:
        given = {refund["id"]: Decimal(refund.get("total", "")) for refund in order["refunds"]}
        return given.get(subject.detail) == Decimal(order["total"])
    except InvalidOperation:
        return False


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
        void_on=ENDED,
        expires_after=timedelta(hours=12),
        starts_on=True,
        unless=_confirmation_waits,
        variables=_with_total,
        bodies={
            ("de", "du"): "Hallo {{name}}, danke für deine Bestellung {{order}} bei {{shop}} über {{total}}. "
            "Wir melden uns hier, sobald sie unterwegs ist. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, danke für Ihre Bestellung {{order}} bei {{shop}} über {{total}}. "
            "Wir melden uns hier, sobald sie unterwegs ist. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, thank you for your order {{order}} at {{shop}} for {{total}}. "
            "We will write here as soon as it is on its way. No more updates? Reply STOP.",
        },
        buttons=((MUTE, Text("Dazu nichts mehr", "Mute this order")),),
    ),
    Notification(
        kind="payment_received",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("Zahlung eingegangen", "Payment received"),
        when=Text(
            "die Zahlung einer Bestellung eingeht, die darauf wartete",
            "the payment of an order arrives that waited for it",
        ),
        on=frozenset({Milestone.PAID}),
        void_on=ENDED | {Milestone.SHIPPED, Milestone.COMPLETED},
        told_by=frozenset({"order_confirmation"}),
        expires_after=timedelta(hours=24),
        sees_parcels=True,
        unless=_paid_at_the_door,
        variables=_plain_total,
        bodies={
            ("de", "du"): "Hallo {{name}}, die Zahlung für deine Bestellung {{order}} bei {{shop}} ist da: {{total}}. "
            "Danke, wir machen alles fertig. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, die Zahlung für Ihre Bestellung {{order}} bei {{shop}} ist da: "
            "{{total}}. Danke, wir machen alles fertig. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, the payment for your order {{order}} at {{shop}} has arrived: {{total}}. "
            "Thank you, we are getting it ready. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="payment_reminder",
        purpose=Purpose.PAYMENT_REMINDER,
        subject_type=SubjectType.ORDER,
        title=Text("Zahlungserinnerung", "Payment reminder"),
        when=Text(
            "eine Überweisung ausbleibt, höchstens zweimal: nach der eingestellten Zeit und sieben Tage später",
            "a transfer does not arrive, at most twice: after the time you set and seven days later",
        ),
        on=frozenset({Milestone.AWAITING_PAYMENT}),
        void_on=ENDED | {Milestone.PAID, Milestone.PROCESSING, Milestone.COMPLETED},
        delay=timedelta(days=5),
        delays=(timedelta(days=2), timedelta(days=21)),
        steps=(timedelta(days=7),),
        expires_after=timedelta(hours=48),
        unless=_paid_meanwhile,
        variables=_plain_total,
        bodies={
            ("de", "du"): "Hallo {{name}}, für deine Bestellung {{order}} bei {{shop}} fehlt noch die Zahlung von "
            "{{total}}. Die Bankverbindung steht in der E-Mail zur Bestellung. Hast du schon überwiesen, ist alles "
            "gut. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, für Ihre Bestellung {{order}} bei {{shop}} fehlt noch die Zahlung von "
            "{{total}}. Die Bankverbindung steht in der E-Mail zur Bestellung. Haben Sie schon überwiesen, ist alles "
            "gut. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, the payment for your order {{order}} at {{shop}} of {{total}} has not arrived "
            "yet. The bank details are in the order's e-mail. If you have paid already, all is well. "
            "No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="cod_confirmation",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("Rückfrage zur Nachnahme", "Cash on delivery: question"),
        when=Text(
            "eine Bestellung per Nachnahme eingeht; die Antwort steht bei der Bestellung",
            "an order is placed that is paid on delivery; the answer stands beside the order",
        ),
        on=frozenset({Milestone.PLACED}),
        void_on=ENDED | {Milestone.PAID, Milestone.COMPLETED, Milestone.SHIPPED},
        expires_after=timedelta(hours=24),
        unless=_not_at_the_door,
        variables=_plain_total,
        bodies={
            ("de", "du"): "Hallo {{name}}, du hast bei {{shop}} die Bestellung {{order}} über {{total}} aufgegeben und "
            "zahlst bei der Lieferung. Stimmt das so? Tippe bitte auf einen Knopf. Keine Infos mehr? "
            "Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Sie haben bei {{shop}} die Bestellung {{order}} über {{total}} "
            "aufgegeben und zahlen bei der Lieferung. Stimmt das so? Tippen Sie bitte auf einen Knopf. Keine Infos "
            "mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, you placed the order {{order}} at {{shop}} for {{total}} and pay on delivery. "
            "Is that right? Please tap a button. No more updates? Reply STOP.",
        },
        buttons=((COD_YES, Text("Ja, stimmt", "Yes, that is right")), (COD_NO, Text("Nein", "No"))),
    ),
    Notification(
        kind="order_in_progress",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("In Arbeit", "In progress"),
        when=Text(
            "der Shop eine bezahlte Bestellung in Arbeit nimmt und noch nichts verschickt ist",
            "the shop starts work on a paid order and nothing has been sent yet",
        ),
        on=frozenset({Milestone.PROCESSING}),
        void_on=ENDED | {Milestone.SHIPPED, Milestone.COMPLETED},
        told_by=frozenset({"order_confirmation", "payment_received"}),
        expires_after=timedelta(hours=24),
        sees_parcels=True,
        unless=_shipped_already,
        variables=order_words,
        bodies={
            ("de", "du"): "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist jetzt in Arbeit. Wir melden uns "
            "wieder, sobald sie unterwegs ist. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Ihre Bestellung {{order}} bei {{shop}} ist jetzt in Arbeit. Wir melden "
            "uns wieder, sobald sie unterwegs ist. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} is in progress now. We will write again as "
            "soon as it is on its way. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="order_delay",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("Verzögerung", "Delay"),
        when=Text(
            "eine bezahlte Bestellung nach der eingestellten Zeit oder am zugesagten Tag noch nicht verschickt ist",
            "a paid order has not been sent after the time you set, or by the day that was promised",
        ),
        on=frozenset({Milestone.PAID}),
        void_on=ENDED | {Milestone.PARCEL_CREATED, Milestone.SHIPPED, Milestone.COMPLETED, Milestone.READY_FOR_PICKUP},
        delay=timedelta(days=5),
        delays=(timedelta(days=1), timedelta(days=30)),
        promised=lambda subject: subject.order.get("promised_on", ""),
        expires_after=timedelta(hours=48),
        sees_parcels=True,
        unless=_shipped_already,
        variables=order_words,
        bodies={
            ("de", "du"): "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} dauert leider länger als gedacht. "
            "Wir melden uns, sobald sie unterwegs ist. Fragen? Schreib uns einfach hier. Keine Infos mehr? "
            "Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Ihre Bestellung {{order}} bei {{shop}} dauert leider länger als "
            "gedacht. Wir melden uns, sobald sie unterwegs ist. Fragen? Schreiben Sie uns einfach hier. Keine Infos "
            "mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} takes longer than expected, sorry. We will "
            "write as soon as it is on its way. Questions? Just write to us here. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="pickup_ready",
        purpose=Purpose.PICKUP_READY,
        subject_type=SubjectType.ORDER,
        title=Text("Abholbereit", "Ready for pick-up"),
        when=Text("eine Bestellung zum Abholen bereitliegt", "an order is ready to be picked up"),
        on=frozenset({Milestone.READY_FOR_PICKUP}),
        void_on=ENDED | {Milestone.COMPLETED},
        expires_after=timedelta(days=7),
        starts_on=True,
        unless=lambda subject: (
            not_for_sending(subject.order) or ("overtaken" if subject.order["status"] == OrderStatus.COMPLETED else "")
        ),
        variables=order_words,
        bodies={
            ("de", "du"): "Hallo {{name}}, deine Bestellung {{order}} liegt bei {{shop}} zum Abholen bereit. Nenn "
            "einfach die Bestellnummer. Keine Infos mehr? Antworte mit STOP.",
            (
                "de",
                "sie",
            ): "Guten Tag {{name}}, Ihre Bestellung {{order}} liegt bei {{shop}} zum Abholen bereit. Nennen "
            "Sie einfach die Bestellnummer. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} is ready to be picked up. Just give us the "
            "order number. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="order_cancelled",
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("Stornierung", "Cancellation"),
        when=Text("eine Bestellung storniert wird", "an order is cancelled"),
        on=frozenset({Milestone.CANCELLED}),
        expires_after=timedelta(hours=72),
        starts_on=True,
        unless=_never_counted,
        variables=_money_back,
        bodies={
            ("de", "du"): "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist storniert. Zahlung: {{money}}. "
            "Fragen? Schreib uns einfach hier. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Ihre Bestellung {{order}} bei {{shop}} ist storniert. Zahlung: "
            "{{money}}. Fragen? Schreiben Sie uns einfach hier. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, your order {{order}} at {{shop}} is cancelled. Payment: {{money}}. Questions? "
            "Just write to us here. No more updates? Reply STOP.",
        },
    ),
    Notification(
        kind="refund_notice",
        purpose=Purpose.REFUND_NOTICE,
        subject_type=SubjectType.ORDER,
        title=Text("Erstattung", "Refund"),
        when=Text(
            "ein Betrag ganz oder zum Teil erstattet wird",
            "money is refunded, the whole amount or a part",
        ),
        on=frozenset({Milestone.REFUNDED}),
        told_by=frozenset({"order_cancelled"}),
        repeats=True,
        expires_after=timedelta(hours=72),
        starts_on=True,
        unless=lambda subject: not_placed_online(subject.order),
        variables=_refunded,
        bodies={
            ("de", "du"): "Hallo {{name}}, zu deiner Bestellung {{order}} bei {{shop}} haben wir dir {{amount}} "
            "erstattet. Bis das Geld ankommt, kann es ein paar Tage dauern. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, zu Ihrer Bestellung {{order}} bei {{shop}} haben wir Ihnen {{amount}} "
            "erstattet. Bis das Geld ankommt, kann es ein paar Tage dauern. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, for your order {{order}} at {{shop}} we have refunded {{amount}} to you. It "
            "may take a few days to arrive. No more updates? Reply STOP.",
        },
    ),
)
