"""What happens to a message, decided per recipient, by lot, or for the whole account."""

import random
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from integration.sandbox.digits import whole
from integration.sandbox.whatsapp.errors import KINDS

Fault = Literal["", "hang", "html_500", "reset", "slow", "trickle", "cut"]
MAX_FATES: Final = 500


@dataclass(frozen=True, slots=True)
class Fate:
    """`sync` refuses at once, `later` fails by webhook; `accepted`: the fault comes after the message.

    `held`: taken, but kept back until its quality is judged. `stops`: the person stops marketing in WhatsApp.
    """

    name: str
    sync: int | None = None
    later: int | None = None
    fault: Fault = ""
    accepted: bool = True
    details: str = ""
    held: bool = False
    stops: bool = False


_UNDELIVERABLE: Final = "Message was not delivered. The number may not use WhatsApp."
_STOPPED: Final = "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages."
_BY_CHOICE: Final = "The sandbox was told to answer so."

FATES: Final[dict[str, Fate]] = {
    fate.name: fate
    for fate in (
        Fate("deliver"),
        Fate("undeliverable", later=131026, details=_UNDELIVERABLE),
        Fate("undeliverable_sync", sync=131026, details=_UNDELIVERABLE),
        Fate("blocked", later=131050, details=_STOPPED, stops=True),
        Fate("blocked_sync", sync=131050, details=_STOPPED),
        Fate("held_then_sent", held=True),
        Fate("held_then_dropped", held=True, later=132015, details="The template was paused while it was judged."),
        Fate("accept_then_hang", fault="hang"),
        Fate("accept_then_html_500", fault="html_500"),
        Fate("accept_then_reset", fault="reset"),
        Fate("accept_then_cut", fault="cut"),
        Fate("hang", fault="hang", accepted=False),
        Fate("html_500", fault="html_500", accepted=False),
        Fate("reset", fault="reset", accepted=False),
        Fate("slow", fault="slow"),
        Fate("trickle", fault="trickle"),
    )
}


def fate(name: str) -> Fate | None:
    """A fate by its name; `sync_<code>` refuses at once with one of Meta's codes, `later_<code>` by webhook."""
    way, _, code = name.partition("_")
    number = whole(code)
    if number not in KINDS or way not in ("sync", "later"):
        return FATES.get(name)
    if way == "sync":
        return Fate(name, sync=number, details=_BY_CHOICE)
    return Fate(name, later=number, details=_BY_CHOICE)


class Fates:
    """The fates in force. `lots` are faults that strike anybody: name to the share of messages, drawn by `seed`."""

    def __init__(self, seed: int = 1, lots: Mapping[str, float] | None = None) -> None:
        self._of: OrderedDict[str, Fate] = OrderedDict()
        self._lots = dict(lots or {})
        self._random = random.Random(seed)  # noqa: S311 - repeatable misfortune, no secret
        self.account = 0

    def chosen(self, number: str) -> Fate:
        """What was chosen for this recipient."""
        return self._of.get(number) or FATES["deliver"]

    def of(self, number: str) -> Fate:
        """What awaits the next message to this recipient."""
        if number in self._of or not self._lots:
            return self.chosen(number)
        drawn = self._random.random()
        for name, share in self._lots.items():
            drawn -= share
            if drawn < 0:
                return fate(name) or FATES["deliver"]
        return FATES["deliver"]

    def set(self, number: str, name: str) -> bool:
        """Choose a recipient's fate; False if there is no such fate."""
        found = fate(name)
        if found is None:
            return False
        self._of[number] = found
        if len(self._of) > MAX_FATES:
            self._of.popitem(last=False)
        return True

    def set_account(self, value: str) -> bool:
        """`deliver` or one of Meta's codes for every request of the account."""
        code = 0 if value == "deliver" else whole(value)
        if code is None or (code and code not in KINDS):
            return False
        self.account = code
        return True
