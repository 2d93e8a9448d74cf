"""Ends what a test run left behind: a process of its own that outlives pytest, however that ends.

Ctrl-C in the middle of a fixture, SIGTERM and kill -9 leave no time to stop PostgreSQL, PHP or workers. The run carries
a mark in its environment, which every process inherits that it starts; folders of servers have it in their names.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

MARK = "TEST_RUN"
#: seconds for an orderly end, and then for one that was asked for
GRACE, PATIENCE = 2.0, 3.0


def watch() -> "subprocess.Popen[bytes]":
    """Mark this run, and have it watched until its process ends; keep what this returns until then."""
    mark = os.urandom(6).hex()
    os.environ[MARK] = f"{os.environ.get(MARK, '')}-{mark}"
    unmarked = {name: value for name, value in os.environ.items() if name != MARK}
    command = [sys.executable, __file__, mark]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=unmarked, start_new_session=True)


def folder(prefix: str) -> Path:
    """A new folder outside of pytest's, for what this run needs only while it lasts."""
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.environ.get(MARK, '')}-"))


def left(mark: str) -> list[psutil.Process]:
    """The processes of a run."""
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and _belongs(one, mark)]


def _belongs(process: psutil.Process, mark: str) -> bool:
    try:
        return mark in process.environ().get(MARK, "")
    except psutil.Error:
        return False


def _end(mark: str) -> None:
    """First wait, then ask, then insist."""
    for end, patience in ((None, GRACE), (signal.SIGINT, PATIENCE), (signal.SIGKILL, PATIENCE)):
        for process in left(mark) if end else ():
            try:
                process.send_signal(end)
            except psutil.Error:
                continue
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not left(mark):
                return
            time.sleep(0.2)


def main(mark: str) -> None:
    """Wait for the end of the pipe, which is the end of the run."""
    sys.stdin.buffer.read()
    _end(mark)
    for made in Path(tempfile.gettempdir()).glob(f"ladenbote-*{mark}*"):
        shutil.rmtree(made, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
