"""Our webhooks in the shop: made, found again, mended (docs/reference/woocommerce.md section 4)."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from connectors.reading import Json, identifier, rows, text
from connectors.woocommerce.client import WooCommerceClient
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

TOPICS: Final = ("order.created", "order.updated", "order.deleted", "order.restored")
PORTS: Final = frozenset({80, 443, 8080})
PER_PAGE: Final = 100
PAGES: Final = 10


def subscribe(client: WooCommerceClient, address: str, secret: str) -> list[Finding]:
    """Make sure that each topic has exactly one active webhook to `address`, signed with `secret`.

    The secret cannot be read back, so it is written each time. Where the shop would silently refuse to deliver, none is
    made. Raises ShopError.
    """
    trouble = unreachable_from(client.url, address)
    if trouble and trouble.level is Level.FAULT:
        return [trouble]
    present = list(existing(client))
    found = [finding for topic in TOPICS for finding in _ensure(client, topic, address, secret, present)]
    return [*([trouble] if trouble else []), *(found or [_all_well()])]


def existing(client: WooCommerceClient) -> Iterator[Json]:
    """Every webhook of the shop. (The list's number of pages is wrong, so it is read to its end.)"""
    for page in range(1, PAGES + 1):
        found = rows(client.get("webhooks", {"per_page": PER_PAGE, "page": page}).body)
        yield from found
        if len(found) < PER_PAGE:
            return


def name_of(topic: str) -> str:
    """How we call a webhook, so that we find it again."""
    return f"Ladenbote {topic}"


def is_ours(row: Json, topic: str, address: str) -> bool:
    """A webhook of ours by its name, or by where it goes."""
    return row.get("topic") == topic and (row.get("name") == name_of(topic) or row.get("delivery_url") == address)


def _ensure(client: WooCommerceClient, topic: str, address: str, secret: str, present: list[Json]) -> Iterator[Finding]:
    ours = sorted((row for row in present if is_ours(row, topic, address)), key=lambda row: row["id"])
    right = {"name": name_of(topic), "delivery_url": address, "secret": secret, "status": "active"}
    if not ours:
        client.post("webhooks", {**right, "topic": topic})
        yield _made(topic)
        return
    kept, *doubles = ours
    client.put(f"webhooks/{identifier(kept.get('id'))}", right)
    if kept.get("status") != "active":
        yield _woken(topic, text(kept.get("status")))
    if kept.get("delivery_url") != address:
        yield _moved(topic)
    for row in doubles:
        client.delete(f"webhooks/{identifier(row.get('id'))}")
        yield _removed(topic)


def unreachable_from(shop: str, address: str) -> Finding | None:
    """Why the shop could not deliver to `address`. It would say nothing: deliveries just fail."""
    to, here = urlsplit(address), urlsplit(shop)
    if (to.hostname, to.port) == (here.hostname, here.port):
        return None
    port = to.port or (443 if to.scheme == "https" else 80)
    if port not in PORTS:
        return _refuses("port", f"Port {port}", f"port {port}")
    if _is_private(to.hostname or ""):
        # A shop on the same machine or network is somebody's own: it may have been taught to deliver there.
        level = Level.HINT if _is_private(here.hostname or "") else Level.FAULT
        return _refuses("private", "eine private Adresse", "a private address", level)
    return None if to.scheme == "https" else _no_https()


def _is_private(host: str) -> bool:
    """Whether a host is, or resolves to, an address that nobody outside reaches; IPv6 literals are refused, too."""
    try:
        found = {ipaddress.ip_address(host)}
    except ValueError:
        try:
            found = {ipaddress.ip_address(row[4][0]) for row in socket.getaddrinfo(host, None)}
        except (OSError, UnicodeError, ValueError):
            return False
    else:
        if ":" in host:
            return True
    return any(not one.is_global for one in found)


def _refuses(code: str, de: str, en: str, level: Level = Level.FAULT) -> Finding:
    return Finding(
        f"webhook_{code}",
        level,
        Text(
            f"WooCommerce stellt Webhooks nicht an {de} zu, ohne es zu sagen. Das Polling findet trotzdem alles.",
            f"WooCommerce silently refuses to deliver webhooks to {en}. Polling finds everything all the same.",
        ),
        Text(
            "Für schnellere Nachrichten: eine öffentliche https-Adresse auf Port 443, oder das Ladenbote-Plugin.",
            "For faster messages: a public https address on port 443, or the Ladenbote plugin.",
        ),
    )


def _no_https() -> Finding:
    return Finding(
        "webhook_no_https",
        Level.HINT,
        Text(
            "Die Webhooks kommen unverschlüsselt (http) und enthalten Kundendaten.",
            "The webhooks travel unencrypted (http) and hold customers' data.",
        ),
        Text("Bitte eine https-Adresse als public_url eintragen.", "Please enter an https address as public_url."),
    )


def _all_well() -> Finding:
    return Finding(
        "webhooks", Level.OK, Text("Alle Webhooks sind aktiv und stimmen.", "All webhooks are active and right.")
    )


def _made(topic: str) -> Finding:
    said = Text(f"Webhook für {topic} angelegt.", f"Made the webhook for {topic}.")
    return Finding("webhook_made", Level.OK, said)


def _woken(topic: str, status: str) -> Finding:
    if status != "disabled":
        said = Text(
            f"Webhook für {topic} war angehalten; wieder aktiv.", f"The webhook for {topic} was paused; active."
        )
        return Finding("webhook_paused", Level.HINT, said)
    return Finding(
        "webhook_disabled",
        Level.HINT,
        Text(
            f"WooCommerce hatte den Webhook für {topic} abgeschaltet, weil mehr als fünf Zustellungen nacheinander "
            "fehlschlugen. Er ist wieder aktiv; nichts ging verloren, das Polling hat alles geholt.",
            f"WooCommerce had disabled the webhook for {topic}, because more than five deliveries in a row failed. It "
            "is active again; nothing was lost, polling has read everything.",
        ),
        Text(
            "War Ladenbote länger aus oder seine Adresse vom Shop aus nicht erreichbar? Das Protokoll des Shops "
            "(WooCommerce → Status → Protokolle, webhooks-delivery) nennt den Grund jeder Zustellung.",
            "Was Ladenbote off for long, or its address out of the shop's reach? The shop's log (WooCommerce → "
            "Status → Logs, webhooks-delivery) tells the reason of each delivery.",
        ),
    )


def _moved(topic: str) -> Finding:
    said = Text(
        f"Webhook für {topic} zeigte auf eine andere Adresse; berichtigt.",
        f"The webhook for {topic} pointed to another address; corrected.",
    )
    return Finding("webhook_moved", Level.HINT, said)


def _removed(topic: str) -> Finding:
    said = Text(f"Doppelten Webhook für {topic} entfernt.", f"Removed a second webhook for {topic}.")
    return Finding("webhook_double", Level.HINT, said)
