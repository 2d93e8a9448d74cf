"""Shopify's webhook requests: signature, topic, headers (docs/reference/shopify.md section 4)."""

from collections.abc import Mapping, Sequence

from connectors.signing import signed
from integration.domain.shops.ports import Verdict

_KEPT = ("topic", "shop-domain", "api-version", "webhook-id", "event-id", "triggered-at", "name")


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
    """Check `X-Shopify-Hmac-SHA256`. After a rotation Shopify signs with the old secret for up to an hour."""
    signature = headers.get("x-shopify-hmac-sha256", "")
    return Verdict.VERIFIED if signature and signed(signature, body, secrets) else Verdict.UNSIGNED


def topic(headers: Mapping[str, str]) -> str:
    """The topic, for example `orders/create`; "" when there is none."""
    return headers.get("x-shopify-topic", "").strip()[:200]


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Ids, versions and times; the signature is left out."""
    names = [f"x-shopify-{name}" for name in _KEPT]
    return {name: headers[name][:200] for name in names if name in headers}


def delivery(headers: Mapping[str, str]) -> str:
    """The webhook's id, which is equal on retries, and its signature: the id alone is not signed."""
    names = ("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-hmac-sha256")
    found = [headers.get(name, "")[:200] for name in names]
    return " ".join(found) if all(found) else ""
