"""LISTEN/NOTIFY: what another process committed wakes this one. PostgreSQL only."""

import threading
from collections.abc import Callable

import psycopg

from integration import log
from integration.store.db import Database

RETRY = 5.0
logger = log.get("listen")


class Listener:
    """Calls `heard` with what was announced, from a thread of its own, until it is stopped."""

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        self._url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
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
            try:
                self._listen()
            except psycopg.Error as error:
                # Nobody waits for this alone: the loops look by themselves once a second.
                logger.warning("listen_failed", error=log.brief(error))
                self._stopping.wait(RETRY)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("LISTEN ladenbote")
            while not self._stopping.is_set():
                for notice in connection.notifies(timeout=1, stop_after=1):
                    self._heard(notice.payload)
