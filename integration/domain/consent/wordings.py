"""The texts that people agree to, one per set of purposes. A lawyer has to check them.

See docs/reference/law.md section 16. A text names the company, WhatsApp, what comes, how often at most, and that it can
be taken back. Changing one means another hash: whoever agreed before agreed to the text of then (store.tables.wording).
Owners' own texts are looked through by `domain.consent.wording_lint`.
"""

from collections.abc import Collection, Mapping, Sequence

from integration.domain.consent.consent import MARKETING_OFFERS, SERVICE_SCOPE
from integration.domain.text import Text

#: the edition of these texts; stored beside each wording
EDITION = "2026-11"
#: consents for one alert about one article, which follows
BACK_IN_STOCK, PRICE_DROP = "back_in_stock:", "price_drop:"
ALERT_SCOPES = (BACK_IN_STOCK, PRICE_DROP)
MARKETING_SCOPES = ("marketing_news", MARKETING_OFFERS, "cart_reminder", "review_request")
#: what an owner can ask a consent for, in the order of forms
OFFERED = (*MARKETING_SCOPES, SERVICE_SCOPE)
KINDS: Mapping[str, Text] = {
    "marketing_news": Text("Neuigkeiten und Einladungen zu Aktionen", "news and invitations"),
    MARKETING_OFFERS: Text(
        "Angebote und Gutscheine (auch zum Geburtstag)", "offers and vouchers (also for my birthday)"
    ),
    "cart_reminder": Text("Erinnerungen an nicht abgeschlossene Warenkörbe", "reminders of unfinished carts"),
    "review_request": Text("Bitten um eine Bewertung", "review requests"),
}

_ALERTS: Mapping[str, Text] = {
    BACK_IN_STOCK: Text("wieder da ist", "is back"),
    PRICE_DROP: Text("günstiger wird", "gets cheaper"),
}


def wording_for(company: str, purposes: Collection[str], per_month: int, privacy_url: str, language: str) -> str:
    """The text for these purposes, in German or English. Raises ValueError for a purpose without words."""
    marketing = [scope for scope in MARKETING_SCOPES if scope in purposes]
    if unknown := set(purposes) - {*MARKETING_SCOPES, SERVICE_SCOPE}:
        raise ValueError(f"no wording for {', '.join(sorted(unknown))}")
    parts = [_marketing(company, marketing, per_month)] if marketing else []
    if SERVICE_SCOPE in purposes:
        parts.append(_service(company))
    parts.append(_frame(company, bool(marketing), privacy_url))
    return " ".join(part.in_(language) for part in parts)


def alert_wording(alert: str, company: str, item: str, privacy_url: str, language: str) -> str:
    """The text for one message about one article that is sold out or too dear, in German or English."""
    when = _ALERTS[alert]
    once = Text(
        f"Ja, {company} darf mir einmal per WhatsApp an diese Nummer schreiben, wenn „{item}“ {when.de}. Danach "
        "ist diese Einwilligung verbraucht.",
        f'Yes, {company} may message me once on WhatsApp to this number when "{item}" {when.en}. After that this '
        "consent is used up.",
    )
    return f"{once.in_(language)} {_frame(company, False, privacy_url).in_(language)}"


def names_birthday(text: str) -> bool:
    """Whether a text says that something comes for the birthday: only then may a form ask for it."""
    return any(word in text.lower() for word in ("geburtstag", "birthday"))


def shared_ending(texts: Sequence[str]) -> str:
    """The sentences that all these texts end with, "" when there are none: a form shows them once below its boxes."""
    if len(texts) < 2:
        return ""
    sentences = [text.split(". ") for text in texts]
    shared: list[str] = []
    for last in zip(*(reversed(parts[1:]) for parts in sentences), strict=False):
        if len(set(last)) > 1:
            break
        shared.insert(0, last[0])
    return ". ".join(shared)


def _marketing(company: str, scopes: list[str], per_month: int) -> Text:
    return Text(
        f"Ja, {company} darf mir per WhatsApp an diese Nummer {_listed(scopes, 'de')} schicken, höchstens {per_month} "
        "Nachrichten im Monat.",
        f"Yes, {company} may send me {_listed(scopes, 'en')} on WhatsApp to this number, at most {per_month} messages "
        "a month.",
    )


def _service(company: str) -> Text:
    return Text(
        f"Bestell-Updates per WhatsApp: {company} darf mir zu meinen Bestellungen Bestätigungen, Zahlungs- und "
        "Versandinfos an diese Nummer schicken.",
        f"Order updates on WhatsApp: {company} may send confirmations, payment and delivery information about my "
        "orders to this number.",
    )


def _frame(company: str, marketing: bool, privacy_url: str) -> Text:
    use = Text(f"Damit sie passen, wertet {company} meine Bestellungen aus. ", f"{company} looks at my orders. ")
    more = Text(f" Mehr: {privacy_url}", f" More: {privacy_url}") if privacy_url else Text("", "")
    return Text(
        (use.de if marketing else "") + "Das ist freiwillig, für den Kauf nicht nötig und jederzeit für die Zukunft "
        "widerrufbar, zum Beispiel mit STOP im Chat. WhatsApp wird von WhatsApp Ireland Ltd. betrieben; Nummer und "
        f"Nachrichten gehen dorthin.{more.de}",
        (use.en if marketing else "") + "Optional, not needed for a purchase, and I can withdraw it at any time for "
        "the future, for example by replying STOP. WhatsApp is run by WhatsApp Ireland Ltd.; number and messages are "
        f"passed to it.{more.en}",
    )


def _listed(scopes: list[str], language: str) -> str:
    words = [KINDS[scope].in_(language) for scope in scopes]
    last = Text("und", "and").in_(language)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
