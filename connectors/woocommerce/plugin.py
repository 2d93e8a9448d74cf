"""What the companion plugin reports, in our words (docs/woocommerce-plugin.md, "What the plugin reports")."""

from typing import Final

from connectors import notes
from connectors.reading import Json, text
from integration.domain.errors import Malformed
from integration.domain.ports import PrivacyRequest, ShopContext, Translation

TOPIC: Final = "plugin"
PRIVACY: Final = {"privacy.export": "export", "privacy.erase": "erase"}


def translate_fact(found: Json, shop: ShopContext) -> Translation:
    """A verified fact. Malformed when it names no event, or lacks what its event needs."""
    event = text(found.get("event"))
    if not event:
        raise Malformed("the plugin's fact names no event")
    if event in PRIVACY:
        return Translation(note="privacy_request", privacy=(_privacy(event, found),))
    return notes.PING if event == "ping" else notes.UNKNOWN_TOPIC


def _privacy(event: str, found: Json) -> PrivacyRequest:
    email, reference = text(found.get("email")), text(found.get("id"), 64)
    if not email or not reference:
        raise Malformed("a privacy request without e-mail address or id")
    return PrivacyRequest(PRIVACY[event], email, reference)
