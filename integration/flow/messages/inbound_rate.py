"""How much customers wrote to each number: Meta counts it among the number's messages a second.

In memory, of this process: what another one reads is not counted, and Meta's own word (130429) still slows the number.
"""

from collections import Counter
from threading import Lock


class InboundRate:
    """Messages that came in, by number, until the send loop takes them into account."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def note(self, sender: str, count: int) -> None:
        """So many came for this number."""
        with self._lock:
            self._counts[sender] += count

    def taken(self, sender: str) -> int:
        """How many came since this was asked last."""
        if not self._counts:
            return 0
        with self._lock:
            return self._counts.pop(sender, 0)
