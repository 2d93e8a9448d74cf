"""WooCommerce's webhook requests: signature, ping, topic, headers (docs/reference/woocommerce.md section 4)."""

import re
from collections.abc import Mapping, Sequence

from connectors.signing import signed
from integration.domain.shops.ports import Verdict

_PING = re.compile(rb"webhook_id=[0-9]{1,20}\s*\Z")
_KEPT = ("source", "topic", "resource", "event", "id", "delivery-id")


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
    """Check `X-WC-Webhook-Signature`. The ping on creation is a form without any X-WC header or signature."""
    signature = headers.get("x-wc-webhook-signature", "")
    if signature and signed(signature, body, secrets):
        return Verdict.VERIFIED
    ours = any(name.startswith("x-wc-") for name in headers)
    return Verdict.PING if not ours and _PING.match(body) else Verdict.UNSIGNED


def topic(headers: Mapping[str, str]) -> str:
    """The topic, for example `order.updated`; "" when there is none."""
    return headers.get("x-wc-webhook-topic", "").strip()[:200]


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Ids and origin; the signature is left out. Delivery ids repeat: never dedupe on them."""
    names = [f"x-wc-webhook-{name}" for name in _KEPT]
    return {name: headers[name][:200] for name in names if name in headers}
