"""Shopify's own WhatsApp marketing consent of a customer (docs/reference/shopify.md section 8).

It belongs to the customer's default phone and speaks of marketing only. SMS and e-mail consents never count. What we
wrote ourselves comes back with the next poll: the mirror beside it (a metafield) tells it apart, so it is no news.
"""

from datetime import datetime
from typing import Final, cast

import orjson

from connectors.reading import Json, country_code, iso, mapping, moment, text
from connectors.shopify.ids import canonical_id
from integration.domain.consent.consent import ALL_MARKETING
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import ConsentEvidence, CustomerFacts, Facts
from integration.domain.shops.ports import ShopContext

#: key in `wordings` for the text that stands where the shop collects Shopify's own WhatsApp consent
NATIVE: Final = "shopify"
GRANTED: Final = "SUBSCRIBED"
REFUSED: Final = "UNSUBSCRIBED"


def customer_snapshot(node: Json, shop: ShopContext) -> Snapshot:
    """A node of `CustomerDetails`. Malformed without id or time of modification."""
    customer_id = canonical_id({"admin_graphql_api_id": node.get("id")})
    version = moment(node.get("updatedAt"))
    if not customer_id or version is None:
        raise Malformed("the customer has no id or no time of modification")
    facts = cast(Facts, _facts(node, shop))
    return Snapshot(shop.slug, ObjectType.CUSTOMER, customer_id, version, facts)


def _facts(node: Json, shop: ShopContext) -> CustomerFacts:
    phone = mapping(node.get("defaultPhoneNumber"))
    evidence = _evidence(phone, mapping(node.get("mirror")), shop)
    # Without a consent we have no business with the person: neither name nor number are kept.
    known = evidence is not None
    return {
        "first_name": text(node.get("firstName")) if known else "",
        "last_name": text(node.get("lastName")) if known else "",
        "phone": text(phone.get("phoneNumber"), 40) if known else "",
        "country": country_code(mapping(node.get("defaultAddress")).get("countryCodeV2")) or shop.country,
        "locale": text(node.get("locale"), 35),
        "consent": evidence,
    }


def _evidence(phone: Json, mirror: Json, shop: ShopContext) -> ConsentEvidence | None:
    native = mapping(phone.get("whatsAppMarketingConsent"))
    state, at = text(native.get("state")), moment(native.get("updatedAt"))
    number = text(phone.get("phoneNumber"), 40)
    if state not in (GRANTED, REFUSED) or at is None or not number or _is_ours(mirror, state, number, at):
        return None
    return {
        "granted": state == GRANTED,
        "at": at.isoformat(),
        "wording": shop.wordings.get(NATIVE, ""),
        "version": NATIVE,
        "phone": number,
        "source": "native_consent",
        "purposes": [ALL_MARKETING],
        "raw": {"level": text(native.get("optInLevel")), "collected_from": text(native.get("collectedFrom"))},
    }


def _is_ours(mirror: Json, state: str, number: str, at: datetime) -> bool:
    written = mirrored(mirror)
    last = moment(written.get("at"))
    return written.get("state") == state and written.get("phone") == number and last is not None and last >= at


def mirrored(mirror: Json) -> Json:
    """What our metafield says, {} when it is not readable."""
    try:
        return mapping(orjson.loads(text(mirror.get("value"), 4_000)))
    except ValueError:
        return {}


def mirror_value(state: str, phone: str, at: datetime) -> str:
    """The metafield's JSON."""
    return orjson.dumps({"state": state, "phone": phone, "at": iso(at)}).decode()
