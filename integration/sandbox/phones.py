"""The customers' phones: chats with bubbles, ticks and a service window."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from integration.sandbox.cast import CUSTOMERS

CHAT_SIZE: Final = 200
MAX_PHONES: Final = 200
SERVICE_WINDOW: Final = timedelta(hours=24)
RANKS: Final = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3}


@dataclass(slots=True)
class ChatMessage:
    """One bubble; `direction` is seen from the business: out = shop to customer."""

    id: str
    direction: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    template: str = ""
    language: str = ""
    category: str = "service"
    callback: str = ""
    status: str = "accepted"
    error: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    media: dict[str, str] = field(default_factory=dict)
    offer: dict[str, str] = field(default_factory=dict)
    cards: list[dict[str, Any]] = field(default_factory=list)

    def reach(self, status: str) -> None:
        """Ticks only ever go up; failed is final."""
        if status == "failed" or RANKS[status] > RANKS.get(self.status, 9):
            self.status = status

    def as_json(self) -> dict[str, Any]:
        """What the page draws."""
        names = ("id", "direction", "body", "header", "footer", "buttons", "template", "language",
                 "category", "status", "error", "media", "offer", "cards")  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"at": self.at.isoformat()}


@dataclass(slots=True)
class Phone:
    """One customer's phone."""

    key: str
    name: str
    number: str
    user_id: str
    open: bool = False
    last_inbound: datetime | None = None
    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=CHAT_SIZE))

    @property
    def wa_id(self) -> str:
        """The number as Meta writes it in webhooks: without the plus."""
        return self.number.removeprefix("+")

    def window_open(self, now: datetime) -> bool:
        """Whether the business may still answer freely."""
        return self.last_inbound is not None and now - self.last_inbound < SERVICE_WINDOW

    def find(self, wamid: str) -> ChatMessage | None:
        """The bubble with this id."""
        return next((m for m in self.messages if m.id == wamid), None)

    def as_json(self) -> dict[str, Any]:
        """The phone with its chat."""
        until = self.last_inbound + SERVICE_WINDOW if self.last_inbound else None
        return {
            "key": self.key, "name": self.name, "number": self.number, "user_id": self.user_id,
            "open": self.open, "window_until": until.isoformat() if until else None,
            "messages": [m.as_json() for m in self.messages],
        }  # fmt: skip


class Phones:
    """All phones by number; an unknown number gets a phone on its first message."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
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
        if len(self._phones) >= MAX_PHONES:
            stranger = next(n for n, p in self._phones.items() if p.key not in CUSTOMERS)
            del self._phones[stranger]
        digits = int(hashlib.sha256(f"{self._seed}:{number}".encode()).hexdigest(), 16)
        phone = Phone(key, name, number, f"DE.{digits % 10**17:017d}")
        self._phones[number] = phone
        return phone
