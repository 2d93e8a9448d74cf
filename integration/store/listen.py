"""LISTEN/NOTIFY: what another process committed wakes this one. PostgreSQL only."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from integration import log
from integration.domain.alarms.heartbeats import Pulse
from integration.store.db import ANNOUNCED, Database

RETRY = 5.0
#: a connection that nobody answers any more is noticed within a minute or so
ALIVE: Mapping[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
logger = log.get("listen")


class Listener:
    """Calls `heard` with what was announced, from a thread of its own, until it is stopped.

    What `heard` raises is logged, and the next announcement is heard. After each (new) connection it is called with
    everything that may have been announced meanwhile.
    """

    def __init__(self, database: Database, heard: Callable[[str], None], pulse: Pulse | None = None) -> None:
        self._url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._pulse = pulse or Pulse("listener")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listen", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._pulse.beat()
            try:
                self._listen()
            except Exception as error:
                # Nobody waits for this alone: the loops look by themselves once a second.
                logger.warning("listen_failed", error=log.brief(error))
                self._stopping.wait(RETRY)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, **ALIVE) as connection:
            connection.execute("LISTEN ladenbote")
            for what in ANNOUNCED:
                self._hear(what)
            while not self._stopping.is_set():
                self._pulse.beat()
                for notice in connection.notifies(timeout=1, stop_after=1):
                    self._hear(notice.payload)

    def _hear(self, what: str) -> None:
        try:
            self._heard(what)
        except Exception as error:
            logger.error("announcement_failed", what=what, error=log.brief(error))
