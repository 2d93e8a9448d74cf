"""Who bought, or is about to (docs/reference/woocommerce.md section 8)."""

from connectors.facts import BuyerFacts
from connectors.reading import Json, country_code, identifier, mapping, plain, text
from integration.domain.shops.facts import ConsentEvidence
from integration.domain.shops.ports import ShopContext


def buyer(order: Json, evidence: ConsentEvidence | None, shop: ShopContext) -> BuyerFacts:
    """The person of an order or a cart; a phone that they agreed to goes before the one of the bill."""
    billing = mapping(order.get("billing"))
    shipping = mapping(order.get("shipping"))
    named = next((row for row in (billing, shipping) if row.get("first_name") or row.get("last_name")), {})
    # The delivery phone may be a neighbour's, so it is never used.
    agreed = evidence["phone"] if evidence and evidence["granted"] else ""
    return {
        "first_name": plain(named.get("first_name")),
        "last_name": plain(named.get("last_name")),
        "email": text(billing.get("email")),
        "phone": agreed or text(billing.get("phone"), 40),
        "country": country_code(billing.get("country")) or shop.country,
        "region": text(billing.get("state"), 8),
        "customer_id": identifier(order.get("customer_id")),
    }
