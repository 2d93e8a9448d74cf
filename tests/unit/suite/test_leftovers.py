"""However a run of tests ends: nothing that it started goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

TESTS = Path(__file__).parents[2]
#: a server, and a child that does not listen to anybody, while the test is under way
TEST = """
import os, pathlib, subprocess, sys, threading

def test_that_does_not_end(postgres):
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
    child.stdout.read(1)
    with postgres._connect() as connection:
        [folder] = connection.execute("SHOW data_directory").fetchone()
    server = pathlib.Path(folder, "postmaster.pid").read_text().split()[0]
    made = pathlib.Path(__file__).parent / "pids"
    made.with_suffix(".new").write_text(f"{os.getpid()} {child.pid} {server} {pathlib.Path(folder).parent}")
    made.with_suffix(".new").rename(made)
    threading.Event().wait(600)
"""


class Run:
    """Another pytest with one worker, with the suite's own conftest.py, in the middle of its test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "test_made.py").write_text(TEST)
        self._folder = folder
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS / "support")])}
        command = [sys.executable, "-m", "pytest", "-p", "conftest", "-c", str(TESTS.parent / "pyproject.toml")]
        command += ["-p", "no:cacheprovider", "-n", "1", str(folder / "test_made.py")]
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, start_new_session=True
            )  # fmt: skip

    def started(self) -> tuple[list[int], Path]:
        """Its worker, that one's child and PostgreSQL, and the folder of the latter."""
        made = self._folder / "pids"
        _until(lambda: made.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, (self._folder / "output").read_text()
        *pids, folder = made.read_text().split()
        return [int(pid) for pid in pids], Path(folder)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[dict[signal.Signals, Run]]:
    """A run for each way to end one."""
    found = {end: Run(tmp_path / end.name) for end in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)}
    yield found
    for run in found.values():
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
        run.process.wait(60)


def test_an_interrupted_run_leaves_nothing(runs: dict[signal.Signals, Run]) -> None:
    started = {end: run.started() for end, run in runs.items()}
    for pids, folder in started.values():
        assert all(_lives(pid) for pid in pids) and folder.exists()
    os.killpg(runs[signal.SIGINT].process.pid, signal.SIGINT)  # Ctrl-C reaches everybody in front of the terminal
    for end in (signal.SIGTERM, signal.SIGKILL):
        runs[end].process.send_signal(end)
    for end, (pids, folder) in started.items():
        _until(partial(_gone, pids, folder))
        assert _gone(pids, folder), end.name


def _gone(pids: list[int], folder: Path) -> bool:
    return not any(_lives(pid) for pid in pids) and not folder.exists()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
