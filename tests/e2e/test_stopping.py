"""A restart takes seconds, whoever does not answer at that moment."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fleet import settings_file
from workers import RunningWorker

from integration.cli.demo import free_port
from integration.run.wiring import first_key, opened, upgrade
from integration.settings.settings import load


@dataclass
class Silence:
    """Takes every connection and never answers."""

    url: str
    held: list[socket.socket]


@pytest.fixture
def silence() -> Iterator[Silence]:
    listener = socket.create_server(("127.0.0.1", 0))
    found = Silence(f"http://127.0.0.1:{listener.getsockname()[1]}", [])
    threading.Thread(target=_hold, args=(listener, found.held), daemon=True).start()
    yield found
    for one in (listener, *found.held):
        one.close()


def _hold(listener: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            held.append(listener.accept()[0])
        except OSError:
            return


def test_nobody_who_does_not_answer_holds_up_the_end(database_url: str, tmp_path: Path, silence: Silence) -> None:
    """Its sweeps ask Meta about number and templates at the start, and would wait for half a minute each."""
    port = free_port()
    file = settings_file(tmp_path, port, silence, database_url)
    first_key(load(file), tmp_path)
    with opened(load(file), tmp_path) as world:
        upgrade(world)
    worker = RunningWorker(file, f"http://127.0.0.1:{port}")
    worker.start()
    try:
        while not silence.held:
            assert worker.alive
            time.sleep(0.02)
        worker.stop()
    finally:
        if worker.alive:
            worker.kill()
    assert "left_behind" in (tmp_path / "worker.log").read_text()
