"""Meta's trades of a business profile, in plain words."""

from collections.abc import Mapping
from typing import Final

from integration.i18n import N_, translator

TRADES: Final[Mapping[str, str]] = {
    "RETAIL": N_("Retail"),
    "GROCERY": N_("Food and groceries"),
    "APPAREL": N_("Clothing"),
    "BEAUTY": N_("Beauty and body care"),
    "HEALTH": N_("Health"),
    "AUTO": N_("Cars and parts"),
    "EDU": N_("Education"),
    "ENTERTAIN": N_("Entertainment"),
    "EVENT_PLAN": N_("Events"),
    "FINANCE": N_("Finance"),
    "HOTEL": N_("Hotel"),
    "RESTAURANT": N_("Restaurant"),
    "TRAVEL": N_("Travel"),
    "PROF_SERVICES": N_("Services"),
    "GOVT": N_("Public authority"),
    "NONPROFIT": N_("Charity"),
    "OTHER": N_("Another trade"),
}


def trade(code: str, language: str) -> str:
    """The word for a trade."""
    return translator(language).gettext(TRADES.get(code, code))
