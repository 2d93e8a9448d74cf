"""Who may ask: client credentials, tokens that expire, and permanent ones (docs/reference/shopify.md section 1)."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from integration.sandbox.clock import Clock

LIFETIME: Final = timedelta(seconds=86399)
SCOPES: Final = (
    *("read_orders", "read_customers", "write_customers", "read_products", "read_discounts", "write_discounts"),
    *("read_locales", "read_fulfillments", "read_merchant_managed_fulfillment_orders"),
)


@dataclass(slots=True)
class App:
    """The merchant's own app. `compliance_uri` is where the privacy topics go; they are no subscriptions."""

    client_id: str = "sandbox-client"
    secret: str = "sandbox-shopify-client-secret"  # noqa: S105 - pretend
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    installed: bool = True
    permitted: bool = True
    compliance_uri: str = ""
    webhook_version: str = "2026-10"


class Tokens:
    """The tokens in force."""

    def __init__(self, app: App, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._tokens: dict[str, datetime | None] = {}

    def permanent(self, token: str) -> str:
        """A legacy custom app's token, which never expires."""
        self._tokens[token] = None
        return token

    def valid(self, token: str) -> bool:
        """Whether it opens the door now."""
        if token not in self._tokens:
            return False
        end = self._tokens[token]
        return end is None or self._clock.now() < end

    def revoke(self) -> None:
        """The app is gone, or somebody rotated its keys."""
        self._tokens.clear()

    def grant(self, form: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of POST /admin/oauth/access_token."""
        given = f"{form.get('client_id')}:{form.get('client_secret')}".encode()
        expected = f"{self._app.client_id}:{self._app.secret}".encode()
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        if not hmac.compare_digest(given, expected):
            return 401, {"error": "invalid_client"}
        if not self._app.permitted:
            return 400, {"error": "shop_not_permitted", "error_description": "Client credentials cannot be performed "
                         "on this shop."}  # fmt: skip
        if not self._app.installed:
            return 400, {"error": "app_not_installed", "error_description": "The app is not installed on this shop."}
        token = f"shpat_{secrets.token_hex(16)}"
        self._tokens[token] = self._clock.now() + LIFETIME
        scope = ",".join(self._app.scopes)
        return 200, {"access_token": token, "scope": scope, "expires_in": int(LIFETIME.total_seconds())}
