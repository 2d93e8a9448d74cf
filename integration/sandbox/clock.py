"""A clock that tests can set, move and stop."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The real time, plus what somebody moved it by; `start` is what it shows at first."""

    def __init__(self, start: datetime | None = None) -> None:
        self._moved = timedelta()
        self._stopped: datetime | None = None
        if start:
            self.put(start)

    def now(self) -> datetime:
        """Aware UTC."""
        return self._stopped or datetime.now(UTC) + self._moved

    def move(self, by: timedelta) -> None:
        """Tokens expire, buckets fill, a day passes."""
        self.put(self.now() + by)

    def put(self, at: datetime) -> None:
        """It is now `at`."""
        self._moved = at - datetime.now(UTC)
        self._stopped = at if self._stopped else None

    def stop(self, *, stand: bool) -> None:
        """Stand still, or go on from here."""
        self.put(self.now())
        self._stopped = self.now() if stand else None
