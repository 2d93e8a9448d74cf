"""The management side: the token, the app and its webhook, the account, the number's node, the business profile."""

import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from starlette.responses import JSONResponse, Response

from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.errors import GraphError, no_object
from integration.sandbox.whatsapp.limits import HIGH, STANDARD, TIERS, WITH_THE_APP
from integration.sandbox.whatsapp.webhooks import MetaWebhooks

MESSAGING: Final = "whatsapp_business_messaging"
MANAGEMENT: Final = "whatsapp_business_management"
OBJECT: Final = "whatsapp_business_account"
PROFILE_LIMITS: Final = {"about": 139, "address": 256, "description": 512, "email": 128}
MAX_WEBSITES: Final = 2
VERTICALS: Final = frozenset({
    "UNDEFINED", "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT",
    "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "NOT_A_BIZ",
})  # fmt: skip
MAX_BATCH: Final = 50
PIN: Final = re.compile(r"[0-9]{6}")
FIELDS: Final = frozenset({
    "messages", "user_preferences", "message_template_status_update", "message_template_quality_update",
    "message_template_components_update", "template_category_update", "account_update", "account_alerts",
    "account_review_update", "business_capability_update", "phone_number_quality_update", "phone_number_name_update",
    "security", "user_id_update", "history", "smb_app_state_sync", "smb_message_echoes",
})  # fmt: skip

Body = dict[str, Any]


@dataclass(slots=True)
class TokenState:
    """What debug_token says of the one token."""

    type: str = "SYSTEM_USER"
    expires_at: int = 0
    valid: bool = True
    scopes: list[str] = field(default_factory=lambda: [MANAGEMENT, MESSAGING])


@dataclass(slots=True)
class AppState:
    """The app's webhook."""

    callback: str = ""
    fields: list[str] = field(default_factory=list)


class Management:
    """One app with one account, its numbers and one token; tests and the stage change what they say.

    `restricted`: the account may only answer, not begin conversations.
    """

    def __init__(self, config: SandboxConfig, clock: Clock, webhooks: MetaWebhooks) -> None:
        self._config = config
        self._clock = clock
        self._webhooks = webhooks
        self.token = TokenState()
        self.app = AppState(webhooks.url, sorted(FIELDS)) if config.set_up else AppState()
        self.subscribed = config.set_up
        self.overrides: dict[str, str] = {}
        self.profile: Body = {"about": "Hallo!", "vertical": "RETAIL", "messaging_product": "whatsapp"}
        self.profile |= {"websites": ["https://laden.example/impressum"]} if config.set_up else {}
        self.numbers: dict[str, Body] = {ident: _number(config, ident) for ident in config.numbers}
        self.restricted = False
        self._pins: dict[str, str] = {}
        self.account: Body = {
            "id": config.business_account_id,
            "name": config.company_name,
            "account_review_status": "APPROVED",
            "currency": "EUR",
        }

    @property
    def number(self) -> Body:
        """The first number's node."""
        return self.numbers[self._config.phone_number_id]

    @number.setter
    def number(self, node: Body) -> None:
        self.numbers[self._config.phone_number_id] = node

    def rate(self, ident: str) -> float:
        """How many messages a second a number may send."""
        number = self.numbers[ident]
        if number["is_on_biz_app"]:
            return WITH_THE_APP
        return HIGH if number["throughput"]["level"] == "HIGH" else STANDARD

    @property
    def people_per_day(self) -> int | None:
        """How many people the portfolio may write to within 24 hours, None without a limit."""
        return TIERS.get(self.number["whatsapp_business_manager_messaging_limit"])

    def allow(self, tier: str) -> None:
        """Another limit of people per day, for all numbers."""
        for number in self.numbers.values():
            number["whatsapp_business_manager_messaging_limit"] = tier

    def is_app_token(self, token: str) -> bool:
        """Whether this is the app's own token: its id and its secret."""
        return _same(token, f"{self._config.app_id}|{self._config.app_secret}")

    def is_token_valid(self) -> bool:
        """Whether the token is neither withdrawn nor expired."""
        ends = self.token.expires_at
        return self.token.valid and not (ends and ends <= self._clock.now().timestamp())

    def need(self, scope: str) -> None:
        """Refuse what the token has no permission for."""
        if scope not in self.token.scopes:
            raise GraphError(200, f"Requires {scope} permission to manage the object.")

    def debug(self, token: str) -> Body:
        """GET /debug_token."""
        if not _same(token, self._config.whatsapp_token):
            error = {"code": 190, "message": "Invalid OAuth access token.", "subcode": 463}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        granted = [{"scope": scope, "target_ids": [self._config.business_account_id]} for scope in self.token.scopes]
        return {
            "data": {
                "app_id": self._config.app_id,
                "type": self.token.type,
                "application": "Sandbox",
                "data_access_expires_at": 0,
                "expires_at": self.token.expires_at,
                "is_valid": self.is_token_valid(),
                "scopes": self.token.scopes,
                "granular_scopes": granted,
                "user_id": self._config.system_user_id,
            }
        }

    def node(self, ident: str) -> Body:
        """GET /{id}: the number or the account."""
        if ident in self.numbers:
            self._need_any()
            return self.numbers[ident] | {"webhook_configuration": self._configuration()}
        if ident == self._config.business_account_id:
            self.need(MANAGEMENT)
            return self.account
        raise no_object(ident)

    def edge(self, ident: str, name: str) -> list[Body]:
        """GET /{id}/{edge}: a list."""
        self.need(MANAGEMENT)
        if ident == self._config.business_account_id and name == "phone_numbers":
            return list(self.numbers.values())
        if ident == self._config.system_user_id and name == "assigned_whatsapp_business_accounts":
            return [self.account]
        raise no_object(ident)

    def subscribed_apps(self) -> Body:
        """GET /{account}/subscribed_apps."""
        data = {"id": self._config.app_id, "name": "Sandbox", "link": self._config.origin}
        row: Body = {"whatsapp_business_api_data": data}
        if url := self.overrides.get("whatsapp_business_account"):
            row["override_callback_uri"] = url
        return {"data": [row] if self.subscribed else []}

    async def subscribe_app(self, body: Body) -> Body:
        """POST /{account}/subscribed_apps, with another address for this account if one is named."""
        self.need(MANAGEMENT)
        if url := body.get("override_callback_uri"):
            await self._verify(url, body.get("verify_token"))
            self.overrides["whatsapp_business_account"] = str(url)
        self.subscribed = True
        return {"success": True}

    def unsubscribe_app(self) -> Body:
        """DELETE /{account}/subscribed_apps."""
        self.need(MANAGEMENT)
        self.subscribed = False
        return {"success": True}

    def register(self, ident: str, body: Body) -> Body:
        """POST /{number}/register: the number may send from now on. The first PIN becomes the number's."""
        self.need(MANAGEMENT)
        pin = body.get("pin")
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "messaging_product must be 'whatsapp'.")
        if not isinstance(pin, str) or not PIN.fullmatch(pin):
            raise GraphError(100, "Param pin must be a string of six digits.")
        if self._pins.setdefault(ident, pin) != pin:
            raise GraphError(133005, "The two-step verification PIN is not right.")
        self.numbers[ident]["status"] = "CONNECTED"
        return {"success": True}

    def deregister(self, ident: str) -> Body:
        """POST /{number}/deregister: nothing leaves from it any more."""
        self.need(MANAGEMENT)
        self.numbers[ident]["status"] = "DISCONNECTED"
        return {"success": True}

    def is_registered(self, ident: str) -> bool:
        """Whether a number may send."""
        return bool(self.numbers[ident]["status"] != "DISCONNECTED")

    async def change_number(self, body: Body) -> Body:
        """POST /{number}: another address for this number."""
        self.need(MANAGEMENT)
        wanted = body.get("webhook_configuration")
        if not isinstance(wanted, dict):
            raise GraphError(100, "Param webhook_configuration must be an object.")
        url = wanted.get("override_callback_uri")
        if url:
            await self._verify(url, wanted.get("verify_token"))
        self.overrides["phone_number"] = str(url or "")
        return {"success": True}

    def subscriptions(self) -> Body:
        """GET /{app}/subscriptions."""
        if not self.app.callback:
            return {"data": []}
        fields = [{"name": name, "version": "v26.0"} for name in self.app.fields]
        return {"data": [{"object": OBJECT, "callback_url": self.app.callback, "active": True, "fields": fields}]}

    async def subscribe(self, body: Body) -> Body:
        """POST /{app}/subscriptions: the app's webhook. Meta asks the address first."""
        if body.get("object") != OBJECT:
            raise GraphError(100, "Param object must be whatsapp_business_account.")
        fields = [name for name in str(body.get("fields", "")).split(",") if name]
        if unknown := sorted(set(fields) - FIELDS):
            raise GraphError(100, f"Param fields: {unknown[0]} is not a field of this object.")
        await self._verify(body.get("callback_url"), body.get("verify_token"))
        self.app = AppState(str(body["callback_url"]), fields)
        self._webhooks.fields = frozenset(fields)
        return {"success": True}

    def change_profile(self, body: Body) -> Body:
        """POST /{number}/whatsapp_business_profile."""
        self.need(MESSAGING)
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "messaging_product must be 'whatsapp'.")
        for name, limit in PROFILE_LIMITS.items():
            if len(str(body.get(name, ""))) > limit:
                raise GraphError(100, f"Param {name} must be at most {limit} characters long.")
        if body.get("about") == "":
            raise GraphError(100, "Param about must not be empty.")
        _check_websites(body.get("websites", []))
        if body.get("vertical", "OTHER") not in VERTICALS:
            raise GraphError(100, "Param vertical must be one of the listed trades.")
        known = {*PROFILE_LIMITS, "websites", "vertical"}
        self.profile |= {name: value for name, value in body.items() if name in known}
        if body.get("profile_picture_handle"):
            self.profile["profile_picture_url"] = "https://pps.whatsapp.example/picture.jpg"
        return {"success": True}

    def _configuration(self) -> Body:
        ways = {name: url for name, url in self.overrides.items() if url}
        return ways | ({"application": self.app.callback} if self.app.callback else {})

    async def _verify(self, url: object, token: object) -> None:
        if not isinstance(url, str) or urlsplit(url).scheme not in ("https", "http") or len(url) > 200:
            raise GraphError(100, "The callback URL must be an address of at most 200 characters.")
        if not await self._webhooks.handshake(url, str(token or "")):
            raise GraphError(2200, "The URL couldn't be validated. Callback verification failed.")
        self._webhooks.address = url

    def _need_any(self) -> None:
        if MESSAGING not in self.token.scopes:
            self.need(MANAGEMENT)


async def batch(body: Body, one: Callable[[str, dict[str, str]], Awaitable[Body]]) -> Response:
    """POST /: several GETs in one request; each answers by itself."""
    items = body.get("batch")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise GraphError(100, f"Param batch must list 1 to {MAX_BATCH} requests.")
    return JSONResponse([await _single(item, one) for item in items])


async def _single(item: Any, one: Callable[[str, dict[str, str]], Awaitable[Body]]) -> Body:
    if not isinstance(item, dict) or item.get("method") != "GET":
        raise GraphError(100, "Only GET requests are taken in a batch here.")
    parts = urlsplit(str(item.get("relative_url", "")))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    try:
        return {"code": 200, "body": json.dumps(await one(parts.path.strip("/"), query))}
    except GraphError as error:
        return {"code": error.http, "body": json.dumps(error.envelope())}


def _number(config: SandboxConfig, ident: str) -> Body:
    return {
        "id": ident,
        "display_phone_number": config.written(ident),
        "verified_name": config.company_name,
        "name_status": "APPROVED",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "throughput": {"level": config.throughput},
        "whatsapp_business_manager_messaging_limit": config.messaging_limit,
        "is_on_biz_app": config.coexistence,
        "health_status": _healthy(config, ident),
    }


def _healthy(config: SandboxConfig, ident: str) -> Body:
    nodes = {"PHONE_NUMBER": ident, "WABA": config.business_account_id, "APP": config.app_id}
    entities = [{"entity_type": kind, "id": id_, "can_send_message": "AVAILABLE"} for kind, id_ in nodes.items()]
    return {"can_send_message": "AVAILABLE", "entities": entities}


def _check_websites(websites: object) -> None:
    if not isinstance(websites, list) or len(websites) > MAX_WEBSITES:
        raise GraphError(100, f"Param websites must list at most {MAX_WEBSITES} addresses.")
    for address in websites:
        if not str(address).startswith(("https://", "http://")) or len(str(address)) > 256:
            raise GraphError(100, "Param websites: each must begin with http:// or https://.")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
