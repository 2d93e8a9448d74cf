"""What Meta says of a text, in plain words and with what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from integration.domain.templates.selection import Known, flipped
from integration.domain.templates.templates import Template
from integration.domain.text import Text


@dataclass(frozen=True, slots=True)
class State:
    """Where a text stands. `mood` is good, wait or bad; `remedy` says what to do, if anything."""

    code: str
    mood: str
    word: Text
    remedy: Text | None = None


_MISSING: Final = State(
    "MISSING",
    "wait",
    Text("wird eingereicht", "being submitted"),
    Text("Das dauert höchstens eine Minute.", "This takes a minute at most."),
)
_FLIPPED: Final = State(
    "FLIPPED",
    "bad",
    Text("pausiert: Meta nennt ihn Werbung", "paused: Meta calls it advertising"),
    Text("Entscheiden Sie unten, wie es weitergeht.", "Decide below how to go on."),
)
_EDIT: Final = Text("Ändern Sie den Text und reichen Sie ihn neu ein.", "Change the text and submit it again.")
_AGAIN: Final = Text(
    "Brauchen Sie ihn noch, reichen Sie ihn unten neu ein: Er bekommt einen neuen Namen, denn den alten sperrt Meta 30 "
    "Tage.",
    "If you still need it, submit it again below: it gets a new name, because Meta blocks the old one for 30 days.",
)
_BECOMES: Final = State(
    "WARNED",
    "bad",
    Text("genehmigt, aber bald Werbung", "approved, but soon advertising"),
    Text(
        "Meta führt diesen Text in höchstens 24 Stunden als Werbung; dann pausiert er. Reichen Sie jetzt einen "
        "sachlicheren ein, bis zur Genehmigung geht dieser weiter hinaus.",
        "Within 24 hours at most Meta lists this text as advertising; then it pauses. Submit a plainer one now: until "
        "that is approved, this one goes on.",
    ),
)
_STATES: Final[Mapping[str, State]] = {
    state.code: state
    for state in (
        State("APPROVED", "good", Text("genehmigt", "approved")),
        State(
            "PENDING",
            "wait",
            Text("Meta prüft", "Meta is reviewing it"),
            Text("Das dauert meist Minuten, höchstens einen Tag.", "This mostly takes minutes, a day at most."),
        ),
        State(
            "IN_APPEAL",
            "wait",
            Text("Einspruch läuft", "appeal pending"),
            Text("Meta entscheidet meist in ein bis zwei Tagen.", "Meta mostly decides within one or two days."),
        ),
        State(
            "REJECTED",
            "bad",
            Text("abgelehnt", "rejected"),
            Text(
                "Ändern Sie den Text und reichen Sie ihn neu ein. Irrt Meta, widersprechen Sie im WhatsApp Manager.",
                "Change the text and submit it again. If Meta is wrong, appeal in WhatsApp Manager.",
            ),
        ),
        State(
            "PUT_OFF",
            "wait",
            Text("wartet: wird bald noch einmal eingereicht", "waits: will soon be submitted again"),
            Text(
                "Meta nahm ihn gerade nicht an, etwa weil diese Stunde schon 100 neue Texte kamen. Ladenbote reicht "
                "ihn von selbst nach.",
                "Meta did not take it just now, because 100 new texts came within the hour, for example. Ladenbote "
                "submits it later by itself.",
            ),
        ),
        State("REFUSED", "bad", Text("von Meta nicht angenommen", "not taken by Meta"), _EDIT),
        State(
            "PAUSED",
            "bad",
            Text("von Meta pausiert", "paused by Meta"),
            Text(
                "Zu viele haben die Nachricht gemeldet oder blockiert. Beim ersten Mal gibt Meta sie nach 3 Stunden "
                "wieder frei, beim zweiten nach 6; beim dritten schaltet Meta sie ab. Fassen Sie sie klarer.",
                "Too many people reported or blocked the message. The first time Meta releases it after 3 hours, the "
                "second time after 6; the third time Meta switches it off. Make it clearer.",
            ),
        ),
        State(
            "DISABLED",
            "bad",
            Text("von Meta abgeschaltet", "switched off by Meta"),
            Text(
                "Dieser Text kommt nicht wieder. Schreiben Sie einen neuen, den niemand als lästig meldet.",
                "This text will not come back. Write a new one that nobody reports as a nuisance.",
            ),
        ),
        State(
            "FLAGGED",
            "bad",
            Text("verwarnt: schlechte Qualität", "warned: low quality"),
            Text(
                "Bessert sich das nicht in sieben Tagen, schaltet Meta den Text ab.",
                "Unless this gets better within seven days, Meta switches the text off.",
            ),
        ),
        State(
            "LIMIT_EXCEEDED",
            "bad",
            Text("zu viele Vorlagen im Konto", "too many templates in the account"),
            Text("Löschen Sie im WhatsApp Manager alte Vorlagen.", "Delete old templates in WhatsApp Manager."),
        ),
        State(
            "ARCHIVED",
            "bad",
            Text("archiviert", "archived"),
            Text("Holen Sie ihn im WhatsApp Manager zurück.", "Bring it back in WhatsApp Manager."),
        ),
        State("PENDING_DELETION", "bad", Text("wird gelöscht", "being deleted"), _AGAIN),
        State("DELETED", "bad", Text("gelöscht", "deleted"), _AGAIN),
        State(
            "CHANGED",
            "bad",
            Text("bei Meta geändert: geht nicht hinaus", "changed at Meta: does not leave"),
            Text(
                "Jemand hat den Text im WhatsApp Manager so geändert, dass Angaben fehlen oder er wirbt. Reichen Sie "
                "Ihren Text unten neu ein.",
                "Somebody changed the text in WhatsApp Manager so that details are missing or that it advertises. "
                "Submit your text again below.",
            ),
        ),
    )
}
#: our own word for it: a partner has no way to hand pictures for templates over
NO_SAMPLES: Final = "NO_SAMPLES"
#: and these, for what Meta says when it does not even take a text, or before it changes something
TOO_MANY: Final = "TOO_MANY"
NAME_BLOCKED: Final = "NAME_BLOCKED"
NAME_TAKEN: Final = "NAME_TAKEN"
TOO_LONG: Final = "TOO_LONG"
BECOMES_MARKETING: Final = "BECOMES_MARKETING"
#: Meta's codes for a rejection or a pause, and ours: what they mean, and what helps
REASONS: Final[Mapping[str, Text]] = {
    "NONE": Text(
        "Meta nennt keinen Grund. Meist hilft ein kürzerer, sachlicher Text.",
        "Meta gives no reason. A shorter, plainer text mostly helps.",
    ),
    "FIRST_PAUSE": Text(
        "Erste Pause: Meta gibt sie nach 3 Stunden wieder frei.", "First pause: Meta releases it after 3 hours."
    ),
    "SECOND_PAUSE": Text(
        "Zweite Pause: Meta gibt sie nach 6 Stunden wieder frei. Beim nächsten Mal wird sie abgeschaltet.",
        "Second pause: Meta releases it after 6 hours. The next time it is switched off.",
    ),
    "RATE_LIMITING_PAUSE": Text(
        "Meta hat sie beim Anlaufen angehalten, weil die ersten Nachrichten schlecht ankamen. Sie können sie freigeben "
        "lassen.",
        "Meta stopped it while it started, because people did not like the first messages. You can have it released.",
    ),
    TOO_MANY: Text(
        "Im WhatsApp-Konto ist kein Platz für weitere Vorlagen: Meta erlaubt 250, nach der Verifizierung Ihres "
        "Unternehmens 6.000. Löschen Sie im WhatsApp Manager alte, oder lassen Sie Ihr Unternehmen verifizieren.",
        "The WhatsApp account has no room for further templates: Meta allows 250, and 6,000 once your business is "
        "verified. Delete old ones in WhatsApp Manager, or have your business verified.",
    ),
    NAME_BLOCKED: Text(
        "Jemand hat diesen Text im WhatsApp Manager gelöscht.", "Somebody deleted this text in WhatsApp Manager."
    ),
    NAME_TAKEN: Text(
        "Unter diesem Namen hat Meta schon einen Text in dieser Sprache.",
        "Meta has a text in this language under this name already.",
    ),
    TOO_LONG: Text("Ein Teil des Textes ist zu lang.", "A part of the text is too long."),
    BECOMES_MARKETING: Text(
        "Meta hat angekündigt, ihn als Werbung zu führen.", "Meta has announced that it will list it as advertising."
    ),
    "INVALID_FORMAT": Text(
        "Die Form stimmt nicht: meist stehen Platzhalter am Rand, nebeneinander, oder es sind zu viele.",
        "The form is wrong: mostly variables stand at an edge or side by side, or there are too many.",
    ),
    "TAG_CONTENT_MISMATCH": Text(
        "Inhalt und Kategorie passen nicht zusammen: Der Text klingt nach Werbung. Lassen Sie weg, was wirbt.",
        "Content and category do not match: the text reads like advertising. Leave out what advertises.",
    ),
    "INCORRECT_CATEGORY": Text(
        "Inhalt und Kategorie passen nicht zusammen: Der Text klingt nach Werbung. Lassen Sie weg, was wirbt.",
        "Content and category do not match: the text reads like advertising. Leave out what advertises.",
    ),
    "PROMOTIONAL": Text(
        "Meta liest Werbung heraus. Beschränken Sie sich auf die Bestellung.",
        "Meta reads advertising in it. Keep to the order.",
    ),
    "ABUSIVE_CONTENT": Text(
        "Meta hält den Inhalt für bedrohlich oder beleidigend. Formulieren Sie freundlicher.",
        "Meta finds the content threatening or offensive. Word it in a friendlier way.",
    ),
    NO_SAMPLES: Text(
        "Ihr WhatsApp-Partner nimmt hier keine Bilder und PDFs für Vorlagen an. Hat er einen Weg dafür (bei 360dialog "
        "/uploads), tragen Sie ihn bei der Nummer als uploads_path ein. Bis dahin geht der Text ohne Bild hinaus; "
        "Rechnungen als PDF gehen nicht.",
        "Your WhatsApp partner takes no pictures and PDFs for templates here. If it has a way for them (/uploads at "
        "360dialog), enter it with the number as uploads_path. Until then the text goes out without picture; invoices "
        "as PDF do not.",
    ),
    "SCAM": Text(
        "Meta hält den Text für Betrug. Nennen Sie Ihren Shop und fragen Sie nicht nach Daten oder Geld.",
        "Meta takes the text for a scam. Name your shop, and do not ask for data or money.",
    ),
}


def state_of(template: Template, known: Known | None) -> State:
    """Where a text stands."""
    if known is None:
        return _MISSING
    if known.status == "APPROVED" and flipped(template, known):
        return _FLIPPED
    if known.status == "APPROVED" and known.reason == BECOMES_MARKETING and template.category != "MARKETING":
        return _BECOMES
    if known.reason == TOO_MANY:
        return _STATES["LIMIT_EXCEEDED"]
    if known.reason == NAME_BLOCKED:
        return _STATES["DELETED"]
    return _STATES.get(known.status) or State(known.status, "wait", Text(known.status, known.status))


def rejection(reason: str, language: str) -> str:
    """Meta's reason in plain words; what is no code of Meta's is shown as it is."""
    found = REASONS.get(reason)
    return found.in_(language) if found else reason
