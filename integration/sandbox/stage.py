"""Everything on stage: the shops, the phones, WhatsApp, and what happened so far."""

import base64
import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.config import SandboxConfig
from integration.sandbox.courier import Courier
from integration.sandbox.graph import CloudApi
from integration.sandbox.meta_webhooks import MetaWebhooks
from integration.sandbox.phones import ChatMessage, Phone, Phones
from integration.sandbox.shopify import ShopifyShop
from integration.sandbox.woo.shop import WooShop

LOG_SHOWN: Final = 100


class Stage:
    """The objects of one sandbox, wired together; lives in one event loop."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.bus = Bus()
        self.courier = Courier(self.bus, config.retry_backoff)
        self.phones = Phones(config.seed)
        self.webhooks = MetaWebhooks(config, self.courier, self.bus)
        self.graph = CloudApi(config, self.phones, self.webhooks, self.bus)
        self.woocommerce = WooShop(config, self.courier, self.bus)
        self.shopify = ShopifyShop(config, self.courier, self.bus)
        self.story: dict[str, Any] = {"running": False, "steps": []}

    @property
    def shops(self) -> dict[str, WooShop | ShopifyShop]:
        """By key."""
        return {"woocommerce": self.woocommerce, "shopify": self.shopify}

    async def connect(self) -> bool:
        """What the platforms do when somebody sets them up: pings and Meta's handshake."""
        self.woocommerce.connect()
        return await self.webhooks.handshake()

    def reply(self, phone: Phone, text: str, payload: str | None = None, context: str | None = None) -> ChatMessage:
        """The customer writes, or presses a button under the message `context`."""
        wamid = self.graph.new_id(phone)
        message = ChatMessage(wamid, "in", text)
        phone.messages.append(message)
        phone.last_inbound = message.at
        self.bus.changed()
        self.bus.spawn(self._deliver_reply(phone, message, self._inbound(phone, message, payload, context)))
        return message

    def send_file(self, phone: Phone, kind: str, content: bytes, mime: str, name: str = "") -> ChatMessage:
        """The customer sends a picture, a voice or a file."""
        message = ChatMessage(self.graph.new_id(phone), "in", name or f"[{kind}]")
        phone.messages.append(message)
        phone.last_inbound = message.at
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
        self.webhooks.read(phone)
        self.bus.changed()

    def ship(self, shop: WooShop | ShopifyShop, order: Any, carrier: str = "DHL", number: str = "") -> None:
        """Ship with a tracking link, drawing a number if none is given."""
        number = number or f"00340434{order.id % 10**9:09d}{len(order.parcels) + 1:03d}"
        url = f"https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}"
        if not carrier.startswith("DHL"):
            url = f"https://kurier.example/{number}"
        shop.ship(order, carrier, number, url)

    def as_json(self) -> dict[str, Any]:
        """The whole state for the page and for tests."""
        return {
            "version": self.bus.version,
            "now": datetime.now(UTC).isoformat(),
            "shops": [shop.as_json() for shop in self.shops.values()],
            "customers": [{"key": c.key, "name": c.name, "phone": c.typed_phone} for c in CUSTOMERS.values()],
            "phones": [p.as_json() | {"fate": self.graph.fates.of(p.number).name} for p in self.phones],
            "accepted": list(self.graph.accepted),
            "bill": self.graph.bill(),
            "templates": [t.as_json() for t in self.graph.templates],
            "deliveries": [d.as_json() for d in list(self.courier.log)[-LOG_SHOWN:]],
            "settings": asdict(self.webhooks.switches),
            "account_fate": self.graph.fates.account,
            "story": self.story,
        }

    async def aclose(self) -> None:
        """Stop background work."""
        await self.bus.aclose()
        await self.courier.aclose()

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
            reply = {"type": "button_reply", "button_reply": {"id": payload, "title": message.body}}
            return base | {"type": "interactive", "interactive": reply}
        return base | {"type": "button", "button": {"payload": payload, "text": message.body}}

    async def _deliver_reply(self, phone: Phone, message: ChatMessage, body: dict[str, Any]) -> None:
        message.reach("sent")
        await self.webhooks.inbound(phone, body)
        message.reach("delivered")
        self.bus.changed()
