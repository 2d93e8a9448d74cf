"""Free-form sentences to customers, inside the 24 h window that they opened (docs/reference/law.md section 16)."""

from dataclasses import dataclass

from integration.domain.notifications import buttons
from integration.domain.text import Text


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in German du and Sie and in English, with quick replies: (payload, title)."""

    du: str
    sie: str
    en: str
    buttons: tuple[tuple[str, Text], ...] = ()

    def in_(self, language: str, address: str) -> str:
        """The words in `language`; German in the `address` du or sie."""
        return Text(self.du if address == "du" else self.sie, self.en).in_(language)

    def titled(self, language: str) -> list[list[str]] | None:
        """The buttons as a message stores them, None without any."""
        return [[payload, title.in_(language)] for payload, title in self.buttons] or None


def optout_done(company: str, everything: bool) -> Reply:
    """The one confirmation after STOP: what ended, what goes on, how to end that too."""
    if everything:
        return Reply(
            f"Erledigt: {company} schreibt dir nicht mehr von sich aus. Fragen kannst du hier jederzeit stellen.",
            f"Erledigt: {company} schreibt Ihnen nicht mehr von sich aus. Fragen können Sie hier jederzeit stellen.",
            f"Done: {company} will no longer write to you first. You can ask questions here at any time.",
        )
    return Reply(
        f"Erledigt: Du bekommst von {company} keine Werbung mehr per WhatsApp. Infos zu deinen Bestellungen kommen "
        "weiter; auch diese beendest du mit STOP ALLES.",
        f"Erledigt: Sie bekommen von {company} keine Werbung mehr per WhatsApp. Infos zu Ihren Bestellungen kommen "
        "weiter; auch diese beenden Sie mit STOP ALLES.",
        f"Done: no more advertising from {company} on WhatsApp. Order information continues; reply STOP ALL to end "
        "that too.",
    )


#: the one question after a text that may be a STOP (docs/reference/law.md section 13, `ask`)
MEANT_STOP = Reply(
    "Möchtest du keine Werbung mehr, oder geht es um etwas anderes? Bis du antwortest, senden wir dir keine Werbung.",
    "Möchten Sie keine Werbung mehr, oder geht es um etwas anderes? Bis Sie antworten, senden wir Ihnen keine Werbung.",
    "No more offers, or is it about something else? Until you answer we send you no advertising.",
    (
        (buttons.OPT_OUT_MARKETING, Text("Keine Werbung mehr", "No more offers")),
        (buttons.KEEP, Text("Etwas anderes", "Something else")),
    ),
)

#: after a wish to be deleted: everything is stopped already, deletion cannot be undone (docs/reference/law.md section
#: 8)
DELETE_EVERYTHING = Reply(
    "Wir schreiben dir ab jetzt nicht mehr. Sollen wir auch alles löschen, was hier über dich gespeichert ist? Wir "
    "behalten dann nur einen Nachweis und einen unlesbaren Sperreintrag, damit dir niemand versehentlich wieder "
    "schreibt. Nach dem Löschen bekommst du keine weitere Nachricht, auch nicht zu laufenden Bestellungen.",
    "Wir schreiben Ihnen ab jetzt nicht mehr. Sollen wir auch alles löschen, was hier über Sie gespeichert ist? Wir "
    "behalten dann nur einen Nachweis und einen unlesbaren Sperreintrag, damit Ihnen niemand versehentlich wieder "
    "schreibt. Nach dem Löschen bekommen Sie keine weitere Nachricht, auch nicht zu laufenden Bestellungen.",
    "From now on we do not write to you. Shall we also delete everything stored here about you? We then keep only a "
    "proof and an unreadable block entry, so that nobody writes to you by mistake. After that you get no further "
    "message, not even about open orders.",
    (
        (buttons.ERASE, Text("Ja, alles löschen", "Yes, delete it")),
        (buttons.KEEP_DATA, Text("Nein", "No")),
    ),
)


def signed_up(company: str) -> Reply:
    """After an opt-in from the person's own phone."""
    return Reply(
        f"Danke, du bist bei {company} angemeldet. Abmelden kannst du dich jederzeit mit STOP.",
        f"Danke, Sie sind bei {company} angemeldet. Abmelden können Sie sich jederzeit mit STOP.",
        f"Thank you, you are signed up with {company}. Reply STOP at any time to end it.",
    )


def offer(wording: str) -> Reply:
    """After a bare START: nobody agrees to what was not shown (docs/reference/law.md section 5)."""
    return Reply(
        f"Schön, dass du dabei sein möchtest. Bitte lies das und bestätige mit dem Knopf:\n\n{wording}",
        f"Schön, dass Sie dabei sein möchten. Bitte lesen Sie das und bestätigen Sie mit dem Knopf:\n\n{wording}",
        f"Good to have you. Please read this and confirm with the button:\n\n{wording}",
        ((buttons.YES, Text("Ja, anmelden", "Yes, sign me up")), (buttons.NO, Text("Nein", "No"))),
    )
