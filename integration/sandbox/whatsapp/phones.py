"""The customers' phones: chats with bubbles, ticks and a service window."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.shown import Shown

CHAT_SIZE: Final = 200
SERVICE_WINDOW: Final = timedelta(hours=24)
AD_WINDOW: Final = timedelta(hours=72)
RANKS: Final = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3}


@dataclass(slots=True, kw_only=True)
class ChatMessage(Shown):
    """One bubble; `direction` is seen from the business: out = shop to customer. `number` is the shop's own, by id."""

    id: str
    direction: str
    at: datetime
    template: str = ""
    language: str = ""
    category: str = "service"
    callback: str = ""
    number: str = ""
    status: str = "accepted"
    error: str = ""

    def reach(self, status: str) -> None:
        """Ticks only ever go up; failed is final."""
        if status == "failed" or RANKS[status] > RANKS.get(self.status, 9):
            self.status = status

    def as_json(self) -> dict[str, Any]:
        """What the page draws."""
        names = ("id", "direction", "template", "language", "category", "status", "error")
        return self.shown() | {name: getattr(self, name) for name in names} | {"at": self.at.isoformat()}


@dataclass(slots=True)
class Phone:
    """One customer's phone. `hidden`: Meta names this person by BSUID alone; `writes_with` is the business' number."""

    key: str
    name: str
    number: str
    user_id: str
    writes_with: str
    hidden: bool = False
    open: bool = False
    last_inbound: datetime | None = None
    last_ad: datetime | None = None
    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=CHAT_SIZE))

    @property
    def wa_id(self) -> str:
        """The number as Meta writes it in webhooks: without the plus."""
        return self.number.removeprefix("+")

    def window_open(self, now: datetime) -> bool:
        """Whether the business may still answer freely."""
        return self.last_inbound is not None and now - self.last_inbound < SERVICE_WINDOW

    def came_by_ad(self, now: datetime) -> bool:
        """Whether this customer clicked on an ad within 72 hours: then nothing costs."""
        return self.last_ad is not None and now - self.last_ad < AD_WINDOW

    def find(self, wamid: str) -> ChatMessage | None:
        """The bubble with this id."""
        return next((m for m in self.messages if m.id == wamid), None)

    def as_json(self) -> dict[str, Any]:
        """The phone with its chat."""
        until = self.last_inbound + SERVICE_WINDOW if self.last_inbound else None
        return {
            "key": self.key, "name": self.name, "number": self.number, "user_id": self.user_id,
            "hidden": self.hidden, "open": self.open, "window_until": until.isoformat() if until else None,
            "messages": [m.as_json() for m in self.messages],
        }  # fmt: skip


class Phones:
    """All phones by number; an unknown number gets a phone on its first message."""

    def __init__(self, config: SandboxConfig) -> None:
        self._seed, self._most, self._number = config.seed, config.most_phones, config.phone_number_id
        self._phones: OrderedDict[str, Phone] = OrderedDict()
        for customer in CUSTOMERS.values():
            self._add(customer.key, customer.name, customer.e164)

    def __iter__(self) -> Iterator[Phone]:
        return iter(self._phones.values())

    def at(self, number: str) -> Phone:
        """The phone with this number, new if need be."""
        return self._phones.get(number) or self._add(number, number, number)

    def by_key(self, key: str) -> Phone | None:
        """The phone of a customer key, or of a number."""
        return next((p for p in self if key in (p.key, p.number)), None)

    def show(self, key: str) -> None:
        """Exactly this phone is in the customer's hand."""
        for phone in self:
            phone.open = phone.key == key

    def _add(self, key: str, name: str, number: str) -> Phone:
        if len(self._phones) >= self._most:
            stranger = next(n for n, p in self._phones.items() if p.key not in CUSTOMERS)
            del self._phones[stranger]
        phone = Phone(key, name, number, self._user_id(number), self._number)
        self._phones[number] = phone
        return phone

    def change(self, phone: Phone, number: str) -> None:
        """Somebody has another number now, and with it another user id."""
        del self._phones[phone.number]
        phone.number, phone.user_id = number, self._user_id(number)
        self._phones[number] = phone

    def by_user_id(self, user_id: str) -> Phone | None:
        """The phone of a BSUID that this business knows."""
        return next((phone for phone in self if phone.user_id == user_id), None)

    def _user_id(self, number: str) -> str:
        digits = int(hashlib.sha256(f"{self._seed}:{number}".encode()).hexdigest(), 16)
        return f"DE.{digits % 10**17:017d}"
