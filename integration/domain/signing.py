"""Our own signature for requests between Ladenbote, its companion plugin and its mailboxes.

Two headers: a Unix timestamp, and `v1=` with the hex HMAC-SHA256 over timestamp, a dot and the raw body
(docs/reference/woocommerce.md section 11).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

TIMESTAMP: Final = "x-ladenbote-timestamp"
SIGNATURE: Final = "x-ladenbote-signature"
#: how far a request's timestamp may lie from the receiver's clock
WINDOW: Final = timedelta(minutes=5)


def sign(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The two headers of a request that is sent at `at`."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: _signature(secret, timestamp, body)}


def signed_at(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> datetime | None:
    """When one of the secrets signed this request, None when none did. `headers` has lower-case names.

    Compared in constant time; an empty secret signs nothing. Whether that moment is near enough is the caller's
    question (`WINDOW`).
    """
    timestamp = headers.get(TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return None
    given = headers.get(SIGNATURE, "").encode("utf-8", "replace")
    fitting = [hmac.compare_digest(given, _signature(secret, timestamp, body).encode()) for secret in secrets if secret]
    return datetime.fromtimestamp(int(timestamp), UTC) if any(fitting) else None


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    return "v1=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hex()
