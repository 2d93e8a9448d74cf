"""What happens to a message, decided per recipient or for the whole account."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal

from integration.sandbox.digits import whole
from integration.sandbox.graph_errors import KINDS

Fault = Literal["", "hang", "html_500", "reset", "slow"]
MAX_FATES: Final = 500


@dataclass(frozen=True, slots=True)
class Fate:
    """`sync` refuses at once, `later` fails by webhook; `accepted`: the fault comes after the message."""

    name: str
    sync: int = 0
    later: int = 0
    fault: Fault = ""
    accepted: bool = True
    details: str = ""


_UNDELIVERABLE: Final = "Message was not delivered. The number may not use WhatsApp."
_STOPPED: Final = "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages."

FATES: Final[dict[str, Fate]] = {
    fate.name: fate
    for fate in (
        Fate("deliver"),
        Fate("undeliverable", later=131026, details=_UNDELIVERABLE),
        Fate("undeliverable_sync", sync=131026, details=_UNDELIVERABLE),
        Fate("blocked", later=131050, details=_STOPPED),
        Fate("blocked_sync", sync=131050, details=_STOPPED),
        Fate("accept_then_hang", fault="hang"),
        Fate("accept_then_html_500", fault="html_500"),
        Fate("accept_then_reset", fault="reset"),
        Fate("html_500", fault="html_500", accepted=False),
        Fate("reset", fault="reset", accepted=False),
        Fate("slow", fault="slow"),
    )
}


class Fates:
    """The fates in force."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, str] = OrderedDict()
        self.account = 0

    def of(self, number: str) -> Fate:
        """What awaits this recipient."""
        return FATES[self._of.get(number, "deliver")]

    def set(self, number: str, name: str) -> bool:
        """Choose a recipient's fate; False if there is no such fate."""
        if name not in FATES:
            return False
        self._of[number] = name
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
