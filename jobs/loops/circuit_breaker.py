"""How many messages may leave while nobody knows what became of the last ones.

Each unclear outcome is a message that a person has to decide about. When Meta, or somebody between us and Meta, answers
everything with a page of HTML, a number that went on at 80 a second would leave thousands of them.
"""

from dataclasses import dataclass
from time import monotonic

#: so many unclear outcomes in a row are more than bad luck
FEW = 10
#: then one message tries every so many seconds, until an outcome is clear
TRY_EVERY = 5.0


@dataclass(slots=True)
class Doubt:
    """Counts unclear outcomes in a row. Belongs to one send loop."""

    unclear: int = 0
    again_at: float = 0.0

    def note(self, *, unclear: bool) -> None:
        """How an attempt ended: an acceptance and a refusal are both clear."""
        self.unclear = self.unclear + 1 if unclear else 0
        self.again_at = monotonic() + TRY_EVERY

    def most(self, wanted: int, flying: int) -> int:
        """How many of the wanted may leave now."""
        if self.unclear < FEW:
            return wanted
        return min(wanted, 1) if not flying and monotonic() >= self.again_at else 0
