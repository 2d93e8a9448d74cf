"""Showing our ledger's state in Shopify: as its own WhatsApp consent, and as a metafield of ours beside it.

The ledger stays the proof; the shop shows a copy. Shopify's consent belongs to the customer's default phone, so
it is written only while that is the number that agreed. The metafield is written first: when the next poll finds the
consent, it knows by it that the change was ours.
"""

from datetime import datetime
from typing import Any, Final

from connectors.reading import Json, iso, mapping, moment, rows, text
from connectors.shopify import documents, failures
from connectors.shopify.client import Client
from connectors.shopify.native import GRANTED, REFUSED, mirror_value, mirrored
from integration.domain.text import Text

WRITING: Final = Text("Einwilligung im Shop anzeigen", "Showing a consent in the shop")
#: somebody wrote the metafield between our reading and our writing
OVERTAKEN: Final = frozenset({"INVALID_COMPARE_DIGEST", "STALE_OBJECT", "TAKEN"})
TRIES: Final = 3


def write(client: Client, customer_id: str, phone: str, granted: bool, at: datetime) -> bool:
    """Show the state. Raises ShopError.

    False when the customer is gone, has another default phone by now, or has left the shop's list since: the next
    poll brings that, and it must not be overwritten before.
    """
    gid, state = f"gid://shopify/Customer/{customer_id}", GRANTED if granted else REFUSED
    for _ in range(TRIES):
        answer = client.query(documents.CUSTOMER_DETAILS, {"ids": [gid]})
        customer = next(iter(rows(answer.data.get("nodes"))), {})
        # Shopify refuses a time that its own clock has not reached.
        at = min(at, answer.at or at)
        number = mapping(customer.get("defaultPhoneNumber"))
        if number.get("phoneNumber") != phone or (granted and _left_since(number, at)):
            return False
        if _mirror(client, gid, mapping(customer.get("mirror")), mirror_value(state, phone, at)):
            _native(client, gid, mapping(number.get("whatsAppMarketingConsent")), state, at)
            return True
    raise failures.refused("STALE_OBJECT", WRITING)


def _left_since(number: Json, at: datetime) -> bool:
    native = mapping(number.get("whatsAppMarketingConsent"))
    left = moment(native.get("updatedAt")) if native.get("state") == REFUSED else None
    return left is not None and left > at


def _mirror(client: Client, gid: str, present: Json, value: str) -> bool:
    """Whether the metafield says it now; False when somebody else wrote it meanwhile."""
    if mirrored(present) == mirrored({"value": value}):
        return True
    row: dict[str, Any] = {
        "ownerId": gid,
        "namespace": "ladenbote",
        "key": "whatsapp_consent",
        "type": "json",
        "value": value,
        "compareDigest": text(present.get("compareDigest")) or None,
    }
    codes = _codes(client.mutate(documents.MIRROR_WRITE, {"metafields": [row]}).data, "metafieldsSet")
    if codes and not codes & OVERTAKEN:
        raise failures.refused(", ".join(sorted(codes)), WRITING)
    return not codes


def _native(client: Client, gid: str, present: Json, state: str, at: datetime) -> None:
    if present.get("state") == state or (state == REFUSED and present.get("state") != GRANTED):
        return
    consent: dict[str, Any] = {"state": state, "updatedAt": iso(at)}
    if state == GRANTED:
        consent["optInLevel"] = "CONFIRMED_OPT_IN"
    given = {"customerId": gid, "whatsAppMarketingConsent": consent}
    data = client.mutate(documents.CONSENT_WRITE, {"input": given}).data
    codes = _codes(data, "customerWhatsAppMarketingConsentUpdate")
    if codes:
        raise failures.refused(", ".join(sorted(codes)), WRITING)


def _codes(data: Json, mutation: str) -> set[str]:
    return {text(row.get("code")) or "?" for row in rows(mapping(data.get(mutation)).get("userErrors"))}
