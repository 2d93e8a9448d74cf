"""How many messages a second a number may send: a token bucket that slows down when Meta says so."""

from dataclasses import dataclass, field
from time import monotonic

#: half the rate after 130429, and a tenth of the whole more for each of the seconds without another one
SLOWEST = 1.0
RECOVERY = 30.0


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` messages a second, at most a fifth of a second's worth at once.

    `ceiling` is what the number may send; `slow_down` halves the rate, which then grows back within `RECOVERY` seconds.
    """

    ceiling: float
    rate: float = 0.0
    tokens: float = 1.0
    at: float = field(default_factory=monotonic)
    slowed: float = 0.0

    def __post_init__(self) -> None:
        self.rate = self.rate or self.ceiling

    def available(self) -> int:
        """How many messages may leave now."""
        now = monotonic()
        past = now - self.at
        self.rate = min(self.ceiling, self.rate + past * self.ceiling / RECOVERY)
        self.tokens = min(self.tokens + past * self.rate, max(1.0, self.rate / 5))
        self.at = now
        return max(0, int(self.tokens))

    def take(self, count: int, heard: int = 0) -> None:
        """Use tokens up; what customers wrote uses up a second's worth at most."""
        self.tokens -= count
        if heard:
            self.tokens = max(self.tokens - heard, min(self.tokens, -self.rate))

    def wait(self) -> float:
        """Seconds until the next token."""
        return max(0.0, (1 - self.tokens) / self.rate)

    def slow_down(self, begun: float) -> None:
        """Meta said that what was begun then was too fast. Said of many at once, it is one reason to halve the rate."""
        if begun >= self.slowed:
            self.slowed = monotonic()
            self.rate = max(min(SLOWEST, self.ceiling), self.rate / 2)
        self.tokens = min(self.tokens, 0.0)
