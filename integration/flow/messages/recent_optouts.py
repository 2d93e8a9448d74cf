"""Whose permission ended a moment ago, in this process: what was allowed before and has not begun is asked anew.

A message is marked *sending* before its POST begins. A STOP that is committed in between cannot take the mark back any
more, but it can keep the POST from beginning. Other processes have no part in this: there the five seconds hold that a
permission lasts at most (docs/reference/law.md section 3).
"""

from collections.abc import Iterable
from threading import Lock
from time import monotonic

#: longer than any permission lasts
REMEMBERED = 60.0
MANY = 1_000


class RecentOptOuts:
    """People and when they were last stopped; forgets by itself."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._lock = Lock()

    def note(self, contact_ids: Iterable[str]) -> None:
        """These people's permissions end with this transaction, whose locks on them are held already."""
        now = monotonic()
        with self._lock:
            self._at.update(dict.fromkeys(contact_ids, now))
            if len(self._at) > MANY:
                self._at = {person: at for person, at in self._at.items() if now - at < REMEMBERED}

    def since(self, contact_id: str | None, moment: float) -> bool:
        """Whether somebody was stopped after `moment` of the monotonic clock."""
        at = self._at.get(contact_id or "")
        return at is not None and at > moment
