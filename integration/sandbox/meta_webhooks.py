"""Meta's webhooks: statuses, replies and template updates, signed with the app secret."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from integration.sandbox.billing import Billing
from integration.sandbox.bus import Bus
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier, Delivery
from integration.sandbox.graph_errors import status_error
from integration.sandbox.phones import ChatMessage, Phone

DISPLAY_NUMBER: Final = "4922147100900"
RETRIES: Final = 7


@dataclass(slots=True)
class Switches:
    """How untidy Meta is today."""

    shuffle: bool = False
    duplicate: bool = False
    batch: bool = False
    skip_delivered: bool = False
    auto_read: bool = True


class MetaWebhooks:
    """Sends what Meta would send to the worker's WhatsApp webhook."""

    def __init__(self, config: SandboxConfig, courier: Courier, bus: Bus) -> None:
        self._config = config
        self._courier = courier
        self._bus = bus
        self._random = random.Random(config.seed)  # noqa: S311 - repeatable disorder, no secret
        self.switches = Switches()
        self.billing = Billing()
        self.address = ""

    @property
    def sender_number(self) -> str:
        """The business' own number as Meta writes it."""
        return DISPLAY_NUMBER

    @property
    def url(self) -> str:
        """Where the worker listens for this number: what was subscribed last, else where the demo's worker is."""
        return self.address or f"{self._config.worker_url}/meta/{self._config.sender_slug}"

    def follow(self, phone: Phone, message: ChatMessage, failure: tuple[int, str] | None) -> None:
        """Let an accepted message take its course."""
        self._bus.spawn(self._fail(phone, message, *failure) if failure else self._progress(phone, message))

    def read(self, phone: Phone) -> None:
        """The customer looks at the chat: what was delivered is read now."""
        unread = [m for m in phone.messages if m.direction == "out" and m.status == "delivered"]
        if unread:
            self._bus.spawn(self._happen(phone, [(m, "read") for m in unread]))

    async def inbound(self, phone: Phone, message: Mapping[str, Any]) -> None:
        """A customer wrote."""
        contacts = [_contact(phone)]
        sender = {"from": phone.wa_id, "from_user_id": phone.user_id}
        value = self._value() | {"contacts": contacts, "messages": [{**sender, **message}]}
        await self._post(value, "messages", f"message {message['type']}", phone.key)

    async def template_status(self, template: Any, event: str) -> None:
        """Meta judged a template."""
        value = _named(template) | {
            "event": event,
            "reason": template.reason,
            "message_template_category": template.category,
        }
        await self._post(value, "message_template_status_update", f"template {event}", template.name)

    async def template_category(self, template: Any, before: str) -> None:
        """Meta moved a template to another category."""
        value = _named(template) | {"previous_category": before, "new_category": template.category}
        await self._post(value, "template_category_update", f"template {template.category}", template.name)

    async def template_quality(self, template: Any, before: str) -> None:
        """People like a template better or worse."""
        value = _named(template) | {"previous_quality_score": before, "new_quality_score": template.quality}
        await self._post(value, "message_template_quality_update", f"template {template.quality}", template.name)

    async def handshake(self, url: str = "", token: str = "") -> bool:
        """Meta's GET that proves who owns the address."""
        params = {
            "hub.mode": "subscribe",
            "hub.verify_token": token or self._config.verify_token,
            "hub.challenge": "1158201444",
        }
        response = await self._courier.get("meta", "handshake", url or self.url, params)
        return response is not None and response.text == params["hub.challenge"]

    async def _progress(self, phone: Phone, message: ChatMessage) -> None:
        steps = ["sent"] if self.switches.skip_delivered else ["sent", "delivered"]
        if self.switches.auto_read or phone.open:
            steps.append("read")
        happenings = [(message, step) for step in steps]
        if self.switches.shuffle:
            self._random.shuffle(happenings)
        if self.switches.batch:
            await self._pause()
            return await self._happen(phone, happenings)
        for happening in happenings:
            await self._pause()
            await self._happen(phone, [happening])

    async def _fail(self, phone: Phone, message: ChatMessage, code: int, details: str) -> None:
        await self._pause()
        message.reach("failed")
        message.error = f"{code}"
        status = self._status(phone, message, "failed") | {"errors": [status_error(code, details)]}
        await self._post_statuses(phone, [status], "failed", contacts=False)

    async def _happen(self, phone: Phone, happenings: Sequence[tuple[ChatMessage, str]]) -> None:
        for message, step in happenings:
            message.reach(step)
            if step in ("delivered", "read"):
                self.billing.delivered(message.id)
        self._bus.changed()
        statuses = [self._status(phone, message, step) for message, step in happenings]
        await self._post_statuses(phone, statuses, "+".join(s["status"] for s in statuses), contacts=True)

    def _status(self, phone: Phone, message: ChatMessage, step: str) -> dict[str, Any]:
        status: dict[str, Any] = {
            "id": message.id,
            "status": step,
            "timestamp": _now(),
            "recipient_id": phone.wa_id,
            "recipient_user_id": phone.user_id,
        }
        if message.callback:
            status["biz_opaque_callback_data"] = message.callback
        if step in ("sent", "delivered"):
            status["pricing"] = self.billing.pricing(message.id)
        return status

    async def _post_statuses(self, phone: Phone, statuses: list[dict[str, Any]], name: str, *, contacts: bool) -> None:
        people = {"contacts": [_contact(phone)]} if contacts else {}
        value = self._value() | people | {"statuses": statuses}
        for _ in range(2 if self.switches.duplicate else 1):
            await self._post(value, "messages", f"status {name}", phone.key)

    async def _post(self, value: Mapping[str, Any], field: str, topic: str, subject: str) -> None:
        text = json.dumps(self._envelope(value, field), ensure_ascii=True, separators=(",", ":"))
        body = text.replace("/", "\\/").encode()
        signature = hmac.new(self._config.app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        await self._courier.send(Delivery("meta", topic, self.url, body, headers, RETRIES, subject=subject))

    def _envelope(self, value: Mapping[str, Any], field: str) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "id": self._config.business_account_id,
            "changes": [{"value": dict(value), "field": field}],
        }
        if field != "messages":
            entry["time"] = int(_now())
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def _value(self) -> dict[str, Any]:
        metadata = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": self._config.phone_number_id}
        return {"messaging_product": "whatsapp", "metadata": metadata}

    async def _pause(self) -> None:
        await asyncio.sleep(self._config.status_delay)


def _now() -> str:
    return str(int(datetime.now(UTC).timestamp()))


def _named(template: Any) -> dict[str, Any]:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def _contact(phone: Phone) -> dict[str, Any]:
    return {"profile": {"name": phone.name}, "wa_id": phone.wa_id, "user_id": phone.user_id}
