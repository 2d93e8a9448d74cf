"""What is said about an appointment. A sweep calls for it (flow.appointments), no milestone."""

from datetime import datetime, timedelta

from babel.dates import format_datetime

from integration.domain.consent.consent import Purpose
from integration.domain.notifications.kind import Notification, Subject, SubjectType, Variables, person_name
from integration.domain.text import Text

_PATTERN = Text("EEEE, d. MMMM y, 'um' HH:mm 'Uhr'", "EEEE, d MMMM y, 'at' HH:mm")


def _starts_at(subject: Subject) -> datetime:
    return datetime.fromisoformat(subject.more["at"])


def _reminded(subject: Subject) -> Variables:
    """`more` holds what the appointment is (`what`), and when it begins, in the shop's own time (`at`)."""
    pattern, at = _PATTERN.in_(subject.language), _starts_at(subject)
    return {
        "name": person_name(subject),
        "shop": subject.shop_name,
        "what": subject.more["what"],
        "when": format_datetime(at, pattern, tzinfo=at.tzinfo, locale=subject.language),
    }


APPOINTMENTS: tuple[Notification, ...] = (
    Notification(
        kind="appointment_reminder",
        purpose=Purpose.APPOINTMENT_REMINDER,
        subject_type=SubjectType.APPOINTMENT,
        title=Text("Terminerinnerung", "Appointment reminder"),
        when=Text(
            "ein Termin bevorsteht, den Sie unter „Termine“ eingetragen haben, und nie nach seinem Beginn",
            "an appointment is near that you entered under “Appointments”, and never after it has begun",
        ),
        delay=timedelta(hours=24),
        delays=(timedelta(hours=2), timedelta(days=7)),
        counts_back=True,
        expires_after=timedelta(days=7),
        ends=lambda subject, at: _starts_at(subject),
        unless=lambda subject: "",
        variables=_reminded,
        bodies={
            (
                "de",
                "du",
            ): "Hallo {{name}}, wir erinnern dich: Am {{when}} hast du bei {{shop}} einen Termin. Eingetragen "
            "ist: {{what}}. Passt es doch nicht? Schreib uns einfach hier. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, wir erinnern Sie: Am {{when}} haben Sie bei {{shop}} einen Termin. "
            "Eingetragen ist: {{what}}. Passt es doch nicht? Schreiben Sie uns einfach hier. Keine Infos mehr? "
            "Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, a reminder: on {{when}} you have an appointment at {{shop}}. It says: {{what}}. "
            "Does it not suit you after all? Just write to us here. No more updates? Reply STOP.",
        },
    ),
)
