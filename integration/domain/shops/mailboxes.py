"""What may be wrong with a mailbox, in plain words."""

from collections.abc import Mapping
from enum import StrEnum

from integration.domain.text import Text


class MailboxProblem(StrEnum):
    """Why a mailbox did not hand over its letters."""

    UNREACHABLE = "unreachable"
    TOKEN = "token"  # noqa: S105 - no secret, the name of a fault
    MOVED = "moved"
    MISSING = "missing"
    BROKEN = "broken"
    STRANGER = "stranger"


PROBLEMS: Mapping[MailboxProblem, Text] = {
    MailboxProblem.UNREACHABLE: Text(
        "Der Briefkasten ist nicht erreichbar. Stimmt seine Adresse, und ist er online?",
        "The mailbox cannot be reached. Is its address right, and is it online?",
    ),
    MailboxProblem.TOKEN: Text(
        "Der Briefkasten nimmt unser Token nicht an. Koppeln Sie den Shop neu, oder tragen Sie an beiden Stellen das "
        "gleiche Token ein.",
        "The mailbox does not accept our token. Pair the shop again, or write the same token in both places.",
    ),
    MailboxProblem.MOVED: Text(
        "Der Briefkasten ist umgezogen. Tragen Sie seine endgültige Adresse ein, oder koppeln Sie den Shop neu.",
        "The mailbox has moved. Write its final address into the settings, or pair the shop again.",
    ),
    MailboxProblem.MISSING: Text(
        "Unter dieser Adresse ist kein Briefkasten. Ist die Datei hochgeladen, oder das Plugin aktiv?",
        "There is no mailbox at this address. Is the file uploaded, or the plugin active?",
    ),
    MailboxProblem.BROKEN: Text(
        "Der Briefkasten meldet einen Fehler. Ist sein Token eingetragen, und darf er in seinen Ordner schreiben?",
        "The mailbox answers with an error. Is its token filled in, and is its folder writable?",
    ),
    MailboxProblem.STRANGER: Text(
        "Unter der Adresse des Briefkastens antwortet etwas, aber kein Briefkasten. Stimmt die Adresse?",
        "Something answered at the mailbox's address, but not a mailbox. Is the address right?",
    ),
}
