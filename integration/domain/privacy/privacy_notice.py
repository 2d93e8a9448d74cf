"""The paragraph on WhatsApp for a privacy notice (GDPR Art. 13). A lawyer has to check it.

See docs/reference/law.md section 9.
"""

from collections.abc import Collection

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.wordings import KINDS, MARKETING_SCOPES
from integration.domain.text import Text

_SERVICE = Text("Nachrichten zu Ihren Bestellungen", "messages about your orders")


def privacy_notice(company: str, purposes: Collection[str], per_month: int, language: str) -> str:
    """The paragraphs, a blank line between them; the company is named with its town."""
    return "\n\n".join(part.in_(language) for part in _parts(company, purposes, per_month))


def _parts(company: str, purposes: Collection[str], per_month: int) -> list[Text]:
    marketing = any(scope in MARKETING_SCOPES for scope in purposes)
    parts = [Text("Nachrichten per WhatsApp", "Messages on WhatsApp"), _what(company, purposes, marketing, per_month)]
    parts += [_basis(marketing), _recipients(), _evidence(), _end(company)]
    return parts


def _what(company: str, purposes: Collection[str], marketing: bool, per_month: int) -> Text:
    kinds = [KINDS[scope] for scope in MARKETING_SCOPES if scope in purposes]
    kinds += [_SERVICE] if SERVICE_SCOPE in purposes else []
    limit = Text(
        f" Werbung bekommen Sie höchstens {per_month}-mal im Monat. Damit sie zu Ihnen passt, werten wir Ihre "
        "Bestellungen bei uns aus.",
        f" You get advertising at most {per_month} times a month. To make it fit, we look at your orders with us.",
    )
    return Text(
        f"Wenn Sie eingewilligt haben, schickt Ihnen {company} über WhatsApp: "
        f"{'; '.join(kind.de for kind in kinds)}.{limit.de if marketing else ''} Wir verarbeiten dafür Ihre "
        "Telefonnummer, Ihre WhatsApp-Kennung, Ihren Namen, den Anlass der Nachricht (zum Beispiel die Bestellung) und "
        "ob die Nachricht ankam.",
        f"If you have agreed, {company} sends you on WhatsApp: {'; '.join(kind.en for kind in kinds)}."
        f"{limit.en if marketing else ''} For that we process your phone number, your WhatsApp id, your name, what the "
        "message is about (for example the order) and whether it arrived.",
    )


def _basis(marketing: bool) -> Text:
    german, english = " und § 7 Abs. 2 Nr. 2 UWG", " and section 7(2) no. 2 UWG"
    return Text(
        f"Rechtsgrundlage ist Ihre Einwilligung (Art. 6 Abs. 1 lit. a DSGVO{german if marketing else ''}). Sie ist "
        "freiwillig; für einen Kauf brauchen Sie sie nicht. Antworten auf Ihre Fragen im Chat beruhen auf Art. 6 "
        "Abs. 1 "
        "lit. b oder f DSGVO.",
        f"The legal basis is your consent (GDPR Art. 6(1)(a){english if marketing else ''}). It is optional; you do "
        "not "
        "need it for a purchase. Answers to your questions in the chat rest on GDPR Art. 6(1)(b) or (f).",
    )


def _recipients() -> Text:
    return Text(
        "Empfänger ist die WhatsApp Ireland Ltd., Merrion Road, Dublin 4, D04 X2K5, Irland, die die Nachrichten für "
        "uns "
        "zustellt. Dabei können Daten an die Meta Platforms, Inc. in die USA gelangen; Grundlage sind der "
        "Angemessenheitsbeschluss zum EU-US Data Privacy Framework und ersatzweise Standardvertragsklauseln. Für Ihr "
        "WhatsApp-Konto selbst ist WhatsApp verantwortlich.",
        "The recipient is WhatsApp Ireland Ltd., Merrion Road, Dublin 4, D04 X2K5, Ireland, which delivers the "
        "messages "
        "for us. Data may reach Meta Platforms, Inc. in the USA; this rests on the adequacy decision for the EU-US "
        "Data "
        "Privacy Framework and, failing that, on standard contractual clauses. For your WhatsApp account itself "
        "WhatsApp "
        "is responsible.",
    )


def _evidence() -> Text:
    return Text(
        "Wir protokollieren, wann, wie und zu welchem Wortlaut Sie eingewilligt haben und wann Sie widerrufen, weil "
        "wir "
        "die Einwilligung nachweisen müssen (Art. 7 Abs. 1 DSGVO). Anmeldungen, die nicht auf WhatsApp bestätigt "
        "werden, "
        "löschen wir nach 30 Tagen. Den Nachweis bewahren wir bis zum Ende des dritten Jahres nach Ihrem Widerruf auf.",
        "We record when, how and to which wording you agreed, and when you withdraw, because we have to prove the "
        "consent "
        "(GDPR Art. 7(1)). Sign-ups that are not confirmed on WhatsApp are deleted after 30 days. We keep the proof "
        "until "
        "the end of the third year after your withdrawal.",
    )


def _end(company: str) -> Text:
    return Text(
        "Sie können die Einwilligung jederzeit für die Zukunft widerrufen, am einfachsten mit STOP im Chat (STOP ALLES "
        f"beendet auch die Nachrichten zu Bestellungen), aber auch formlos gegenüber {company}. Sie haben das Recht "
        "auf "
        "Auskunft, Berichtigung, Löschung, Einschränkung, Übertragbarkeit und Widerspruch sowie auf Beschwerde bei "
        "einer "
        "Aufsichtsbehörde.",
        "You can withdraw your consent at any time for the future, most easily by replying STOP (STOP ALL also ends "
        f"messages about orders), but also informally towards {company}. You have the right of access, rectification, "
        "erasure, restriction, portability and objection, and to complain to a supervisory authority.",
    )
