"""Asking a mailbox for its letters, and telling it which of them are stored (docs/mailbox.md, "The protocol").

A letter is handed over again and again until it is acknowledged: nothing is lost when either side dies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import orjson
from pydantic import Base64Bytes, BaseModel, Field, ValidationError

from integration.domain import signing
from integration.domain.clock import Clock
from integration.domain.errors import ConnectorError
from integration.domain.shops.mailboxes import PROBLEMS, MailboxProblem

TIMEOUT: Final = httpx.Timeout(10, read=30)
#: 8 MB of letters and one of 4 MB, in base64, with their headers
LONGEST_ANSWER: Final = 24_000_000


class MailboxFailed(ConnectorError):
    """A mailbox did not hand over its letters; `problem` says why."""

    def __init__(self, problem: MailboxProblem) -> None:
        super().__init__(PROBLEMS[problem].en)
        self.problem = problem


class Letter(BaseModel):
    """One webhook as the mailbox received it. `to` is like meta/nummer, `hooks/laden` or `plugin/laden`."""

    id: str = Field(min_length=1, max_length=100)
    to: str = Field(max_length=200)
    received_at: int = Field(ge=0, le=99_999_999_999)
    headers: dict[str, str]
    body: Base64Bytes

    @property
    def arrived(self) -> datetime:
        """When the mailbox took it in, by its own clock."""
        return datetime.fromtimestamp(self.received_at, UTC)


class Delivery(BaseModel):
    """What a mailbox handed over, and how many letters still wait there."""

    letters: list[Letter]
    waiting: int


@dataclass(slots=True)
class Mailbox:
    """One mailbox. `ahead` is how far its clock is ahead of ours, as it last told us."""

    url: str
    token: str
    clock: Clock
    http: httpx.AsyncClient
    ahead: timedelta = timedelta(0)

    async def collect(self, done: Sequence[str], addresses: Mapping[str, str]) -> Delivery:
        """Throw away the letters `done` and fetch the next ones. Raises MailboxFailed.

        `addresses` are those that take letters, each with the SHA-256 of its verify token (empty: no handshake).
        """
        body = orjson.dumps({"done": list(done), "addresses": dict(addresses)})
        status, found = await self._ask(body)
        if status == 401 and self._learn_clock(found):
            status, found = await self._ask(body)
        if status != 200:
            raise MailboxFailed(_problem(status))
        try:
            return Delivery.model_validate(found)
        except ValidationError:
            raise MailboxFailed(MailboxProblem.STRANGER) from None

    def _learn_clock(self, found: Any) -> bool:
        """Take over the mailbox's clock when it is what made it refuse us."""
        told = found.get("now") if isinstance(found, dict) else None
        if not isinstance(told, int) or not 0 <= told <= 99_999_999_999:
            return False
        before, self.ahead = self.ahead, datetime.fromtimestamp(told, UTC) - self.clock()
        return abs(self.ahead - before) > signing.WINDOW / 2

    async def _ask(self, body: bytes) -> tuple[int, Any]:
        headers = signing.sign(self.token, body, self.clock() + self.ahead) | {"content-type": "application/json"}
        try:
            async with self.http.stream("POST", self.url, content=body, headers=headers) as answer:
                return answer.status_code, await _json(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise MailboxFailed(MailboxProblem.UNREACHABLE) from None


async def _json(answer: httpx.Response) -> Any:
    text = bytearray()
    async for chunk in answer.aiter_bytes():
        text += chunk
        if len(text) > LONGEST_ANSWER:
            raise MailboxFailed(MailboxProblem.STRANGER)
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _problem(status: int) -> MailboxProblem:
    if status == 401:
        return MailboxProblem.TOKEN
    if 300 <= status < 400:
        return MailboxProblem.MOVED
    if status == 404:
        return MailboxProblem.MISSING
    return MailboxProblem.BROKEN if status >= 500 else MailboxProblem.STRANGER
