"""Meta's webhooks, signed with the app secret: statuses, what customers do, news of templates and of the account."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier, Delivery
from integration.sandbox.whatsapp.billing import Billing
from integration.sandbox.whatsapp.phones import Phone
from integration.sandbox.whatsapp.statuses import StatusReports, Switches

RETRIES: Final = 7
#: what Meta calls the account's states
VIOLATION: Final = "SPAM"
RESTRICTION: Final = "RESTRICTED_BIZ_INITIATED_MESSAGING"


class MetaWebhooks:
    """Sends what Meta would send to the worker's WhatsApp webhook."""

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus, clock: Clock) -> None:
        self._config = config
        self._courier = courier
        self._clock = clock
        self.billing = Billing()
        self.statuses = StatusReports(config, clock, bus, self.billing, self._post_statuses)
        self.address = ""
        #: the fields that the app subscribed to; until it does, every one
        self.fields: frozenset[str] = frozenset()

    @property
    def switches(self) -> Switches:
        """How untidy Meta is today."""
        return self.statuses.switches

    @property
    def sender_number(self) -> str:
        """The business' own number as Meta writes it."""
        return self._config.displayed(self._config.phone_number_id)

    @property
    def url(self) -> str:
        """Where the worker listens for this number: what was subscribed last, else where the demo's worker is."""
        return self.address or f"{self._config.worker_url}/meta/{self._config.sender_slug}"

    async def inbound(self, phone: Phone, message: Mapping[str, Any]) -> None:
        """A customer wrote, to the number that wrote last."""
        sender = {"from_user_id": phone.user_id}
        if not self.statuses.hides(phone):
            sender["from"] = phone.wa_id
        value = {"contacts": [self.statuses.person(phone)], "messages": [{**sender, **message}]}
        await self._post([self._about(phone.writes_with, value)], "messages", f"message {message['type']}", phone.key)

    async def preference(self, phone: Phone, wish: str) -> None:
        """A customer stopped or resumed marketing in WhatsApp's own settings."""
        person = {"user_id": phone.user_id} | ({} if self.statuses.hides(phone) else {"wa_id": phone.wa_id})
        row = person | {
            "detail": f"User requested to {wish} marketing messages",
            "category": "marketing_messages",
            "value": wish,
            "timestamp": int(self._clock.now().timestamp()),
        }
        value = self._about(phone.writes_with, {"contacts": [person], "user_preferences": [row]})
        await self._post([value], "user_preferences", f"marketing {wish}", phone.key)

    async def new_number(self, phone: Phone, before: str, wamid: str) -> None:
        """A customer has another number now; the BSUID changes with it."""
        system = {
            "body": f"User changed from {before} to {phone.wa_id}",
            "wa_id": phone.wa_id,
            "user_id": phone.user_id,
            "type": "user_changed_number",
        }
        row = {
            "from": before,
            "id": wamid,
            "timestamp": str(int(self._clock.now().timestamp())),
            "type": "system",
            "system": system,
        }
        await self._post([self._about(phone.writes_with, {"messages": [row]})], "messages", "message system", phone.key)

    async def account(self, state: str) -> None:
        """The account got into another state."""
        until = int((self._clock.now() + timedelta(days=7)).timestamp())
        news: dict[str, dict[str, Any]] = {
            "disabled": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
            "ok": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
            "restricted": {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": RESTRICTION, "expiration": until}],
            },
            "violation": {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": VIOLATION}},
        }
        if state in news:
            await self._post([news[state]], "account_update", f"account {state}", self._config.business_account_id)

    async def capability(self, people_per_day: int | None) -> None:
        """Another limit of people per day."""
        value = {"max_daily_conversations_per_business": people_per_day or -1, "max_phone_numbers_per_waba": 25}
        await self._post([value], "business_capability_update", "capability", self._config.business_account_id)

    async def template_status(self, template: Any, event: str) -> None:
        """Meta judged a template."""
        value = _named(template) | {
            "event": event,
            "reason": template.reason,
            "message_template_category": template.category,
        }
        await self._post([value], "message_template_status_update", f"template {event}", template.name)

    async def template_category(self, template: Any, before: str) -> None:
        """Meta moved a template to another category."""
        value = _named(template) | {"previous_category": before, "new_category": template.category}
        await self._post([value], "template_category_update", f"template {template.category}", template.name)

    async def template_quality(self, template: Any, before: str) -> None:
        """People like a template better or worse."""
        value = _named(template) | {"previous_quality_score": before, "new_quality_score": template.quality}
        await self._post([value], "message_template_quality_update", f"template {template.quality}", template.name)

    async def handshake(self, url: str = "", token: str = "") -> bool:
        """Meta's GET that proves who owns the address."""
        params = {
            "hub.mode": "subscribe",
            "hub.verify_token": token or self._config.verify_token,
            "hub.challenge": "1158201444",
        }
        response = await self._courier.get("meta", "handshake", url or self.url, params)
        return response is not None and response.text == params["hub.challenge"]

    async def _post_statuses(self, values: list[dict[str, Any]], topic: str, subject: str) -> None:
        await self._post([self._about(value.pop("number"), value) for value in values], "messages", topic, subject)

    async def news(self, field: str, value: Mapping[str, Any]) -> None:
        """Anything that Meta may tell, as it was asked for."""
        await self._post([value], field, f"news {field}", self._config.business_account_id)

    async def _post(self, values: Sequence[Mapping[str, Any]], field: str, topic: str, subject: str) -> None:
        if self.fields and field not in self.fields:
            return
        text = json.dumps(self._envelope(values, field), ensure_ascii=True, separators=(",", ":"))
        body = text.replace("/", "\\/").encode()
        signature = hmac.new(self._config.app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        await self._courier.send(Delivery("meta", topic, self.url, body, headers, RETRIES, subject=subject))

    def _envelope(self, values: Sequence[Mapping[str, Any]], field: str) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "id": self._config.business_account_id,
            "changes": [{"value": dict(value), "field": field} for value in values],
        }
        if field != "messages":
            entry["time"] = int(self._clock.now().timestamp())
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def _about(self, number: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """What is about one of the business' numbers."""
        metadata = {"display_phone_number": self._config.displayed(number), "phone_number_id": number}
        return {"messaging_product": "whatsapp", "metadata": metadata} | dict(value)


def _named(template: Any) -> dict[str, Any]:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }
