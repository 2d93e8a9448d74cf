"""What is asked or offered a while after an order: advertising, whatever it is called.

See docs/reference/law.md section 1.
"""

from datetime import timedelta

from integration.domain.consent.consent import Purpose
from integration.domain.notifications.kind import (
    Notification,
    Subject,
    SubjectType,
    Variables,
    first_name,
    not_for_sending,
    order_words,
)
from integration.domain.shops.events import Milestone
from integration.domain.text import Text

ENDED = frozenset({Milestone.CANCELLED, Milestone.FAILED, Milestone.GONE, Milestone.REFUNDED})
#: of an order's items, so that the text stays short
LONGEST_ITEMS = 80


def _given_back(subject: Subject) -> str:
    # Whoever sent something back has said what there is to say.
    order = subject.order
    return not_for_sending(order) or ("refunded" if order["refunds"] or order.get("returning") else "")


def _bought(subject: Subject) -> Variables:
    names = [item["name"] for item in subject.order["items"] if item.get("name")]
    items = ", ".join(names)
    if len(items) > LONGEST_ITEMS or not items:
        items = names[0][:LONGEST_ITEMS] if names else subject.order["number"]
    return {"name": first_name(subject.order, subject.language), "shop": subject.shop_name, "items": items}


def _missed(subject: Subject) -> Variables:
    note = subject.more.get("note") or _ASK.in_(subject.language)
    return {"name": first_name(subject.order, subject.language), "shop": subject.shop_name, "note": note}


_ASK = Text("Fragen beantworten wir gern hier im Chat.", "We gladly answer questions here in the chat.")


LATER: tuple[Notification, ...] = (
    Notification(
        kind="review_request",
        purpose=Purpose.REVIEW_REQUEST,
        subject_type=SubjectType.ORDER,
        title=Text("Bitte um Bewertung", "Review request"),
        when=Text(
            "eine Bestellung seit der eingestellten Zeit zugestellt oder abgeschlossen ist",
            "an order was delivered or completed as long ago as you set",
        ),
        on=frozenset({Milestone.DELIVERED, Milestone.COMPLETED}),
        void_on=ENDED,
        delay=timedelta(days=10),
        delays=(timedelta(days=3), timedelta(days=60)),
        expires_after=timedelta(days=7),
        unless_written=True,
        unless=_given_back,
        variables=order_words,
        bodies={
            ("de", "du"): "Hallo {{name}}, wie zufrieden bist du mit deiner Bestellung {{order}} bei {{shop}}? Schreib "
            "uns gern hier, was gut war und was nicht. Keine solchen Fragen mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, wie zufrieden sind Sie mit Ihrer Bestellung {{order}} bei {{shop}}? "
            "Schreiben Sie uns gern hier, was gut war und was nicht. Keine solchen Fragen mehr? "
            "Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, how happy are you with your order {{order}} at {{shop}}? Tell us here what was "
            "good and what was not. No more such questions? Reply STOP.",
        },
    ),
    Notification(
        kind="reorder_reminder",
        purpose=Purpose.OFFER,
        subject_type=SubjectType.ORDER,
        title=Text("Nachbestellen", "Time to reorder"),
        when=Text(
            "jemand seit der eingestellten Zeit nicht wieder bestellt hat (Verbrauchsware)",
            "somebody has not ordered again for the time you set (consumables)",
        ),
        on=frozenset({Milestone.PLACED}),
        void_on=ENDED,
        newest_only=True,
        delay=timedelta(days=45),
        delays=(timedelta(days=7), timedelta(days=365)),
        expires_after=timedelta(days=7),
        unless=_given_back,
        variables=_bought,
        bodies={
            ("de", "du"): "Hallo {{name}}, vor einer Weile hast du bei {{shop}} das hier bestellt: {{items}}. Geht es "
            "langsam zur Neige? Nachschub findest du im Shop. Keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, vor einer Weile haben Sie bei {{shop}} das hier bestellt: {{items}}. "
            "Geht es langsam zur Neige? Nachschub finden Sie im Shop. Keine Werbung mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, a while ago you ordered {{items}} at {{shop}}. Is it running low? You "
            "can order more in the shop. No more offers? Reply STOP.",
        },
    ),
    Notification(
        kind="win_back",
        purpose=Purpose.OFFER,
        subject_type=SubjectType.ORDER,
        title=Text("Lange nicht gesehen", "Long time no see"),
        when=Text(
            "jemand seit der eingestellten Zeit nichts bestellt hat, auf Wunsch mit einem persönlichen Gutschein",
            "somebody has ordered nothing for the time you set, with a personal voucher if you wish",
        ),
        on=frozenset({Milestone.PLACED}),
        void_on=ENDED,
        newest_only=True,
        delay=timedelta(days=180),
        delays=(timedelta(days=60), timedelta(days=700)),
        expires_after=timedelta(days=7),
        unless=_given_back,
        variables=_missed,
        voucher="may",
        version=2,
        bodies={
            ("de", "du"): "Hallo {{name}}, du warst lange nicht mehr bei {{shop}}, und wir würden uns freuen, wenn du "
            "wieder einmal vorbeischaust. {{note}} Keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Sie waren lange nicht mehr bei {{shop}}, und wir würden uns freuen, "
            "wenn Sie wieder einmal vorbeischauen. {{note}} Keine Werbung mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, it has been a long time since you were at {{shop}}, and we would be happy to "
            "see you again. {{note}} No more offers? Reply STOP.",
        },
    ),
)
