"""Looking through a consent wording for what the law wants in it (docs/reference/law.md sections 4, 16).

It reads words, not meaning: a text without findings can still be wrong, and a lawyer decides.
"""

import re
from collections.abc import Collection, Mapping

from integration.domain.consent.consent import MARKETING_OFFERS, SERVICE_SCOPE
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

LONGEST = 2000
_PURPOSES: Mapping[str, tuple[str, Text]] = {
    "marketing_news": (r"neuigkeit|newsletter|\bnews\b|einladung|invitation|aktion", Text("Neuigkeiten", "news")),
    MARKETING_OFFERS: (r"angebot|gutschein|rabatt|offer|voucher|discount|deal", Text("Angebote", "offers")),
    "cart_reminder": (r"warenk[oö]rb|\bcarts?\b|basket", Text("Warenkorb-Erinnerungen", "cart reminders")),
    "review_request": (r"bewert|review|feedback|rating", Text("Bitten um Bewertung", "review requests")),
    SERVICE_SCOPE: (r"bestell|versand|liefer|order|shipping|delivery", Text("Bestell-Updates", "order updates")),
}
_FREQUENCY = re.compile(r"\d+[^.]{0,40}(monat|woche|jahr|month|week|year)", re.IGNORECASE)
_WITHDRAWAL = re.compile(r"widerruf|abmeld|beenden|beendbar|withdraw|unsubscribe|opt[ -]?out|\bstopp?\b", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"freiwillig|nicht (nötig|erforderlich|notwendig)|unabhängig vom kauf|optional|voluntary|not (needed|required)|"
    r"no purchase necessary",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"whatsapp ireland|meta platforms", re.IGNORECASE)
_TERMS = re.compile(r"\bAGB\b|geschäftsbedingungen|terms (and conditions|of service)", re.IGNORECASE)


def lint(text: str, company: str, purposes: Collection[str], per_month: int | None) -> list[Finding]:
    """What is missing, faults first. `company` is the name to be found; `per_month` what the text has to promise."""
    found = [*_faults(text, company, purposes, per_month), *_hints(text)]
    return sorted(found, key=lambda finding: finding.level is not Level.FAULT)


def is_sound(findings: Collection[Finding]) -> bool:
    """Whether a consent to the text can count; hints do not matter for that."""
    return all(finding.level is not Level.FAULT for finding in findings)


def _faults(text: str, company: str, purposes: Collection[str], per_month: int | None) -> list[Finding]:
    found = []
    if len(text) > LONGEST:
        found.append(
            _fault(
                "too_long",
                Text(f"Der Text ist länger als {LONGEST} Zeichen.", f"The text has more than {LONGEST} characters."),
                Text("Kürzen Sie ihn: Niemand liest so viel.", "Shorten it: nobody reads so much."),
            )
        )
    if _folded(company) not in _folded(text):
        found.append(
            _fault(
                "company_missing",
                Text("Der Text nennt Ihre Firma nicht.", "The text does not name your company."),
                Text(f"Schreiben Sie „{company}“ hinein.", f'Put "{company}" into it.'),
            )
        )
    if "whatsapp" not in text.lower():
        found.append(
            _fault(
                "whatsapp_missing",
                Text("Der Text nennt WhatsApp nicht.", "The text does not name WhatsApp."),
                Text("Ohne den Kanal zählt die Einwilligung nicht.", "Without the channel the consent does not count."),
            )
        )
    if not _WITHDRAWAL.search(text):
        found.append(
            _fault(
                "withdrawal_missing",
                Text("Der Text sagt nicht, wie man widerruft.", "The text does not say how to withdraw."),
                Text(
                    "Ergänzen Sie: „Jederzeit widerrufbar, zum Beispiel mit STOP.“",
                    'Add: "You can withdraw at any time, for example by replying STOP."',
                ),
            )
        )
    return found + _purpose_faults(text, purposes) + _frequency_faults(text, purposes, per_month)


def _purpose_faults(text: str, purposes: Collection[str]) -> list[Finding]:
    missing = [words for scope, (form, words) in _PURPOSES.items() if scope in purposes and not _says(text, form)]
    return [
        _fault(
            "purpose_missing",
            Text(f"Der Text nennt einen Zweck nicht: {words.de}.", f"The text leaves out a purpose: {words.en}."),
            Text("Nennen Sie ihn, oder nehmen Sie den Haken beim Zweck weg.", "Name it, or untick the purpose."),
        )
        for words in missing
    ]


def _frequency_faults(text: str, purposes: Collection[str], per_month: int | None) -> list[Finding]:
    if not any(scope in _PURPOSES and scope != SERVICE_SCOPE for scope in purposes):
        return []
    said = _FREQUENCY.search(text)
    if said is None:
        return [
            _fault(
                "frequency_missing",
                Text("Der Text sagt nicht, wie oft geschrieben wird.", "The text does not say how often you write."),
                Text(
                    f"Ergänzen Sie: „höchstens {per_month or 4} Nachrichten im Monat“.",
                    f'Add: "at most {per_month or 4} messages a month".',
                ),
            )
        ]
    if per_month is not None and not re.search(rf"(?<!\d){per_month}(?!\d)", said[0]):
        return [
            _fault(
                "frequency_differs",
                Text(
                    f"Der Text verspricht eine andere Zahl als die gewählten {per_month} im Monat.",
                    f"The text promises another number than the {per_month} a month that you chose.",
                ),
                Text("Beide müssen gleich sein.", "Both must be the same."),
            )
        ]
    return []


def _hints(text: str) -> list[Finding]:
    found = []
    if not _OPTIONAL.search(text):
        found.append(
            _hint(
                "optional_missing",
                Text("Der Text sagt nicht, dass es freiwillig ist.", "The text does not say that it is optional."),
                Text("Ergänzen Sie: „Für den Kauf nicht nötig.“", 'Add: "Not needed for a purchase."'),
            )
        )
    if not re.search(r"https://\S+", text):
        found.append(
            _hint(
                "privacy_missing",
                Text("Der Link zur Datenschutzerklärung fehlt.", "The link to the privacy notice is missing."),
                Text("Setzen Sie ihn ans Ende.", "Put it at the end."),
            )
        )
    if not _OPERATOR.search(text):
        found.append(
            _hint(
                "operator_missing",
                Text("Der Text sagt nicht, wohin die Daten gehen.", "The text does not say where the data go."),
                Text("Nennen Sie WhatsApp Ireland Ltd.", "Name WhatsApp Ireland Ltd."),
            )
        )
    if _TERMS.search(text):
        found.append(
            _hint(
                "terms_mentioned",
                Text("Der Text spricht von den AGB.", "The text speaks of the terms and conditions."),
                Text(
                    "Eine Einwilligung muss für sich stehen, getrennt von den AGB.",
                    "A consent has to stand by itself, apart from the terms.",
                ),
            )
        )
    return found


def _says(text: str, form: str) -> bool:
    return re.search(form, text, re.IGNORECASE) is not None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _fault(code: str, text: Text, remedy: Text) -> Finding:
    return Finding(code, Level.FAULT, text, remedy)


def _hint(code: str, text: Text, remedy: Text) -> Finding:
    return Finding(code, Level.HINT, text, remedy)
