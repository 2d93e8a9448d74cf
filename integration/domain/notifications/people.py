"""What is said to a person, and about no order."""

from datetime import datetime, timedelta
from decimal import Decimal

from babel.dates import format_date

from integration.domain.automations.birthdays import LATEST_WISHES
from integration.domain.automations.vouchers import Offer
from integration.domain.consent.consent import Purpose
from integration.domain.notifications.buttons import NO, YES
from integration.domain.notifications.kind import Notification, Subject, SubjectType, Variables, person_name
from integration.domain.text import Text


def request_variables(shop_name: str, place: str, at: datetime, language: str) -> Variables:
    """What a confirmation request says: who asks, and where and on which day the number was entered."""
    return {"shop": shop_name, "date": format_date(at, "medium", locale=language), "place": place}


def _request(subject: Subject) -> Variables:
    at = datetime.fromisoformat(subject.more["at"])
    return request_variables(subject.shop_name, subject.more["place"], at, subject.language)


def _greeted(subject: Subject) -> Variables:
    note = subject.more.get("note") or Text("Ein Gutschein für den Shop.", "A voucher for the shop.").in_(
        subject.language
    )
    return {"name": person_name(subject), "shop": subject.shop_name, "note": note}


def _alarm(subject: Subject) -> Variables:
    return {"shop": subject.shop_name, "alarm": subject.more["alarm"], "remedy": subject.more["remedy"]}


PEOPLE: tuple[Notification, ...] = (
    Notification(
        kind="birthday_voucher",
        purpose=Purpose.BIRTHDAY_VOUCHER,
        subject_type=SubjectType.PERSON,
        title=Text("Geburtstagsgutschein", "Birthday voucher"),
        when=Text(
            "jemand Geburtstag hat und das Datum bei der Anmeldung dafür genannt hat, einmal im Jahr",
            "somebody has their birthday and gave the date for this when signing up, once a year",
        ),
        expires_after=LATEST_WISHES,
        unless=lambda subject: "",
        variables=_greeted,
        voucher="must",
        offer=Offer(14, percent=Decimal(10)),
        bodies={
            ("de", "du"): "Hallo {{name}}, alles Gute zum Geburtstag wünscht dir {{shop}}! Unser Geschenk an dich: "
            "{{note}} Gib den Code einfach an der Kasse ein. Keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, alles Gute zum Geburtstag wünscht Ihnen {{shop}}! Unser Geschenk an "
            "Sie: {{note}} Geben Sie den Code einfach an der Kasse ein. Keine Werbung mehr? Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, we at {{shop}} wish you a happy birthday! Our gift to you: {{note}} Just enter "
            "the code at the checkout. No more offers? Reply STOP.",
        },
    ),
    Notification(
        kind="doi_request",
        purpose=Purpose.DOI_REQUEST,
        subject_type=SubjectType.PERSON,
        title=Text("Bitte um Bestätigung", "Confirmation request"),
        when=Text(
            "sich jemand per Formular oder an der Kasse für Werbung einträgt: die eine Frage, ob das stimmt",
            "somebody signs up for advertising with a form or at the checkout: the one question whether it was them",
        ),
        expires_after=timedelta(hours=1),
        starts_on=True,
        unless=lambda subject: "",
        variables=_request,
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
    Notification(
        kind="owner_alarm",
        purpose=Purpose.OWNER_ALARM,
        subject_type=SubjectType.PERSON,
        title=Text("Meldung an den Inhaber", "Alarm to the owner"),
        when=Text(
            "etwas Sie braucht, auf Ihr eigenes Telefon, wenn Sie es in [alarms.whatsapp] eingetragen haben",
            "something needs you, to your own phone, if you have entered it in [alarms.whatsapp]",
        ),
        expires_after=timedelta(hours=12),
        starts_on=True,
        unless=lambda subject: "",
        variables=_alarm,
        bodies={
            (
                "de",
                "du",
            ): "Hallo, hier ist Ladenbote von {{shop}} mit einer Meldung für dich: {{alarm}} Was zu tun ist: "
            "{{remedy}} Mehr dazu steht im Dashboard unter Alarme. Antworte mit STOP, wenn du hier keine Meldungen "
            "mehr möchtest.",
            ("de", "sie"): "Guten Tag, hier ist Ladenbote von {{shop}} mit einer Meldung für Sie: {{alarm}} Was zu tun "
            "ist: {{remedy}} Mehr dazu steht im Dashboard unter Alarme. Antworten Sie mit STOP, wenn Sie hier keine "
            "Meldungen mehr möchten.",
            ("en", ""): "Hello, this is Ladenbote of {{shop}} with an alarm for you: {{alarm}} What to do: {{remedy}} "
            "More stands in the dashboard under Alarms. Reply STOP if you want no more of these messages here.",
        },
    ),
)
