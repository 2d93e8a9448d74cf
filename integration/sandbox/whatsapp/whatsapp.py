"""WhatsApp alone: the Cloud API, its webhooks, the customers' phones (`ladenbote sandbox whatsapp`)."""

import base64
import hashlib
from dataclasses import asdict
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier
from integration.sandbox.whatsapp.cloud_api import CloudApi
from integration.sandbox.whatsapp.phones import ChatMessage, Phone, Phones
from integration.sandbox.whatsapp.webhooks import MetaWebhooks

LOG_SHOWN: Final = 100
#: the account's states, and the code that refuses everything then (0: nothing, or only some things)
ACCOUNT_STATES: Final = {"ok": 0, "disabled": 131031, "payment": 131042, "restricted": 0, "violation": 0}


#: how Meta tells that somebody came by an ad
AD: Final = {
    "source_url": "https://fb.me/example", "source_type": "ad", "source_id": "120210000000000000",
    "headline": "Kaffee", "body": "Frisch geröstet", "media_type": "image", "ctwa_clid": "click-example",
}  # fmt: skip


class WhatsApp:
    """One account with its numbers and everybody's phones; lives in one event loop."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        self.config = config
        self.bus = Bus()
        self.clock = clock
        self.courier = Courier(self.bus, config.retry_backoff, clock)
        self.phones = Phones(config)
        self.webhooks = MetaWebhooks(config, self.courier, self.bus, self.clock)
        self.graph = CloudApi(config, self.clock, self.phones, self.webhooks, self.bus)

    async def connect(self) -> bool:
        """Meta's handshake."""
        return await self.webhooks.handshake()

    def reply(
        self, phone: Phone, text: str, payload: str | None = None, context: str | None = None, *, ad: bool = False
    ) -> ChatMessage:
        """The customer writes, presses a button under the message `context`, or writes after a click on an `ad`."""
        wamid = self.graph.new_id(phone, came_in=True)
        message = self._said(phone, ChatMessage(body=text, id=wamid, direction="in", at=self.clock.now()))
        phone.last_ad = message.at if ad else phone.last_ad
        body = self._inbound(phone, message, payload, context) | ({"referral": AD} if ad else {})
        self.bus.changed()
        self.bus.spawn(self._deliver_reply(phone, message, body))
        return message

    def send_file(self, phone: Phone, kind: str, content: bytes, mime: str, name: str = "") -> ChatMessage:
        """The customer sends a picture, a voice or a file."""
        wamid = self.graph.new_id(phone, came_in=True)
        message = self._said(
            phone, ChatMessage(body=name or f"[{kind}]", id=wamid, direction="in", at=self.clock.now())
        )
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        part = {"id": self.graph.media.add(content, mime), "mime_type": mime, "sha256": digest}
        part |= {"filename": name} if kind == "document" else {}
        body = {"id": message.id, "timestamp": str(int(message.at.timestamp())), "type": kind, kind: part}
        self.bus.changed()
        self.bus.spawn(self._deliver_reply(phone, message, body))
        return message

    def open_phone(self, phone: Phone) -> None:
        """The customer looks at the chat."""
        self.phones.show(phone.key)
        self.webhooks.statuses.read(phone)
        self.bus.changed()

    def change_number(self, phone: Phone, number: str) -> None:
        """The customer has another number from now on, and WhatsApp says so."""
        before = phone.wa_id
        self.phones.change(phone, number)
        self.bus.changed()
        self.bus.spawn(self.webhooks.new_number(phone, before, self.graph.new_id(phone, came_in=True)))

    def put_account(self, state: str) -> None:
        """Let the account be ok, disabled, restricted, without payment, or warned of a violation."""
        self.graph.fates.account = ACCOUNT_STATES[state]
        self.graph.management.restricted = state == "restricted"
        self.bus.changed()
        self.bus.spawn(self.webhooks.account(state))

    def allow(self, tier: str) -> None:
        """Another limit of people per day, and WhatsApp says so."""
        self.graph.management.allow(tier)
        self.bus.changed()
        self.bus.spawn(self.webhooks.capability(self.graph.management.people_per_day))

    def as_json(self) -> dict[str, Any]:
        """The whole state for the page and for tests."""
        sending = self.graph.sending
        return {
            "version": self.bus.version,
            "now": self.clock.now().isoformat(),
            "phones": [p.as_json() | {"fate": self.graph.fates.chosen(p.number).name} for p in self.phones],
            "accepted": list(self.graph.accepted),
            "refused": {str(code): count for code, count in sending.refused.items()},
            "held": len(sending.held),
            "people": len(sending.people),
            "lost": self.webhooks.statuses.lost,
            "bill": self.graph.bill(),
            "templates": [t.as_json() for t in self.graph.templates],
            "deliveries": [d.as_json() for d in list(self.courier.log)[-LOG_SHOWN:]],
            "settings": asdict(self.webhooks.switches),
            "account_fate": self.graph.fates.account,
        }

    async def aclose(self) -> None:
        """Stop background work."""
        await self.bus.aclose()
        await self.courier.aclose()

    def _said(self, phone: Phone, message: ChatMessage) -> ChatMessage:
        phone.messages.append(message)
        phone.last_inbound = message.at
        self.graph.sending.heard(phone)
        return message

    def _inbound(self, phone: Phone, message: ChatMessage, payload: str | None, context: str | None) -> dict[str, Any]:
        stamp = str(int(message.at.timestamp()))
        base: dict[str, Any] = {"id": message.id, "timestamp": stamp}
        if payload is None:
            return base | {"type": "text", "text": {"body": message.body}}
        origin = (
            phone.find(context)
            if context
            else next(
                (m for m in reversed(phone.messages) if any(b.get("payload") == payload for b in m.buttons)),
                None,
            )
        )
        if origin is not None:
            base["context"] = {"from": self.webhooks.sender_number, "id": origin.id}
        if origin is not None and not origin.template:
            pressed = {"row": "list_reply"}.get(_kind_of(origin, payload), "button_reply")
            reply = {"type": pressed, pressed: {"id": payload, "title": message.body}}
            return base | {"type": "interactive", "interactive": reply}
        return base | {"type": "button", "button": {"payload": payload, "text": message.body}}

    async def _deliver_reply(self, phone: Phone, message: ChatMessage, body: dict[str, Any]) -> None:
        message.reach("sent")
        await self.webhooks.inbound(phone, body)
        message.reach("delivered")
        self.bus.changed()


def _kind_of(message: ChatMessage, payload: str) -> str:
    """The kind of the button with this payload."""
    return next((button["type"] for button in message.buttons if button.get("payload") == payload), "")
