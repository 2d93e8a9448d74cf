"""The leaky bucket of points that an app has in a shop (docs/reference/shopify.md section 11)."""

from integration.sandbox.clock import Clock


class Bucket:
    """`maximum` points, refilled by `restore` a second."""

    def __init__(self, clock: Clock, maximum: float, restore: float) -> None:
        self._clock = clock
        self.maximum = maximum
        self.restore = restore
        self._level = maximum
        self._at = clock.now()
        self.spent = 0.0

    def take(self, points: float) -> bool:
        """Take the requested points, or nothing when they are not there."""
        if points > self.available():
            return False
        self._level -= points
        self.spent += points
        return True

    def give_back(self, points: float) -> None:
        """What was requested and not used."""
        self._level = min(self.maximum, self.available() + points)
        self.spent -= points

    def available(self) -> float:
        """How many points there are now."""
        now = self._clock.now()
        self._level = min(self.maximum, self._level + (now - self._at).total_seconds() * self.restore)
        self._at = now
        return self._level

    def status(self) -> dict[str, float]:
        """As every answer shows it."""
        return {
            "maximumAvailable": float(self.maximum),
            "currentlyAvailable": float(int(self.available())),
            "restoreRate": float(self.restore),
        }
