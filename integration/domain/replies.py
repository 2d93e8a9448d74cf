"""Free-form sentences to customers, inside the 24 h window that they opened (reference/law.md section 16)."""

from integration.domain.text import Text


def optout_done(company: str, everything: bool) -> Text:
    """The one confirmation after STOP: what ended, what goes on, how to end that too."""
    if everything:
        return Text(
            f"Erledigt: {company} schreibt dir nicht mehr von sich aus. Fragen kannst du hier jederzeit stellen.",
            f"Done: {company} will no longer write to you first. You can ask questions here at any time.",
        )
    return Text(
        f"Erledigt: Du bekommst von {company} keine Werbung mehr per WhatsApp. Infos zu deinen Bestellungen kommen "
        "weiter; auch diese beendest du mit STOP ALLES.",
        f"Done: no more advertising from {company} on WhatsApp. Order information continues; reply STOP ALL to end "
        "that too.",
    )
