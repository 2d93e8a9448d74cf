"""Reconciliation: what became of an order, in one word, and whether that word explains anything.

An order is reached when a message about it was taken by WhatsApp; else its message, its events or its own state name a
reason. What is left has no reason, and that is a gap: a fault of ours, of the connection, or of a machine that stood.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from integration.domain.hot_dataclass import lean
from integration.domain.messages.reasons import reason
from integration.domain.messages.status import COUNTED, WAITING, MessageStatus
from integration.domain.shops.facts import LIVE
from integration.domain.text import Text

#: so long after it came in, an event is answered, and so long after its end a message has left its queue
PATIENCE = timedelta(minutes=15)
REACHED = "reached"
#: outcomes of events that do not speak of a message
_SILENT = frozenset({"no_notification", "message"})


@lean
class Told:
    """One event of an order: when it came in, and what it led to (None while nobody has answered it)."""

    received_at: datetime
    outcome: str | None
    answered: bool


@lean
class Written:
    """One message about an order."""

    status: str
    reason: str | None
    expires_at: datetime
    status_at: datetime


def explained(status: str, told: Sequence[Told], written: Sequence[Written], now: datetime) -> str:
    """Why this order got its messages or none: `REACHED`, one of `EXPLANATIONS`, or a reason code with its sentence."""
    if fault := _fault(told, written, now):
        return fault
    if any(message.status in COUNTED for message in written):
        return REACHED
    if written:
        return _reason(written[0])
    return _silence(status, told)


def _fault(told: Sequence[Told], written: Sequence[Written], now: datetime) -> str:
    if any(event.outcome == "poison" for event in told):
        return "poison"
    waits = [event for event in told if not event.answered and event.outcome is None]
    if any(now - event.received_at > PATIENCE for event in waits):
        return "unanswered"
    return "stuck" if any(_is_stuck(message, now) for message in written) else ""


def _is_stuck(message: Written, now: datetime) -> bool:
    if message.status in WAITING:
        return now - message.expires_at > PATIENCE
    return message.status == MessageStatus.SENDING and now - message.status_at > PATIENCE


def _reason(message: Written) -> str:
    return message.reason or ("waiting" if message.status in WAITING else message.status)


def _silence(status: str, told: Sequence[Told]) -> str:
    """Without a message the events must say why; an order that was never live tells nobody anything."""
    reasons = [event.outcome for event in told if event.outcome and event.outcome not in _SILENT]
    if reasons:
        return reasons[0]
    if any(event.outcome == "message" for event in told):
        return "lost"
    if any(not event.answered for event in told):
        return "waiting"
    if told:
        return "no_notification"
    return "no_event" if status in LIVE else "not_placed"


#: what each gap is, and what to do about it
EXPLANATIONS: Mapping[str, tuple[Text, Text]] = {
    "no_event": (
        Text(
            "Die Bestellung ist bekannt, aber niemand hat auf sie reagiert.", "The order is known, but nobody reacted."
        ),
        Text("Das ist ein Fehler bei uns: Bitte melden Sie ihn.", "That is a fault of ours: please report it."),
    ),
    "unanswered": (
        Text(
            "Die Bestellung wartet seit über einer Viertelstunde auf ihre Bearbeitung.",
            "The order has been waiting to be processed for more than a quarter of an hour.",
        ),
        Text(
            "Läuft Ladenbote? Unter Eingang steht, woran es hängt.",
            "Is Ladenbote running? Received says what it is stuck on.",
        ),
    ),
    "poison": (
        Text("Die Bearbeitung scheiterte mehrmals und ruht.", "Processing failed several times and rests."),
        Text(
            "Der Fehler steht unter Eingang; bitte melden Sie ihn.",
            "The error stands under Received; please report it.",
        ),
    ),
    "stuck": (
        Text(
            "Eine Nachricht steht in der Schlange, obwohl ihre Zeit vorbei ist.",
            "A message is still in the queue although its time is over.",
        ),
        Text(
            "Läuft der Versand? Unter Shops & Nummern steht, ob die Nummer pausiert.",
            "Is sending running? Shops & numbers says whether the number is paused.",
        ),
    ),
    "lost": (
        Text("Eine Nachricht sollte entstehen, aber es gibt sie nicht.", "A message should exist, but there is none."),
        Text("Das ist ein Fehler bei uns: Bitte melden Sie ihn.", "That is a fault of ours: please report it."),
    ),
}
_WORDS: Mapping[str, Text] = {
    REACHED: Text("Nachricht von WhatsApp angenommen", "Message accepted by WhatsApp"),
    "waiting": Text("wartet noch auf ihre Zeit", "still waits for its time"),
    "not_placed": Text("Die Bestellung wurde nie abgeschlossen.", "The order was never completed."),
    MessageStatus.CANCELLED: Text("Die Nachricht wurde überflüssig.", "The message became pointless."),
    MessageStatus.FAILED: Text("WhatsApp konnte nicht zustellen.", "WhatsApp could not deliver."),
}


#: reasons that explain nothing
GAPS = frozenset(EXPLANATIONS)


def sentence(code: str) -> Text:
    """What became of an order, in words."""
    if code in EXPLANATIONS:
        return EXPLANATIONS[code][0]
    return _WORDS.get(code) or reason(code)
