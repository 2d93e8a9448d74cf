"""Our webhook subscriptions: made by us, looked after daily, because Shopify deletes one after 8 failed deliveries.

They are signed with the app's client secret. The webhook API version is the app's, not the subscription's.
"""

from typing import Any, Final

from connectors.reading import Json, mapping, rows, text
from connectors.shopify import documents
from connectors.shopify.client import Client
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

TOPICS: Final = (
    *("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_PAID", "ORDERS_CANCELLED", "ORDERS_DELETE", "ORDERS_EDITED"),
    *("REFUNDS_CREATE", "FULFILLMENTS_CREATE", "FULFILLMENTS_UPDATE", "FULFILLMENT_EVENTS_CREATE"),
    "FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP",
    *("CHECKOUTS_CREATE", "CHECKOUTS_UPDATE", "CHECKOUTS_DELETE"),
    *("CUSTOMERS_WHATS_APP_MARKETING_CONSENT_UPDATE", "PRODUCTS_UPDATE"),
    *("APP_UNINSTALLED", "APP_SCOPES_UPDATE"),
)
PAGES: Final = 10
_PREFIX: Final = "ladenbote-"


def subscribe(client: Client, address: str) -> list[Finding]:
    """Make sure that every topic reports to `address`, whole; says what had to be mended. Raises ShopError."""
    existing = _existing(client)
    findings = [found for topic in TOPICS if (found := _ensure(client, topic, existing.get(topic, []), address))]
    return findings or [Finding("webhooks_ok", Level.OK, Text("Alle Webhooks bestehen.", "All webhooks exist."))]


def _existing(client: Client) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    after: str | None = None
    for _ in range(PAGES):
        listing = mapping(client.query(documents.WEBHOOKS, {"after": after}).data.get("webhookSubscriptions"))
        for node in rows(listing.get("nodes")):
            found.setdefault(text(node.get("topic")), []).append(node)
        info = mapping(listing.get("pageInfo"))
        after = text(info.get("endCursor"), 2_000)
        if info.get("hasNextPage") is not True or not after:
            break
    return found


def _ensure(client: Client, topic: str, existing: list[Json], address: str) -> Finding | None:
    """None when a subscription is as it should be; else it is mended or made."""
    if any(_is_whole(node, address) for node in existing):
        return None
    given: dict[str, Any] = {"uri": address, "format": "JSON", "name": _name(topic)}
    broken = next((node for node in existing if _is_ours(node, address)), None)
    if broken:
        whole = {"uri": address, "format": "JSON", "includeFields": [], "filter": ""}
        data = client.mutate(documents.WEBHOOK_UPDATE, {"id": broken["id"], "given": whole}).data
        return _outcome(topic, mapping(data.get("webhookSubscriptionUpdate")), "webhook_mended")
    data = client.mutate(documents.WEBHOOK_CREATE, {"topic": topic, "given": given}).data
    return _outcome(topic, mapping(data.get("webhookSubscriptionCreate")), "webhook_made")


def _is_whole(node: Json, address: str) -> bool:
    restricted = node.get("includeFields") or node.get("filter")
    return node.get("uri") == address and node.get("format") == "JSON" and not restricted


def _is_ours(node: Json, address: str) -> bool:
    return node.get("uri") == address or text(node.get("name")).startswith(_PREFIX)


def _name(topic: str) -> str:
    return _PREFIX + topic.lower().replace("_", "-")[:40]


def _outcome(topic: str, payload: Json, code: str) -> Finding:
    errors = "; ".join(text(row.get("message")) for row in rows(payload.get("userErrors")))
    if errors:
        return Finding(
            "webhook_refused",
            Level.FAULT,
            Text(f"Shopify legt den Webhook {topic} nicht an: {errors}", f"Shopify refuses webhook {topic}: {errors}"),
            Text(
                "Prüfen Sie, ob der App die passende Berechtigung fehlt. Das Abfragen läuft trotzdem weiter.",
                "Check whether the app lacks the permission for it. Polling goes on nevertheless.",
            ),
        )
    return Finding(
        code,
        Level.HINT,
        Text(f"Der Webhook {topic} fehlte oder war verändert und ist jetzt in Ordnung.",
             f"Webhook {topic} was missing or changed, and is in order now."),
    )  # fmt: skip


def not_encrypted() -> Finding:
    """Shopify reports to https addresses only."""
    return Finding(
        "webhooks_need_https",
        Level.HINT,
        Text(
            "Shopify meldet nur an https-Adressen; bis dahin wird der Shop jede Minute abgefragt.",
            "Shopify reports to https addresses only; until then the shop is asked every minute.",
        ),
        Text("Setzen Sie public_url auf Ihre https-Adresse.", "Set public_url to your https address."),
    )


def no_secret() -> Finding:
    """Without the client secret no webhook can be told from a forged one."""
    return Finding(
        "webhook_secret_unknown",
        Level.FAULT,
        Text(
            "Ohne client_secret lassen sich die Webhooks von Shopify nicht prüfen; der Shop wird nur abgefragt.",
            "Without client_secret Shopify's webhooks cannot be verified; the shop is only polled.",
        ),
        Text(
            "Tragen Sie das Client-Secret Ihrer App als client_secret oder webhook_secret ein.",
            "Enter your app's client secret as client_secret or webhook_secret.",
        ),
    )
