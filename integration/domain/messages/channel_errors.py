"""Meta's error codes in the owner's words: what happened, and what to do. What Ladenbote does: connectors/whatsapp.

Meanings: docs/reference/whatsapp.md section 5. Codes below 600 that Meta does not use are HTTP statuses of somebody
between us and Meta.
"""

from collections.abc import Mapping

from integration.domain.hot_dataclass import lean
from integration.domain.text import Text


@lean
class Explanation:
    """What happened, and the next step."""

    what: Text
    todo: Text


def _of(de: str, en: str, todo_de: str, todo_en: str) -> Explanation:
    return Explanation(Text(de, en), Text(todo_de, todo_en))


_NOTHING = (
    "Sie müssen nichts tun; Ladenbote versucht es von selbst wieder.",
    "There is nothing for you to do; Ladenbote tries again by itself.",
)
_SUPPORT = (
    "Das ist vermutlich ein Fehler in Ladenbote: Melden Sie ihn mit dieser Nummer.",
    "This is probably a fault in Ladenbote: report it with this number.",
)
_EDIT_TEMPLATE = (
    "Sehen Sie unter Vorlagen nach, bessern Sie den Text nach und reichen Sie ihn neu ein.",
    "Look under Templates, put the text right and submit it again.",
)
_OTHER_WAY = ("Erreichen Sie die Person auf anderem Weg.", "Reach the person in another way.")

_TOKEN = _of(
    "Der Zugangsschlüssel zu WhatsApp ist ungültig oder abgelaufen. Die Nummer pausiert.",
    "The access token for WhatsApp is invalid or has expired. The number is paused.",
    "Erstellen Sie bei Meta für einen Systemnutzer einen neuen, dauerhaften Schlüssel und tragen Sie ihn ein.",
    "Make a new, permanent token for a system user at Meta and enter it.",
)
_PERMISSION = _of(
    "Dem Zugangsschlüssel fehlt eine Berechtigung. Die Nummer pausiert.",
    "The access token lacks a permission. The number is paused.",
    "Geben Sie dem Systemnutzer bei Meta die Rechte whatsapp_business_messaging und whatsapp_business_management "
    "und Zugriff auf dieses WhatsApp-Konto.",
    "At Meta, give the system user the permissions whatsapp_business_messaging and whatsapp_business_management, "
    "and access to this WhatsApp account.",
)
_TEMPORARY = _of("WhatsApp war kurz gestört.", "WhatsApp was disturbed for a moment.", *_NOTHING)
_TOO_MANY_CALLS = _of(
    "Meta bekam zu viele Anfragen auf einmal; das Konto ruht einige Minuten.",
    "Meta got too many requests at once; the account rests for some minutes.",
    *_NOTHING,
)
_PAYLOAD = _of(
    "WhatsApp hält die Nachricht für falsch aufgebaut.", "WhatsApp says that the message is badly formed.", *_SUPPORT
)
_UNREGISTERED = _of(
    "Die Nummer ist bei WhatsApp nicht angemeldet. Sie pausiert.",
    "The number is not registered with WhatsApp. It is paused.",
    "Melden Sie die Nummer im WhatsApp-Manager von Meta an (mit ihrer PIN).",
    "Register the number in Meta's WhatsApp Manager (with its PIN).",
)
_PARAMETERS = _of(
    "Die Vorlage bei Meta hat andere Platzhalter als die Nachricht. Alles mit dieser Vorlage ruht.",
    "The template at Meta has other placeholders than the message. Everything with this template rests.",
    "Vergleichen Sie die Vorlage unter Vorlagen mit der bei Meta, reichen Sie sie neu ein und geben Sie sie frei.",
    "Compare the template under Templates with the one at Meta; submit it again and let it go on.",
)
_FLOW = _of(
    "Das Formular (Flow) in der Vorlage ist bei Meta gesperrt oder gebremst. Alles mit dieser Vorlage ruht.",
    "The form (flow) in the template is blocked or slowed down at Meta. Everything with this template rests.",
    "Öffnen Sie das Formular im WhatsApp-Manager und beheben Sie, was dort steht.",
    "Open the form in the WhatsApp Manager and put right what it says there.",
)
_WRONG_DOOR = _of(
    "Meta nimmt diese Nachricht über diese Schnittstelle nicht an.",
    "Meta does not take this message through this interface.",
    *_SUPPORT,
)
_MEDIA = _of(
    "WhatsApp konnte das Bild oder die Datei nicht laden. Es wird einmal neu hochgeladen.",
    "WhatsApp could not load the picture or file. It is uploaded once more.",
    "Bleibt der Fehler, nehmen Sie ein anderes Bild: JPG oder PNG, höchstens 5 MB.",
    "If the error stays, take another picture: JPG or PNG, 5 MB at most.",
)
_POLICY = _of(
    "Meta hat das Konto wegen eines Verstoßes gegen die Regeln gesperrt. Die Nummer pausiert.",
    "Meta has blocked the account for violating its policies. The number is paused.",
    "Öffnen Sie die Kontoqualität im Meta Business Manager; dort steht der Grund und wie Sie widersprechen.",
    "Open the account quality in Meta's Business Manager; it tells the reason and how to appeal.",
)
_KEY = _of(
    "Der Vermittler oder Meta verweigert den Zugang. Die Nummer pausiert.",
    "The partner or Meta refuses access. The number is paused.",
    "Prüfen Sie Schlüssel, Adresse und Kopfzeile der Nummer in den Einstellungen.",
    "Check the number's key, address and header in the settings.",
)
_ADDRESS = _of(
    "Unter der eingestellten Adresse antwortet nicht WhatsApp. Die Nummer pausiert.",
    "It is not WhatsApp that answers at the address in the settings. The number is paused.",
    "Prüfen Sie base_url und die Pfade der Nummer in den Einstellungen.",
    "Check base_url and the paths of the number in the settings.",
)

EXPLANATIONS: Mapping[int, Explanation] = {
    **dict.fromkeys((0, 190), _TOKEN),
    **dict.fromkeys((3, 10, 131005), _PERMISSION),
    1: _of("Meta kannte die Anfrage nicht.", "Meta did not know the request.", *_NOTHING),
    **dict.fromkeys((2, 131016, 133004), _TEMPORARY),
    131000: _of(
        "Meta meldet einen Fehler, ohne zu sagen, ob die Nachricht angenommen wurde.",
        "Meta reports an error without saying whether it took the message.",
        "Sehen Sie auf dem Telefon nach, ob sie ankam, bevor Sie sie noch einmal senden.",
        "Look on the phone whether it arrived before you send it again.",
    ),
    **dict.fromkeys((4, 80007), _TOO_MANY_CALLS),
    33: _of(
        "Die Nummer gibt es bei Meta nicht mehr, oder der Schlüssel darf sie nicht sehen. Sie pausiert.",
        "The number no longer exists at Meta, or the token may not see it. It is paused.",
        "Prüfen Sie die phone_number_id und im WhatsApp-Manager, ob die Nummer noch da ist.",
        "Check the phone_number_id, and in the WhatsApp Manager whether the number is still there.",
    ),
    **dict.fromkeys((100, 131008, 131009, 132018, 135000), _PAYLOAD),
    130429: _of(
        "Die Nummer sendete schneller, als Meta erlaubt; sie sendet jetzt langsamer.",
        "The number sent faster than Meta allows; it sends more slowly now.",
        *_NOTHING,
    ),
    131056: _of(
        "Diese Person bekam zu viele Nachrichten kurz hintereinander.",
        "This person got too many messages within a short time.",
        *_NOTHING,
    ),
    131048: _of(
        "Zu viele Menschen haben Nachrichten dieser Nummer blockiert oder gemeldet. Ihre Werbung pausiert, "
        "Service geht weiter.",
        "Too many people have blocked or reported messages of this number. Its advertising is paused, service goes on.",
        "Schreiben Sie seltener und nur, wer es wirklich will; sehen Sie im WhatsApp-Manager nach der Qualität.",
        "Write less often and only to people who really want it; look at the quality in the WhatsApp Manager.",
    ),
    131064: _of(
        "Meta hat gesenkt, wie vielen Menschen die Nummer schreiben darf. Sie pausiert.",
        "Meta has lowered how many people the number may write to. It is paused.",
        "Sehen Sie im WhatsApp-Manager nach Limit und Qualität der Nummer.",
        "Look at the limit and quality of the number in the WhatsApp Manager.",
    ),
    131057: _of("Meta wartet die Nummer gerade.", "Meta is maintaining the number at the moment.", *_NOTHING),
    **dict.fromkeys((368, 131031), _POLICY),
    130497: _of(
        "Meta erlaubt dieser Nummer nicht, in das Land der Person zu schreiben. Dieses Land ruht.",
        "Meta does not allow this number to write to the person's country. That country rests.",
        "Prüfen Sie bei Meta, ob Ihr Konto für dieses Land gesperrt ist; sonst auf anderem Weg.",
        "Check at Meta whether your account is restricted for that country; otherwise use another way.",
    ),
    131042: _of(
        "Mit der Bezahlung bei Meta stimmt etwas nicht. Die Nummer pausiert.",
        "Something is wrong with the payment at Meta. The number is paused.",
        "Hinterlegen Sie im WhatsApp-Manager eine gültige Zahlungsart.",
        "Enter a valid payment method in the WhatsApp Manager.",
    ),
    **dict.fromkeys((131045, 133010), _UNREGISTERED),
    131037: _of(
        "Der Anzeigename der Nummer ist noch nicht genehmigt. Sie pausiert.",
        "The display name of the number is not approved yet. It is paused.",
        "Reichen Sie im WhatsApp-Manager einen Namen ein, der Ihrer Firma entspricht.",
        "Submit a name that matches your company in the WhatsApp Manager.",
    ),
    131021: _of(
        "Die Nachricht ging an Ihre eigene Nummer; das erlaubt WhatsApp nicht.",
        "The message went to your own number, which WhatsApp does not allow.",
        "Prüfen Sie die Nummer in der Bestellung.",
        "Check the number in the order.",
    ),
    131026: _of(
        "Unter dieser Nummer ist WhatsApp nicht erreichbar: kein WhatsApp, zu alt, oder gesperrt. "
        "Sie wird 30 bis 90 Tage nicht versucht, oder bis die Person schreibt.",
        "WhatsApp cannot be reached at this number: no WhatsApp, too old, or blocked. "
        "It is not tried for 30 to 90 days, or until the person writes.",
        "Informieren Sie die Person per E-Mail, oder prüfen Sie die Nummer.",
        "Inform the person by e-mail, or check the number.",
    ),
    131036: _of(
        "Ein Gerät der Person konnte die Nachricht nicht anzeigen; ein anderes vielleicht doch.",
        "One device of the person could not show the message; another one perhaps could.",
        "Fragen Sie die Person, bevor Sie noch einmal senden: Es könnte doppelt ankommen.",
        "Ask the person before you send it again: it might arrive twice.",
    ),
    131047: _of(
        "Die letzte Nachricht der Person ist über 24 Stunden alt; freier Text geht nicht mehr.",
        "The person's last message is more than 24 hours old; free text is no longer possible.",
        "Warten Sie, bis die Person schreibt, oder senden Sie eine genehmigte Vorlage.",
        "Wait until the person writes, or send an approved template.",
    ),
    131049: _of(
        "Meta stellt dieser Person zurzeit keine weitere Werbung zu.",
        "Meta does not deliver further advertising to this person at present.",
        "Sie müssen nichts tun: Werbung wird höchstens zweimal nach je einem Tag oder mehr erneut versucht.",
        "There is nothing for you to do: advertising is tried twice more at most, a day or more apart.",
    ),
    131050: _of(
        "Die Person hat Ihre Werbung in WhatsApp abgestellt. Das ist als Abmeldung vermerkt; Service geht weiter.",
        "The person has switched off your advertising in WhatsApp. That is recorded as an opt-out; service goes on.",
        "Sie müssen nichts tun. Nur die Person selbst kann das zurücknehmen.",
        "There is nothing for you to do. Only the person can take that back.",
    ),
    130472: _of(
        "Meta stellt dieser Nummer wegen eines eigenen Versuchs keine Werbung zu.",
        "Meta does not deliver advertising to this number because of an experiment of its own.",
        *_OTHER_WAY,
    ),
    131051: _of(
        "WhatsApp kennt diese Art von Nachricht nicht.", "WhatsApp does not know this type of message.", *_SUPPORT
    ),
    **dict.fromkeys((131052, 131053), _MEDIA),
    131062: _of(
        "Diese Nachricht braucht die Telefonnummer der Person; bekannt ist nur ihr WhatsApp-Name.",
        "This message needs the person's phone number; only their WhatsApp name is known.",
        "Warten Sie, bis die Person bestellt oder ihre Nummer nennt.",
        "Wait until the person orders or tells their number.",
    ),
    131063: _of(
        "Meta nimmt Werbung dieser Nummer nur über die Marketing-Schnittstelle an.",
        "Meta takes this number's advertising through the marketing interface only.",
        "Schalten Sie sie im WhatsApp-Manager ab, oder melden Sie sich bei uns.",
        "Switch it off in the WhatsApp Manager, or get in touch with us.",
    ),
    **dict.fromkeys((131055, 134100, 134102), _WRONG_DOOR),
    134101: _of("Meta richtet die Vorlage gerade erst ein.", "Meta is still setting the template up.", *_NOTHING),
    **dict.fromkeys((132000, 132008, 132012), _PARAMETERS),
    132001: _of(
        "Diese Vorlage gibt es bei Meta in dieser Sprache nicht. Alles mit dieser Vorlage ruht.",
        "Meta does not have this template in this language. Everything with this template rests.",
        "Sehen Sie unter Vorlagen nach; ist sie genehmigt, geht es nach dem nächsten Abgleich weiter.",
        "Look under Templates; once it is approved, it goes on after the next sync.",
    ),
    132005: _of(
        "Der Text ist mit den eingesetzten Angaben zu lang.",
        "The text is too long with the details filled in.",
        "Kürzen Sie die Vorlage oder die Angabe im Shop, zum Beispiel einen sehr langen Namen.",
        "Shorten the template or the detail in the shop, for example a very long name.",
    ),
    132007: _of(
        "Der Text der Vorlage verstößt gegen Metas Regeln. Alles mit dieser Vorlage ruht.",
        "The text of the template violates Meta's policies. Everything with this template rests.",
        *_EDIT_TEMPLATE,
    ),
    132015: _of(
        "Meta hat die Vorlage angehalten, weil sie schlecht ankam. Was auf sie wartet, wird neu geprüft.",
        "Meta has paused the template because people did not like it. What waits for it is checked anew.",
        "Meist gibt Meta sie nach einigen Stunden frei. Senden Sie sie seltener, oder bessern Sie den Text nach.",
        "Meta mostly releases it after some hours. Send it less often, or improve the text.",
    ),
    132016: _of(
        "Meta hat die Vorlage endgültig abgeschaltet. Alles mit dieser Vorlage ruht.",
        "Meta has disabled the template for good. Everything with this template rests.",
        "Reichen Sie unter Vorlagen einen anderen Text ein.",
        "Submit another text under Templates.",
    ),
    **dict.fromkeys((132068, 132069), _FLOW),
    131030: _of(
        "Ihre Nummer ist eine Testnummer von Meta; sie darf nur an fünf eingetragene Empfänger schreiben.",
        "Your number is a test number of Meta's; it may write to five listed recipients only.",
        "Tragen Sie den Empfänger bei Meta ein, oder verbinden Sie Ihre echte Nummer.",
        "List the recipient at Meta, or connect your real number.",
    ),
    137000: _of(
        "Die Person hat WhatsApp neu eingerichtet; ihre Identität ist nicht mehr bestätigt.",
        "The person has set up WhatsApp anew; their identity is no longer confirmed.",
        "Lassen Sie sich die Nummer von der Person bestätigen.",
        "Let the person confirm the number.",
    ),
    **dict.fromkeys((401, 403, 407), _KEY),
    **dict.fromkeys((300, 301, 302, 303, 307, 308, 404, 405, 410), _ADDRESS),
    429: _of("Der Vermittler bat um Geduld.", "The partner asked for patience.", *_NOTHING),
}
_GROUPS = _of(
    "Das betrifft WhatsApp-Gruppen, die Ladenbote nicht benutzt.",
    "This is about WhatsApp groups, which Ladenbote does not use.",
    *_SUPPORT,
)
_UNKNOWN = _of(
    "Meta hat die Nachricht abgelehnt.",
    "Meta has refused the message.",
    "Suchen Sie diese Nummer in Metas Liste der Fehlercodes, oder fragen Sie uns.",
    "Look for this number in Meta's list of error codes, or ask us.",
)


def explanation(code: int) -> Explanation:
    """What a code means and what to do; a code that nobody knows says so."""
    if code in EXPLANATIONS:
        return EXPLANATIONS[code]
    if 200 <= code <= 299:
        return _PERMISSION
    return _GROUPS if 131020 <= code <= 131215 else _UNKNOWN
