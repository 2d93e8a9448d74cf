"""What preparing a message may come to, and what a kind that needs it must be able to do (flow.messages.prepare)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from integration.domain.hot_dataclass import lean
from integration.flow.world import World
from integration.store.messages.messages import Message

#: what could not be prepared is tried again after this
ASK_AGAIN = timedelta(minutes=5)


@lean
class Ready:
    """It may leave, and tells this: in this `template` instead of the one it has, with these stored components."""

    variables: Mapping[str, str]
    template: str | None = None
    components: Mapping[str, Any] | None = None


@lean
class Later:
    """Not before then."""

    reason: str
    until: datetime


@lean
class Never:
    """What it tells is not so any more."""

    reason: str


class Preparer(Protocol):
    """How one kind of message is prepared. What was prepared longer ago than it `keeps` is prepared again."""

    keeps: timedelta

    def prepare(self, world: World, item: Message) -> Ready | Later | Never:
        """Outside any transaction. A ShopError puts off everything of the shop: nothing leaves unasked."""

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        """The ids of those that still hold, in the transaction that marks them *sending*. Waits for nobody's lock."""
