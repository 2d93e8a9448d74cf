"""Meta's limits (docs/reference/whatsapp.md section 2): messages a second, to one person, and people a day."""

from collections import OrderedDict, deque
from datetime import timedelta
from typing import Final

from integration.sandbox.clock import Clock

STANDARD, HIGH, WITH_THE_APP = 80.0, 1000.0, 20.0
#: one message to a person every so many seconds; the next 44 are lent
GAP: Final = 6.0
LENT: Final = 45
HOUR: Final = timedelta(hours=1).total_seconds()
#: calls an hour of an app to an account with a registered number that are not messages; templates created of them
MANAGED: Final = 5_000
CREATED: Final = 100
DAY: Final = timedelta(hours=24).total_seconds()
#: people outside their service window within 24 hours, over all numbers of the portfolio
TIERS: Final[dict[str, int | None]] = {
    "TIER_250": 250, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000, "TIER_UNLIMITED": None,
}  # fmt: skip
REMEMBERED: Final = 10_000


class Bucket:
    """So many messages a second, and as many at once; what customers write counts, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._level = float("inf")
        self._at = _seconds(clock)

    def take(self, rate: float) -> bool:
        """One message; False when the bucket is empty."""
        now = _seconds(self._clock)
        self._level = min(rate, self._level + (now - self._at) * rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Hourly:
    """So many calls within an hour."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._calls: deque[float] = deque()

    def take(self) -> bool:
        """One call; False when the hour has had its share. What is refused does not count."""
        now = _seconds(self._clock)
        while self._calls and self._calls[0] <= now - HOUR:
            self._calls.popleft()
        if len(self._calls) >= self._most:
            return False
        self._calls.append(now)
        return True


class Often:
    """So many times within a span, for each thing by itself."""

    def __init__(self, clock: Clock, most: int, span: timedelta) -> None:
        self._clock = clock
        self._most = most
        self._span = span.total_seconds()
        self._times: dict[str, list[float]] = {}

    def take(self, what: str) -> bool:
        """Once more; False when that is too often."""
        now = _seconds(self._clock)
        lately = [at for at in self._times.get(what, []) if at > now - self._span]
        self._times[what] = lately if len(lately) >= self._most else [*lately, now]
        return len(lately) < self._most


class Pairs:
    """One message to a person every 6 seconds; a burst is lent by the time that follows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[tuple[str, str], float] = {}

    def take(self, number: str, person: str) -> bool:
        """One message from a number to a person; False when everything lent is used up."""
        now = _seconds(self._clock)
        due = max(self._due.get((number, person), now), now)
        if due - now > GAP * (LENT - 1):
            return False
        if len(self._due) >= REMEMBERED:
            self._due = {pair: at for pair, at in self._due.items() if at > now}
        self._due[number, person] = due + GAP
        return True


class People:
    """Who was written to outside the service window within 24 hours; all numbers share the places."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        self._forget()
        return len(self._last)

    def take(self, person: str, most: int | None) -> bool:
        """Write to somebody; False when all places are taken by others."""
        if person not in self._last and most is not None and len(self) >= most:
            return False
        self._last[person] = _seconds(self._clock)
        self._last.move_to_end(person)
        return True

    def _forget(self) -> None:
        before = _seconds(self._clock) - DAY
        while self._last and next(iter(self._last.values())) <= before:
            self._last.popitem(last=False)


def _seconds(clock: Clock) -> float:
    return clock.now().timestamp()
