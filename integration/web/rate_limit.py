"""A brake for public forms: so many per address and hour, and so many from everybody together."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock

from integration.web.visitor import group_of

WINDOW = timedelta(hours=1)


class Pace:
    """Counts in windows of an hour, in memory: a flood is slowed down, and nobody is remembered for long."""

    def __init__(self, each: int, together: int) -> None:
        self._each, self._together = each, together
        self._since: datetime | None = None
        self._counts: dict[str, int] = {}
        self._all = 0
        self._lock = Lock()

    def allows(self, address: str, now: datetime) -> bool:
        """Count one more from this address; False when it is one too many."""
        visitor = group_of(address)
        with self._lock:
            self._turn(now)
            if self._all >= self._together or self._counts.get(visitor, 0) >= self._each:
                return False
            self._all += 1
            if not _is_proxy(address):
                self._counts[visitor] = self._counts.get(visitor, 0) + 1
        return True

    def _turn(self, now: datetime) -> None:
        if self._since is None or not self._since <= now < self._since + WINDOW:
            self._since, self._all = now, 0
            self._counts.clear()


def _is_proxy(address: str) -> bool:
    """Whether everybody seems to come from here: a proxy on this machine that is not named in `trusted_proxies`."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
