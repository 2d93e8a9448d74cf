"""Words that make a text advertising, and what to say about them (reference/law.md sections 1 and 5)."""

import re
from functools import lru_cache
from typing import Final

from integration.domain.consent import MARKETING, Purpose
from integration.domain.ports import Finding, Level
from integration.domain.template_parts import PLACEHOLDER
from integration.domain.text import Text

#: words that make a text advertising (law.md section 1: vouchers, review links, cross-selling, "follow us")
_PROMOTION: Final = re.compile(
    r"gutschein\w*|rabatt\w*|\d+\s*(?:%|prozent\b)|%\s*off\b|vouchers?\b|coupons?\b|discount\w*|promo\w*|\bsale\b"
    r"|\b(?:sonder|top)?angebote?\b|special offers?\b|\bdeals?\b|schnäppchen\w*|\bgratis\b|gewinnspiel\w*|giveaway\w*"
    r"|folge?n? (?:sie )?uns\b|follow us\b|instagram|facebook|tiktok|newsletter|bewerte\w*|bewertung\w*|rezension\w*"
    r"|\breviews?\b|\brate us\b|weiterempfehl\w*|empfiehl\w*|entdecke\w*|stöber\w*|\bspare?\b"
    r"|jetzt sparen|sparen sie|save \d"
    r"|das könnte (?:dir|ihnen)|you (?:may|might) also like|neu im (?:shop|sortiment)|new in (?:our )?(?:shop|store)",
    re.IGNORECASE,
)
#: what a confirmation request must not hold either: it may not even tempt (law.md section 5)
_TEMPTING: Final = re.compile(
    r"exklusiv\w*|exclusive\w*|vorteil\w*|benefits?\b|belohn\w*|rewards?\b|geschenk\w*|\bgifts?\b|\bangebote?n?\b|\boffers?\b"
    r"|https?://",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def promotes(words: str) -> bool:
    """Whether words advertise: then a service message that says them needs that consent (law.md section 1)."""
    return _PROMOTION.search(PLACEHOLDER.sub(" ", words)) is not None


def advertising(words: str, purpose: Purpose) -> Finding | None:
    """The fault of a text that advertises although its kind must not; None when there is none."""
    if purpose in MARKETING:
        return None
    found = _PROMOTION.search(PLACEHOLDER.sub(" ", words))
    if found is None and purpose is Purpose.DOI_REQUEST:
        found = _TEMPTING.search(PLACEHOLDER.sub(" ", words))
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
