"""What became of accepted messages, as Meta reports it: tidily, or shuffled, doubled, collected and in part lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.billing import Billing
from integration.sandbox.whatsapp.errors import status_error
from integration.sandbox.whatsapp.phones import ChatMessage, Phone

#: Meta puts at most so many updates into one body
MOST: Final = 1000
#: with `lose`, so many statuses never arrive
LOST: Final = 0.2
#: statuses are collected for so long at least
COLLECT: Final = 0.05

#: with `late`, so many times as long at most
LATEST: Final = 20

Post = Callable[[list[dict[str, Any]], str, str], Awaitable[None]]


@dataclass(slots=True)
class Switches:
    """How untidy Meta is today. `hide_phones`: customers have usernames, webhooks name them by BSUID alone.

    `late`: each status takes up to 20 times as long. `no_billable`: prices without the field that is to go.
    """

    shuffle: bool = False
    duplicate: bool = False
    batch: bool = False
    lose: bool = False
    skip_delivered: bool = False
    auto_read: bool = True
    hide_phones: bool = False
    late: bool = False
    no_billable: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """One step of one message; `error` is the code and details of a failure."""

    phone: Phone
    message: ChatMessage
    step: str
    error: tuple[int, str] | None = None


class StatusReports:
    """Lets accepted messages take their course, and tells of it. `post` takes change values, a topic, a subject."""

    def __init__(self, config: SandboxConfig, clock: Clock, bus: Bus, billing: Billing, post: Post) -> None:
        self._config = config
        self._clock = clock
        self._bus = bus
        self._billing = billing
        self._post = post
        self._random = random.Random(config.seed)  # noqa: S311 - repeatable disorder, no secret
        self._collected: list[Happening] = []
        self.switches = Switches()
        self.lost = 0

    def follow(self, phone: Phone, message: ChatMessage, failure: tuple[int, str] | None) -> None:
        """Let a message take its course: it fails, or goes on to be read."""
        steps = [Happening(phone, message, "failed", failure)] if failure else self._course(phone, message)
        self._bus.spawn(self._progress(steps))

    def read(self, phone: Phone) -> None:
        """The customer looks at the chat: what was delivered is read now."""
        unread = [m for m in phone.messages if m.direction == "out" and m.status == "delivered"]
        if unread:
            self._bus.spawn(self._tell([Happening(phone, m, "read") for m in unread]))

    def person(self, phone: Phone) -> dict[str, Any]:
        """A row of `contacts`: since usernames exist, the phone may be missing."""
        if self.hides(phone):
            return {"profile": {"name": phone.name, "username": f"@{phone.key}"}, "user_id": phone.user_id}
        return {"profile": {"name": phone.name}, "wa_id": phone.wa_id, "user_id": phone.user_id}

    def hides(self, phone: Phone) -> bool:
        """Whether Meta names this person by BSUID alone."""
        return self.switches.hide_phones or phone.hidden

    def _course(self, phone: Phone, message: ChatMessage) -> list[Happening]:
        steps = ["sent"] if self.switches.skip_delivered else ["sent", "delivered"]
        if self.switches.auto_read or phone.open:
            steps.append("read")
        found = [Happening(phone, message, step) for step in steps]
        if self.switches.shuffle:
            self._random.shuffle(found)
        return found

    async def _progress(self, steps: Sequence[Happening]) -> None:
        if self.switches.batch:
            await self._pause()
            return await self._collect(steps)
        for step in steps:
            await self._pause()
            await self._tell([step])

    async def _collect(self, steps: Sequence[Happening]) -> None:
        """Whoever comes first waits for others; then all go together, at most `MOST` in a body."""
        first = not self._collected
        self._collected += steps
        if not first:
            return
        await asyncio.sleep(COLLECT)
        found, self._collected = self._collected, []
        if self.switches.shuffle:
            self._random.shuffle(found)
        for start in range(0, len(found), MOST):
            await self._tell(found[start : start + MOST])

    async def _tell(self, found: Sequence[Happening]) -> None:
        for one in found:
            self._happen(one)
        self._bus.changed()
        arriving = [one for one in found if not self._is_lost()]
        if not arriving:
            return
        steps = list(dict.fromkeys(one.step for one in arriving))
        topic, subject = f"status {'+'.join(steps)}", arriving[0].phone.key
        for _ in range(2 if self.switches.duplicate else 1):
            await self._post(self._values(arriving), topic, subject)

    def _happen(self, one: Happening) -> None:
        one.message.reach(one.step)
        if one.error:
            one.message.error = str(one.error[0])
        if one.step in ("delivered", "read"):
            self._billing.delivered(one.message.id)

    def _is_lost(self) -> bool:
        lost = self.switches.lose and self._random.random() < LOST
        self.lost += lost
        return lost

    def _values(self, found: Sequence[Happening]) -> list[dict[str, Any]]:
        """A change for each number; what failed stands apart, because it has no contacts."""
        groups: dict[tuple[str, bool], list[Happening]] = {}
        for one in found:
            groups.setdefault((one.message.number, one.error is not None), []).append(one)
        return [self._value(number, group, failed=failed) for (number, failed), group in groups.items()]

    def _value(self, number: str, group: Sequence[Happening], *, failed: bool) -> dict[str, Any]:
        people = {one.phone.number: self.person(one.phone) for one in group}
        contacts: dict[str, Any] = {} if failed else {"contacts": list(people.values())}
        return {"number": number} | contacts | {"statuses": [self._status(one) for one in group]}

    def _status(self, one: Happening) -> dict[str, Any]:
        message, phone = one.message, one.phone
        status: dict[str, Any] = {
            "id": message.id,
            "status": one.step,
            "timestamp": str(int(self._clock.now().timestamp())),
            "recipient_user_id": phone.user_id,
        }
        if not self.hides(phone):
            status["recipient_id"] = phone.wa_id
        if message.callback:
            status["biz_opaque_callback_data"] = message.callback
        if one.step in ("sent", "delivered") or (one.step == "read" and self.switches.skip_delivered):
            status["pricing"] = self._pricing(message.id)
        if one.error:
            status["errors"] = [status_error(*one.error)]
        return status

    def _pricing(self, wamid: str) -> dict[str, Any] | None:
        found = self._billing.pricing(wamid)
        if found and self.switches.no_billable:
            del found["billable"]
        return found

    async def _pause(self) -> None:
        await asyncio.sleep(self._config.status_delay * (self._random.randint(1, LATEST) if self.switches.late else 1))
