"""A clock that tests can move."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The real time, plus what somebody moved it by."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self._moved

    def move(self, by: timedelta) -> None:
        """Tokens expire, buckets fill, a day passes."""
        self._moved += by
