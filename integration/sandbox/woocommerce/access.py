"""Who may call the REST API: OAuth 1.0a over http, Basic or query keys over https, as WC_REST_Authentication does."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from integration.sandbox.digits import whole
from integration.sandbox.woocommerce.model import ApiKey
from integration.sandbox.woocommerce.params import Refused

CLOCK_SKEW: Final = 900
OAUTH: Final = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
KEPT_NONCES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Knock:
    """A request at the door: `secure` is what PHP sees, not what a proxy in front of it knows."""

    method: str
    address: str
    secure: bool
    query: Mapping[str, str]
    authorization: str


def key_of(knock: Knock, keys: Mapping[str, ApiKey], now: datetime) -> ApiKey | None:
    """The key behind a request, None for a stranger. Raises Refused for one that does not fit."""
    return (_basic(knock, keys) if knock.secure else None) or _oauth(knock, keys, now)


def permit(key: ApiKey, method: str) -> None:
    """Raises Refused (401, not 403) for a read-only key that writes, and the other way round."""
    wanted = "read" if method in ("GET", "HEAD") else "write"
    if wanted not in key.permissions:
        raise denied(f"The API key provided does not have {wanted} permissions.")


def denied(message: str) -> Refused:
    """The answer to a key that does not fit."""
    return Refused(401, "woocommerce_rest_authentication_error", message)


def _basic(knock: Knock, keys: Mapping[str, ApiKey]) -> ApiKey | None:
    name, secret = knock.query.get("consumer_key", ""), knock.query.get("consumer_secret", "")
    if not (name and secret) and knock.authorization.lower().startswith("basic "):
        name, _, secret = _decoded(knock.authorization[6:]).partition(":")
    key = keys.get(name)
    if key is not None and not hmac.compare_digest(key.secret.encode(), secret.encode()):
        raise denied("Consumer secret is invalid.")
    return key


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _oauth(knock: Knock, keys: Mapping[str, ApiKey], now: datetime) -> ApiKey | None:
    missing = [name for name in OAUTH if not knock.query.get(name)]
    if len(missing) == len(OAUTH):
        return None
    if missing:
        text = f"Missing OAuth parameter {', '.join(missing)}"
        raise Refused(401, "woocommerce_rest_authentication_missing_parameter", text)
    key = keys.get(knock.query["oauth_consumer_key"])
    if key is None:
        raise denied("Consumer key is invalid.")
    if not hmac.compare_digest(knock.query["oauth_signature"].encode(), _signature(knock, key).encode()):
        raise denied("Invalid signature - provided signature does not match.")
    _once(knock, key, now)
    return key


def _once(knock: Knock, key: ApiKey, now: datetime) -> None:
    stamp = whole(knock.query["oauth_timestamp"])
    if stamp is None or abs(now.timestamp() - stamp) > CLOCK_SKEW:
        raise denied("Invalid timestamp.")
    nonce = knock.query["oauth_nonce"]
    if nonce in key.nonces:
        raise denied("Invalid nonce - nonce has already been used.")
    if len(key.nonces) >= KEPT_NONCES:
        key.nonces.clear()
    key.nonces.add(nonce)


def _signature(knock: Knock, key: ApiKey) -> str:
    signed = {name: value for name, value in knock.query.items() if name != "oauth_signature"}
    # parameters are encoded once as parameters and once more inside the base string
    pairs = "%26".join(f"{_enc(_enc(name))}%3D{_enc(_enc(value))}" for name, value in sorted(signed.items()))
    base = f"{knock.method}&{_enc(knock.address)}&{pairs}"
    algorithm = hashlib.sha1 if signed["oauth_signature_method"] == "HMAC-SHA1" else hashlib.sha256
    return base64.b64encode(hmac.new(f"{key.secret}&".encode(), base.encode(), algorithm).digest()).decode()


def _enc(text: str) -> str:
    return quote(text, safe="~-._")
