"""What Meta's webhooks report of an account, a number and its security, in words: their short codes one by one."""

from collections.abc import Mapping
from typing import Final

from integration.domain.text import Text

WORDS: Final[Mapping[str, Text]] = {
    "ACCOUNT_VIOLATION": Text("ein Verstoß gegen Metas Regeln", "a violation of Meta's rules"),
    "ACCOUNT_RESTRICTION": Text("eine Einschränkung des Kontos", "a restriction of the account"),
    "ACCOUNT_DELETED": Text("das Konto wurde gelöscht", "the account was deleted"),
    "ACCOUNT_OFFBOARDED": Text(
        "das Konto wurde getrennt, weil das Telefon gewechselt oder die Nummer neu registriert wurde",
        "the account was disconnected because the phone was changed or the number registered anew",
    ),
    "PARTNER_REMOVED": Text(
        "das Konto ist nicht mehr mit dem Partner geteilt", "the account is no longer shared with the partner"
    ),
    "PARTNER_APP_UNINSTALLED": Text("die App wurde vom Konto entfernt", "the app was removed from the account"),
    "DISABLED_UPDATE": Text("eine Sperre des Kontos", "a lock of the account"),
    "SCHEDULE_FOR_DISABLE": Text("das Konto wird bald gesperrt", "the account will soon be locked"),
    "RESTRICTED_BIZ_INITIATED_MESSAGING": Text(
        "Sie dürfen nur noch antworten, nicht von sich aus schreiben", "you may only answer, not write first"
    ),
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": Text(
        "Sie dürfen Kunden nicht antworten", "you may not answer customers"
    ),
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": Text(
        "Sie dürfen keine Nummern hinzufügen", "you may not add any phone numbers"
    ),
    "RESTRICTED_UTILITY_TEMPLATES": Text("Sie dürfen keine Servicetexte anlegen", "you may not create service texts"),
    "account_review_update": Text("die Prüfung des Kontos", "the review of the account"),
    "phone_number_name_update": Text("der Anzeigename der Nummer", "the number's display name"),
    "account_alerts": Text("ein Hinweis zum Konto", "a notice about the account"),
    "REJECTED": Text("abgelehnt", "rejected"),
    "PIN_CHANGED": Text("die PIN der Nummer wurde geändert", "the number's PIN was changed"),
    "PIN_RESET_REQUEST": Text("jemand will die PIN der Nummer zurücksetzen", "somebody asks to reset the number's PIN"),
    "PIN_RESET_SUCCESS": Text("die PIN der Nummer wurde zurückgesetzt", "the number's PIN was reset"),
}


def account_words(news: str, language: str) -> str:
    """Meta's codes (apart by blanks) as words; one that is new stays as it is, so that it can be looked up."""
    return ", ".join(WORDS[code].in_(language) if code in WORDS else code for code in news.split())
