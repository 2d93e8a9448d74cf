"""The signature that Shopify and WooCommerce share: base64 of HMAC-SHA256 over the raw bytes."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def signed(signature: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets made this signature; compared in constant time.

    An empty secret signs nothing: anybody could compute it.
    """
    given = signature.strip().encode("utf-8", "replace")
    fitting = [hmac.compare_digest(given, _signature(secret, body)) for secret in secrets if secret]
    return any(fitting)


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
