"""WARUM: recognising the question why somebody got a message, and the true answer in words."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from integration.domain.consent.optout import fold
from integration.domain.text import Text

#: of the wording, so that the answer stays below WhatsApp's 4,096 characters
LONGEST_WORDING = 2000
_WHAT = (
    r"(?:das|dies|diese|solche|eure|ihre|euch|nachricht\w*|werbung\w*|whatsapp\w*|messages?|this|these|texts?|mir|me)"
)
_WHY = re.compile(
    rf"^(?:hallo |hi )?(?:warum|wieso|weshalb|why)(?: (?:ich|me|das|denn))?$"
    rf"|^(?:hallo |hi )?(?:warum|wieso|weshalb) (?:bekomme|erhalte|kriege) ich (?!kein)(?:\w+ ){{0,3}}{_WHAT}\b"
    rf"|^(?:hallo |hi )?(?:warum|wieso|weshalb) (?:schreib\w*|schick\w*|send\w*) (?:ihr|sie|du) (?:mir|uns) (?!kein)"
    rf"|^(?:warum|wieso|weshalb) (?:schreib\w*|schick\w*|send\w*) (?:ihr|sie|du) (?:mir|uns)$"
    rf"|^why (?:am i|do i|did i|are you) (?!not)(?:\w+ ){{0,3}}{_WHAT}\b"
    rf"|\b(?:woher|wo) (?:habt|haben|hast) (?:ihr|sie|du) (?:meine|diese) nummer\b"
    rf"|\bwhere did you get my number\b"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a message rested on, as far as it is known: consent and its source, the wording, the event.

    `when`: in which case this kind of message is sent, for those that no event of the shop called for.
    `confirmed_at`: the double opt-in. `asks`: the message itself asked for a confirmation of the consent.
    """

    title: Text
    sent_at: datetime
    template: str
    rules: str
    order_number: str = ""
    event: Text | None = None
    event_at: datetime | None = None
    when: Text | None = None
    agreed_at: datetime | None = None
    source: Text | None = None
    wording: str = ""
    confirmed_at: datetime | None = None
    asks: bool = False


def asks_why(text: str) -> bool:
    """Whether a text asks why it was written to: WARUM, "Wieso schreibt ihr mir?", "Where did you get my number?"."""
    return _WHY.search(fold(text)) is not None


def nothing_sent() -> Text:
    """The answer to who got no message yet."""
    return Text("Wir haben an diese Nummer noch keine Nachricht geschickt.", "We have sent this number no message yet.")


def answer(ground: Ground, company: str, language: str, zone: ZoneInfo) -> str:
    """The chain behind the last message in plain words: event, consent, wording, rule, template."""

    def at(moment: datetime) -> str:
        return format_datetime(moment.astimezone(zone), "dd.MM.yyyy HH:mm", locale=language)

    parts = [
        Text(
            f"Die letzte Nachricht: „{ground.title.de}“ vom {at(ground.sent_at)}, von {company}.",
            f'The last message: "{ground.title.en}" of {at(ground.sent_at)}, from {company}.',
        ),
        _occasion(ground, at(ground.event_at) if ground.event_at else ""),
        _consent(ground, at(ground.agreed_at) if ground.agreed_at else ""),
        _confirmed(at(ground.confirmed_at) if ground.confirmed_at else ""),
        Text(
            f"Geprüft nach Regelstand {ground.rules}, Vorlage {ground.template or 'freier Text'}.",
            f"Checked by the rules of {ground.rules}, template {ground.template or 'free text'}.",
        ),
        Text("Keine Nachrichten mehr: STOP ALLES.", "No more messages: STOP ALL."),
    ]
    return "\n".join(part.in_(language) for part in parts if part.de)


def _occasion(ground: Ground, at: str) -> Text:
    order = (f" zu Bestellung {ground.order_number}", f" of order {ground.order_number}")
    if ground.event is None:
        when = ground.when
        return (
            Text(f"Anlass: Sie kommt, wenn {when.de}.", f"Occasion: it comes when {when.en}.") if when else Text("", "")
        )
    known = order if ground.order_number else ("", "")
    return Text(f"Anlass: {ground.event.de}{known[0]}, {at}.", f"Occasion: {ground.event.en}{known[1]}, {at}.")


def _consent(ground: Ground, at: str) -> Text:
    if ground.source is None:
        return Text(
            "Sie war die Antwort auf eine eigene Nachricht und brauchte keine Einwilligung.",
            "It answered a message from this number and needed no consent.",
        )
    shown = ground.wording[:LONGEST_WORDING]
    if ground.asks:
        return Text(
            f"Diese Nummer wurde am {at} {ground.source.de} angemeldet. Die Nachricht fragte einmal, ob das stimmt. "
            "Ohne Bestätigung kommt keine Werbung.",
            f"This number was signed up {ground.source.en} on {at}. The message asked once whether that is right. "
            "Without a confirmation there is no advertising.",
        )
    words = (f" zu diesem Text: „{shown}“", f' to this text: "{shown}"') if shown else ("", "")
    return Text(
        f"Grundlage: Einwilligung vom {at} ({ground.source.de}){words[0]}",
        f"Basis: consent of {at} ({ground.source.en}){words[1]}",
    )


def _confirmed(at: str) -> Text:
    if not at:
        return Text("", "")
    return Text(f"Bestätigt auf WhatsApp am {at}.", f"Confirmed on WhatsApp on {at}.")
