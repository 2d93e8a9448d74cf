"""Why a message went, waits or never left: one sentence for each reason code, in German and English.

Here are the codes of `decide` (docs/reference/law.md section 2); `operation_reasons` has what happened around a
decision.
"""

from collections.abc import Mapping

from integration.domain.messages.operation_reasons import OPERATIONS
from integration.domain.text import Text

_DECISIONS: Mapping[str, Text] = {
    "ok": Text("Darf gesendet werden.", "May be sent."),
    "no_consent": Text(
        "Für diese Art von Nachricht liegt keine WhatsApp-Einwilligung vor; eine Nummer in der "
        "Bestellung reicht nicht.",
        "There is no WhatsApp consent for this kind of message; a number in the order is not enough.",
    ),
    "not_confirmed": Text(
        "Die Nummer wurde eingetragen, aber noch nicht auf WhatsApp bestätigt.",
        "The number was entered but not yet confirmed on WhatsApp.",
    ),
    "confirmed_on_other_channel": Text(
        "Bestätigt wurde per E-Mail oder SMS; das beweist nichts über die WhatsApp-Nummer.",
        "The confirmation came by e-mail or SMS, which proves nothing about the WhatsApp number.",
    ),
    "confirmation_too_late": Text(
        "Die Bestätigung kam zu spät; die Person muss sich neu anmelden.",
        "The confirmation came too late; the person has to sign up again.",
    ),
    "not_informed": Text(
        "Das Stichwort kam, ohne dass der Einwilligungstext gezeigt wurde; zeigen Sie ihn und lassen Sie bestätigen.",
        "The keyword came without the consent wording having been shown; show it and ask for a confirmation.",
    ),
    "invalid_consent": Text(
        "Die Einwilligung ist unwirksam: vorangekreuzt, in den AGB versteckt, ohne WhatsApp zu nennen "
        "oder ohne gespeicherten Text.",
        "The consent is invalid: pre-ticked, hidden in the terms, not naming WhatsApp or without a stored wording.",
    ),
    "wrong_channel": Text(
        "Die Einwilligung gilt nur für E-Mail oder SMS, nicht für WhatsApp.",
        "The consent is for e-mail or SMS only, not for WhatsApp.",
    ),
    "wrong_controller": Text(
        "Die Einwilligung wurde einer anderen Firma gegeben.", "The consent was given to another company."
    ),
    "withdrawn": Text(
        "Die Einwilligung wurde widerrufen; nur die Person selbst kann sie neu geben.",
        "The consent was withdrawn; only the person can give it again.",
    ),
    "objected": Text(
        "Die Person hat der Werbung widersprochen; nur eine eigene Nachricht von ihrem Telefon hebt das auf.",
        "The person objected to advertising; only an own message from their phone lifts that.",
    ),
    # One code for two stories: a consent that is used up, and a message that could not leave in time.
    "expired": Text(
        "Abgelaufen: Die Nachricht käme zu spät, oder die Einwilligung dafür ist schon verbraucht.",
        "Expired: the message would come too late, or the consent for it is already used up.",
    ),
    "dormant": Text(
        "Die Einwilligung wurde so lange nicht genutzt, dass sie nicht mehr gilt; bitten Sie um eine neue Anmeldung.",
        "The consent was unused for so long that it no longer counts; ask for a new sign-up.",
    ),
    "unproven_import": Text(
        "Der Import enthält nicht alle Nachweise: Zeitpunkt, Wortlaut, Herkunft und die Bestätigung auf WhatsApp.",
        "The import lacks part of the evidence: time, wording, source and the confirmation on WhatsApp.",
    ),
    "suppressed": Text(
        "Die Person steht auf der Sperrliste und bekommt keine Nachrichten, bis sie sich selbst neu anmeldet.",
        "The person is on the suppression list and gets no messages until they sign up again themselves.",
    ),
    "restricted": Text(
        "Die Daten dieser Person sind auf ihren Wunsch eingeschränkt; bis zur Aufhebung wird nichts gesendet.",
        "This person's data are restricted at their request; nothing is sent until that is lifted.",
    ),
    "identity_mismatch": Text(
        "Die Nummer gehört jetzt zu einem anderen WhatsApp-Konto; erreichen Sie die Person auf anderem Weg.",
        "The number now belongs to another WhatsApp account; reach the person in another way.",
    ),
    "minor": Text("Die Person ist zu jung für Werbung.", "The person is too young for advertising."),
    "platform_stop": Text(
        "Die Person hat Werbung von Ihnen in WhatsApp selbst abgestellt.",
        "The person switched off your marketing in WhatsApp itself.",
    ),
    "meta_us_marketing_pause": Text(
        "Meta stellt Werbenachrichten an Nummern in den USA zurzeit nicht zu.",
        "Meta does not deliver marketing messages to US numbers at present.",
    ),
    "promotion_in_service_message": Text(
        "Eine Servicenachricht enthält Werbung; entfernen Sie sie, oder die Person muss Angeboten zustimmen.",
        "A service message contains advertising; remove it, or the person has to agree to offers.",
    ),
    "precondition_failed": Text(
        "Der Anlass besteht nicht mehr, zum Beispiel wurde inzwischen bezahlt, gekauft oder abgesagt.",
        "The occasion is gone, for example somebody has paid, bought or cancelled meanwhile.",
    ),
    "window_closed": Text(
        "Die letzte Nachricht der Person ist über 24 Stunden alt; jetzt geht nur eine genehmigte Vorlage.",
        "The person's last message is more than 24 hours old; only an approved template is possible now.",
    ),
    "text_is_marketing": Text(
        "Meta stuft diesen Text als Werbung ein, und Werbung hat die Person nicht zugestimmt.",
        "Meta classes this text as advertising, and the person has not agreed to advertising.",
    ),
    "template_flipped": Text(
        "Meta hat diesen Text als Werbung eingestuft; die Nachricht wartet, bis Sie unter Vorlagen entschieden haben.",
        "Meta has classed this text as advertising; the message waits until you have decided under Templates.",
    ),
    "template_not_approved": Text(
        "Meta hat die Vorlage nicht oder nicht mehr genehmigt; sehen Sie unter Vorlagen nach.",
        "Meta has not approved the template, or no longer does; look under Templates.",
    ),
    "template_category_mismatch": Text(
        "Werbung braucht eine Vorlage der Kategorie Marketing; Meta führt diese unter einer anderen.",
        "Advertising needs a template in the category Marketing; Meta lists this one in another.",
    ),
    "frequency_cap": Text(
        "Die Person hat gerade erst Werbung bekommen; Ihre Obergrenze ist erreicht.",
        "The person has just received marketing; your limit is reached.",
    ),
    "frequency_promise": Text(
        "Die im Einwilligungstext versprochene Zahl an Nachrichten ist erreicht.",
        "The number of messages promised in the consent wording is reached.",
    ),
    "cost_cap": Text(
        "Ihre Kostengrenze ist erreicht; Werbung wartet, bis wieder Platz ist oder Sie die Grenze anheben.",
        "Your cost limit is reached; marketing waits until there is room again or you raise the limit.",
    ),
    "cost_stop": Text(
        "Ihre harte Kostengrenze ist erreicht; alle Nachrichten warten, bis wieder Platz ist oder Sie sie anheben.",
        "Your hard cost limit is reached; all messages wait until there is room again or you raise it.",
    ),
    "quiet_hours": Text(
        "Bei der Person ist Ruhezeit; die Nachricht geht danach hinaus.",
        "It is quiet time where the person is; the message leaves afterwards.",
    ),
    "stale": Text(
        "Die Nachricht käme zu spät, um noch nützlich zu sein.",
        "The message would come too late to be useful.",
    ),
    "inbound_pending": Text(
        "Eine Nachricht der Person ist noch nicht gelesen; sie könnte STOP sagen.",
        "A message from the person has not been read yet; it might say STOP.",
    ),
    "ledger_integrity": Text(
        "Das Einwilligungsprotokoll ist beschädigt; Werbung ruht, bis jemand nachsieht.",
        "The consent ledger is damaged; marketing rests until somebody has looked.",
    ),
    "ledger_unavailable": Text(
        "Das Einwilligungsprotokoll ist gerade nicht lesbar; es wird von selbst erneut versucht.",
        "The consent ledger cannot be read at the moment; it is tried again by itself.",
    ),
    "already_confirmed": Text(
        "Die Abmeldung wurde in den letzten 24 Stunden schon bestätigt.",
        "The opt-out was already confirmed within the last 24 hours.",
    ),
    "already_requested": Text(
        "Die Bitte um Bestätigung wurde schon gesendet; eine Erinnerung ist nicht erlaubt.",
        "The confirmation request was already sent; a reminder is not allowed.",
    ),
}

REASONS: Mapping[str, Text] = {**_DECISIONS, **OPERATIONS}


def reason(code: str) -> Text:
    """The sentence for a code; an unknown one is named, so that support can look it up."""
    known = REASONS.get(code)
    return known or Text(f"Unbekannter Grund „{code}“.", f'Unknown reason "{code}".')
