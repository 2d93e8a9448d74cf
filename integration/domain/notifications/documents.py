"""Invoices and other documents that belong to an order: the owner, or the shop's accounting, hands a PDF over."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from integration.domain.consent.consent import Purpose
from integration.domain.notifications.buttons import MUTE
from integration.domain.notifications.kind import Notification, Subject, SubjectType, Variables, order_words
from integration.domain.text import Text

KIND: Final = "document"
#: what a document may be: its name, and as the sentence needs it
DOCUMENTS: Final[Mapping[str, tuple[Text, Text]]] = {
    "invoice": (Text("Rechnung", "Invoice"), Text("die Rechnung", "the invoice")),
    "correction": (
        Text("Rechnungskorrektur", "Corrected invoice"),
        Text("die Rechnungskorrektur", "the corrected invoice"),
    ),
    "delivery_note": (Text("Lieferschein", "Delivery note"), Text("den Lieferschein", "the delivery note")),
    "other": (Text("Anderes Dokument", "Other document"), Text("ein Dokument", "a document")),
}


def _enclosed(subject: Subject) -> Variables:
    """`more` says what it is (`what`), under which name people save it (`file`), and where it lies (`enclosed`)."""
    _, words = DOCUMENTS.get(subject.more.get("what", ""), DOCUMENTS["other"])
    file = {name: subject.more[name] for name in ("file", "enclosed") if name in subject.more}
    return order_words(subject) | {"document": words.in_(subject.language)} | file


DOCUMENT: tuple[Notification, ...] = (
    Notification(
        kind=KIND,
        purpose=Purpose.ORDER_UPDATE,
        subject_type=SubjectType.ORDER,
        title=Text("Rechnung oder Dokument", "Invoice or document"),
        when=Text(
            "Sie zu einer Bestellung ein PDF geben, zum Beispiel die Rechnung",
            "you hand a PDF over for an order, for example the invoice",
        ),
        expires_after=timedelta(days=3),
        # An invoice is owed for an order that is over, too: only a test, or one from the counter, gets none.
        unless=lambda subject: "test_order" if subject.order["test"] else "",
        repeats=True,
        starts_on=True,
        encloses=True,
        variables=_enclosed,
        bodies={
            ("de", "du"): "Hallo {{name}}, zu deiner Bestellung {{order}} bei {{shop}} bekommst du hier {{document}} "
            "als PDF. Keine Infos mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, zu Ihrer Bestellung {{order}} bei {{shop}} bekommen Sie hier "
            "{{document}} als PDF. Keine Infos mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, here is {{document}} for your order {{order}} at {{shop}} as a PDF. "
            "No more updates? Reply STOP.",
        },
        buttons=((MUTE, Text("Dazu nichts mehr", "Mute this order")),),
    ),
)
