"""POST /{number}/messages: what stops a message, what becomes of it, and what the answer looks like on the wire."""

import asyncio
import base64
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integration.sandbox import faults
from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.digits import country
from integration.sandbox.whatsapp.account import Management
from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.fates import Fate, Fates
from integration.sandbox.whatsapp.kinds import Draft
from integration.sandbox.whatsapp.limits import Bucket, Pairs, People
from integration.sandbox.whatsapp.media import MediaStore
from integration.sandbox.whatsapp.messages import parse
from integration.sandbox.whatsapp.phones import ChatMessage, Phone, Phones
from integration.sandbox.whatsapp.shapes import READ, check
from integration.sandbox.whatsapp.templates import TemplateRegistry
from integration.sandbox.whatsapp.webhooks import MetaWebhooks

#: no advertising to the USA since April 2025
WITHOUT_MARKETING: Final = "US"
#: a held message without a verdict of somebody's is judged after so many status delays
JUDGED_AFTER: Final = 2
SLOW: Final = 40


@dataclass(frozen=True, slots=True)
class Held:
    """A message that was taken and waits until Meta has judged its template's quality."""

    phone: Phone
    message: ChatMessage


class Sending:
    """All numbers of the account. `refused` counts codes; `accepted` is the listing for assertions."""

    def __init__(
        self, config: SandboxConfig, clock: Clock, phones: Phones, webhooks: MetaWebhooks, bus: Bus,
        templates: TemplateRegistry, management: Management, media: MediaStore,
    ) -> None:  # fmt: skip
        self._config = config
        self._clock = clock
        self._phones = phones
        self._webhooks = webhooks
        self._bus = bus
        self._templates = templates
        self._management = management
        self._media = media
        self._random = random.Random(config.seed)  # noqa: S311 - message ids, no secret
        self._buckets = {number: Bucket(clock) for number in config.numbers}
        self._pairs = Pairs(clock)
        self.people = People(clock)
        self.fates = Fates(config.seed, config.lots)
        self.accepted: deque[dict[str, Any]] = deque(maxlen=config.remembered)
        self.refused: Counter[int] = Counter()
        self.paced: set[str] = set()
        self.held: list[Held] = []

    async def send(self, request: Request, number: str, body: Any) -> Response:
        """Take a message, or refuse it in Meta's envelope."""
        try:
            return await self._send(request, number, body)
        except GraphError as error:
            self.refused[error.code] += 1
            raise

    async def _send(self, request: Request, number: str, body: Any) -> Response:
        draft = parse(body, self._templates, auto=self._config.auto_templates)
        phone = self._phone(draft)
        fate = self.fates.of(phone.number)
        self._gate(number, draft, phone, fate)
        await asyncio.sleep(self._config.latency * (SLOW if fate.fault == "slow" else 1))
        return await self._answer(request, number, draft, phone, fate)

    def _phone(self, draft: Draft) -> Phone:
        if draft.to.startswith("+"):
            return self._phones.at(draft.to)
        known = self._phones.by_user_id(draft.to)
        if known is None:
            raise GraphError(131026, "The recipient is not known to this business portfolio.")
        return known

    def _gate(self, number: str, draft: Draft, phone: Phone, fate: Fate) -> None:
        if phone.wa_id == self._config.displayed(number):
            raise GraphError(131021, "Recipient and sender are the same number.")
        if self.fates.account:
            raise GraphError(self.fates.account, "The account is in this state by choice of the sandbox.")
        if not self._management.is_registered(number):
            raise GraphError(133010, "The number is not registered: POST /{number}/register.")
        if not self._buckets[number].take(self._management.rate(number)):
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        if not self._pairs.take(number, phone.number):
            raise GraphError(131056, "Too many messages sent from the sender to the same recipient in a short time.")
        for kind, ident in _media_of(draft):
            self._check_medium(kind, ident)
        if fate.sync is not None:
            raise GraphError(fate.sync, fate.details)
        self._outside_the_window(draft, phone)

    def _outside_the_window(self, draft: Draft, phone: Phone) -> None:
        if phone.window_open(self._clock.now()):
            return
        if draft.kind != "template":
            raise GraphError(131047, "More than 24 hours have passed since the customer last replied.")
        if self._management.restricted:
            raise GraphError(368, "This account may not begin conversations for now.")
        if not self.people.take(phone.number, self._management.people_per_day):
            raise GraphError(131048, "The number of people who may be written to within 24 hours is reached.")

    def _check_medium(self, kind: str, ident: str) -> None:
        found = self._media.find(ident)
        if found is not None and not found.fits(kind):
            raise GraphError(131053, f"The media {ident} is {found.mime}, which cannot be sent as {kind}.")
        if found is not None:
            return
        if self._media.knew(ident):
            raise GraphError(131053, f"The media {ident} is older than 30 days and must be uploaded again.")
        raise GraphError(131009, f"Param ['id'] {ident} is not a valid media attachment of this account.")

    async def _answer(self, request: Request, number: str, draft: Draft, phone: Phone, fate: Fate) -> Response:
        held = fate.held or draft.template in self.paced
        wamid = self._accept(number, draft, phone, fate, held=held) if fate.accepted else ""
        if fate.fault == "hang":
            return await faults.hang(request)
        if fate.fault == "reset":
            return await faults.reset(request)
        if fate.fault == "cut":
            return await faults.cut(request)
        if fate.fault == "html_500":
            return faults.html_500()
        answer = {
            "messaging_product": "whatsapp",
            "contacts": [self._contact(draft, phone)],
            "messages": [{"id": wamid, "message_status": "held_for_quality_assessment" if held else "accepted"}],
        }
        return faults.trickle(answer, self._config.latency) if fate.fault == "trickle" else JSONResponse(answer)

    def _contact(self, draft: Draft, phone: Phone) -> dict[str, str]:
        known = {"input": draft.to, "user_id": phone.user_id}
        return known if self._webhooks.statuses.hides(phone) else known | {"wa_id": phone.wa_id}

    def _accept(self, number: str, draft: Draft, phone: Phone, fate: Fate, *, held: bool) -> str:
        wamid = self.new_id(phone)
        message = ChatMessage(
            **draft.shown(),
            id=wamid,
            direction="out",
            template=draft.template,
            language=draft.language,
            category=draft.category,
            callback=draft.callback,
            number=number,
            at=self._clock.now(),
        )
        phone.messages.append(message)
        phone.writes_with = number
        window = phone.window_open(message.at)
        self._webhooks.billing.agree(
            wamid, phone.number, draft.category, message.at,
            window=window, ad=phone.came_by_ad(message.at), sender=number,
        )  # fmt: skip
        self.accepted.append(_record(draft, phone, message))
        self._bus.changed()
        self._follow(phone, message, fate, held=held)
        return wamid

    def _follow(self, phone: Phone, message: ChatMessage, fate: Fate, *, held: bool) -> None:
        failure = (fate.later, fate.details) if fate.later is not None else _abroad(phone, message)
        if fate.stops:
            self._bus.spawn(self._webhooks.preference(phone, "stop"))
        if fate.held:
            self._bus.spawn(self._judged(phone, message, failure))
        elif held:
            self.held.append(Held(phone, message))
        else:
            self._webhooks.statuses.follow(phone, message, failure)

    async def _judged(self, phone: Phone, message: ChatMessage, failure: tuple[int, str] | None) -> None:
        await asyncio.sleep(self._config.status_delay * JUDGED_AFTER)
        self._webhooks.statuses.follow(phone, message, failure)

    def judge_held(self, template: str, *, well: bool) -> int:
        """End the pacing of a template: what was held is sent now, or fails with it. Returns how many."""
        self.paced.discard(template)
        mine = [one for one in self.held if one.message.template == template]
        self.held = [one for one in self.held if one.message.template != template]
        failure = None if well else (132015, "The template was paused while it was judged.")
        for one in mine:
            self._webhooks.statuses.follow(one.phone, one.message, failure)
        return len(mine)

    def heard(self, phone: Phone) -> None:
        """A customer wrote: that takes from the number's messages a second, too."""
        self._buckets[phone.writes_with].take(self._management.rate(phone.writes_with))

    def new_id(self, phone: Phone, *, came_in: bool = False) -> str:
        """A message id in WhatsApp's form: base64 around the number, the direction and random digits."""
        digits, direction = (20, 0x12) if came_in else (18, 0x11)
        drawn = self._random.randbytes(digits // 2).hex().upper().encode()
        number = phone.wa_id.encode()
        raw = bytes((0x1C, 0x18, len(number))) + number + bytes((0x15, 2, 0, direction, 0x18, digits)) + drawn + b"\0"
        return "wamid." + base64.b64encode(raw).decode()

    def mark_read(self, body: dict[str, Any]) -> Response:
        """The business has read what a customer wrote."""
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "messaging_product must be 'whatsapp'.")
        check(body, READ)
        if (body.get("typing_indicator") or {"type": "text"})["type"] != "text":
            raise GraphError(131009, "Param typing_indicator['type'] must be text.")
        wamid = body["message_id"]
        message = next((m for p in self._phones if (m := p.find(wamid)) and m.direction == "in"), None)
        if message is None:
            raise GraphError(131009, "message_id is not a message from a customer.")
        message.reach("read")
        self._bus.changed()
        return JSONResponse({"success": True})


def _abroad(phone: Phone, message: ChatMessage) -> tuple[int, str] | None:
    if message.category == "marketing" and country(phone.number) == WITHOUT_MARKETING:
        return 131049, "Marketing templates are not delivered to numbers of this country."
    return None


def _media_of(draft: Draft) -> Iterator[tuple[str, str]]:
    for shown in (draft.media, *(card.get("media") or {} for card in draft.cards)):
        if shown.get("source", "").isdecimal() and shown["type"] != "location":
            yield shown["type"], shown["source"]


def _record(draft: Draft, phone: Phone, message: ChatMessage) -> dict[str, Any]:
    return {
        "to": phone.number, "customer": phone.key, "kind": draft.kind, "template": draft.template,
        "language": draft.language, "category": draft.category, "parameters": draft.parameters,
        "text": draft.body, "media": draft.media, "offer": draft.offer, "cards": draft.cards,
        "biz_opaque_callback_data": draft.callback, "wamid": message.id, "number": message.number,
        "at": message.at.isoformat(),
    }  # fmt: skip
