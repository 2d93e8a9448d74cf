"""The opt-in of a Shopify cart: attributes that the theme's form writes (docs/reference/shopify.md section 8).

`buyer_accepts_marketing` and the SMS consent say nothing about WhatsApp and are never read.
"""

from typing import Final

from connectors.reading import Json, paragraph, rows, text
from integration.domain.shops.facts import ConsentEvidence
from integration.domain.shops.ports import ShopContext

ANSWERS: Final = {
    **dict.fromkeys(("yes", "true", "1", "on", "ja"), True),
    **dict.fromkeys(("no", "false", "0", "off", "nein", "withdrawn"), False),
}


def consent_of(order: Json, shop: ShopContext, phone: str, placed_at: str) -> ConsentEvidence | None:
    """What the cart said about WhatsApp; None when it said nothing that we understand."""
    given = order.get("note_attributes")
    if not given:
        return None
    said = {text(row.get("name")): row.get("value") for row in rows(given)}
    granted = ANSWERS.get(text(said.get("whatsapp_optin")).lower())
    if granted is None:
        return None
    version = text(said.get("whatsapp_optin_version"))
    return {
        "granted": granted,
        "at": placed_at,
        "wording": paragraph(said.get("whatsapp_optin_wording")) or shop.wordings.get(version, ""),
        "version": version,
        "phone": phone,
        "source": "cart_attribute",
    }
