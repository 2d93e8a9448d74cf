"""Words that make a text advertising, and what to say about them (docs/reference/law.md sections 1 and 5)."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.shops.ports import Finding, Level
from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.text import Text
from integration.domain.values import visible

#: words that make a text advertising (docs/reference/law.md section 1: vouchers, review links, cross-selling, "follow
#: us")
_PROMOTION: Final = re.compile(
    r"gutschein\w*|rabatt\w*|vouchers?\b|coupons?\b|discount\w*|promo\w*|\bsales?\b|%\s*off\b|cashback"
    r"|\d+\s*(?:%|prozent\b|percent\b)(?!\s*(?:mwst|ust\b|mehrwert|umsatz|vat\b|tax\b))"
    r"|\b(?:sonder|top)?angebote?\b|special offers?\b|limited[ -]time|\bdeals?\b|schnäppchen\w*|\bgratis\b|\bbogo\b"
    r"|(?:sonder|aktions)(?:preis|aktion)\w*|preisnachl\w*|preissenkung\w*|(?:aus|schluss)verkauf\w*"
    r"|black[ -]?(?:friday|week)\w*|cyber[ -]?(?:monday|week)\w*|(?:bonus|treue)punkt\w*|\bbestsellers?\b"
    r"|kostenlose[nr]? versand|versandkostenfrei\w*|free (?:shipping|gifts?)\b"
    r"|(?:jetzt|gleich|schnell) (?:kaufen|bestellen|shoppen|zugreifen|zuschlagen|sichern)|(?:buy|shop|order) now\b"
    r"|gewinnspiel\w*|giveaway\w*|neuheiten\b|neue kollektion|new (?:arrivals|collection)"
    r"|folge?n? (?:sie )?uns\b|follow us\b|instagram|facebook|tiktok|newsletter|bewerte\w*|bewertung\w*|rezension\w*"
    r"|\breviews?\b|\brate us\b|weiterempfehl\w*|empfiehl\w*|entdecke\w*|stöber\w*|\bspare?\b"
    r"|jetzt sparen|sparen sie|save \d"
    r"|das könnte (?:dir|ihnen)|you (?:may|might) also like|neu im (?:shop|sortiment)|new in (?:our )?(?:shop|store)",
    re.IGNORECASE,
)
#: pictures that advertise; Meta's reviewers read them so
_LOUD: Final = re.compile("[🎁🎉🎊🔥💥💸🤑💰🏷🛍🎟🎫🏆⚡]")
#: what a confirmation request must not hold either: it may not even tempt (docs/reference/law.md section 5)
_TEMPTING: Final = re.compile(
    r"exklusiv\w*|exclusive\w*|vorteil\w*|benefits?\b|belohn\w*|rewards?\b|geschenk\w*|\bgifts?\b|\bangebote?n?\b|\boffers?\b"
    r"|https?://|\bwww\.",
    re.IGNORECASE,
)
_MARKS: Final = re.compile("[*_~`\u200c\u200d]")


@lru_cache(maxsize=512)
def promotes(words: str) -> bool:
    """Whether words advertise: then a service message that says them needs that consent.

    See docs/reference/law.md section 1.
    """
    return _PROMOTION.search(_read(words)) is not None


def _read(words: str) -> str:
    """As people read it: in ordinary letters, without what is not seen; names of variables are not read."""
    plain = unicodedata.normalize("NFKC", PLACEHOLDER.sub(" ", words))
    return _MARKS.sub("", visible(plain))


def advertising(words: str, purpose: Purpose) -> Finding | None:
    """The fault of a text that advertises although its kind must not; None when there is none."""
    if purpose in MARKETING:
        return None
    read = _read(words)
    found = _PROMOTION.search(read) or _LOUD.search(read)
    if found is None and purpose is Purpose.DOI_REQUEST:
        found = _TEMPTING.search(read)
    if found is None:
        return None
    word = found[0].strip()
    if purpose is Purpose.DOI_REQUEST:
        return Finding(
            "advertising_in_request",
            Level.FAULT,
            Text(
                f"„{word}“ ist Werbung. Eine Bitte um Bestätigung muss völlig frei davon sein.",
                f"“{word}” is advertising. A request for confirmation must be entirely free of it.",
            ),
            Text(
                "Fragen Sie nur, ob die Anmeldung gewollt war. Sonst ist schon die Frage eine unerlaubte Werbung.",
                "Ask only whether the sign-up was wanted. Otherwise the question itself is unlawful advertising.",
            ),
        )
    return Finding(
        "advertising_in_service",
        Level.FAULT,
        Text(
            f"„{word}“ ist Werbung. In einer Nachricht zur Bestellung ist das nicht erlaubt.",
            f"“{word}” is advertising. It is not allowed in a message about an order.",
        ),
        Text(
            "Nehmen Sie es heraus und bewerben Sie es in einer eigenen Nachricht an alle, die Werbung wollen.",
            "Take it out, and advertise it in a message of its own to those who want advertising.",
        ),
    )
