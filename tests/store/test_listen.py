"""The listener on PostgreSQL goes on whatever it meets, and comes back."""

import io
import threading

import pytest
from sqlalchemy import text

from integration import log
from integration.store import listen
from integration.store.db import ANNOUNCED, Database, announce
from integration.store.listen import Listener

pytestmark = pytest.mark.databases("postgresql")
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"


class Ear:
    """Hears; whoever waits for a word is woken by it. `failing` is what it meets."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.failing: BaseException | None = None
        self._said = threading.Condition()

    def __call__(self, what: str) -> None:
        with self._said:
            self.heard.append(what)
            self._said.notify_all()
        if self.failing:
            raise self.failing

    def has(self, count: int, what: str) -> bool:
        with self._said:
            return self._said.wait_for(lambda: self.heard.count(what) >= count, 60)


def say(database: Database, what: str) -> None:
    with database.write() as connection:
        announce(connection, what)


def test_it_survives_what_it_calls_and_the_loss_of_its_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "RETRY", 0.05)
    log.configure("debug", json=True, stream=(written := io.StringIO()))
    ear = Ear()
    ear.failing = KeyError("a number that is gone")
    listener = Listener(database, ear)
    listener.start()
    try:
        assert all(ear.has(1, what) for what in ANNOUNCED), "what was said before it came is made up for"
        for count in (2, 3):
            say(database, "due")
            assert ear.has(count, "due"), "it goes on after an error"
        with database.write() as connection:
            assert len(connection.execute(text(KILL)).all()) == 1
        assert ear.has(2, "numbers"), "it is back, and what may have been said meanwhile is made up for"
        say(database, "due")
        assert ear.has(5, "due")
    finally:
        listener.stop()
    assert "announcement_failed" in written.getvalue() and "listen_failed" in written.getvalue()
    assert "KeyError (test_listen.py:" in written.getvalue() and "that is gone" not in written.getvalue()
