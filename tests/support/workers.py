"""Real `ladenbote run` processes for tests, forked from a server that has imported everything already."""

import faulthandler
import multiprocessing
import os
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["integration.run.wiring"])


def run_worker(file: str) -> None:
    """What the child process does: exactly `ladenbote run`."""
    from integration import log
    from integration.run.worker import Worker
    from integration.settings.settings import load

    path = Path(file)
    written = (path.parent / "worker.log").open("a")
    log.configure("warning", stream=written)
    faulthandler.register(signal.SIGUSR1, written)
    Worker(load(path), path.parent).run()


class RunningWorker:
    """A worker process that can be killed and started again."""

    def __init__(self, settings: Path, url: str) -> None:
        self._settings = settings
        self._url = url
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = _context.Process(target=run_worker, args=(str(self._settings),))
        self._process.start()
        deadline = time.monotonic() + 120
        with httpx.Client(trust_env=False, timeout=60) as client:
            while time.monotonic() < deadline:
                try:
                    if client.get(f"{self._url}/healthz").status_code == 200:
                        return
                except httpx.TransportError:
                    time.sleep(0.02)
        raise AssertionError(f"the worker did not start: {(self._settings.parent / 'worker.log').read_text()}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.is_alive()

    def kill(self) -> None:
        """kill -9."""
        assert self._process and self._process.pid
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join(60)

    def stop(self) -> None:
        """SIGTERM, and wait for the orderly end."""
        if self.alive and self._process and self._process.pid:
            os.kill(self._process.pid, signal.SIGTERM)
            self._process.join(60)  # it takes a second, and five if somebody does not answer
            assert self._process.exitcode == 0, f"it ended with {self._process.exitcode}; {self._standing()}"

    def _standing(self) -> str:
        """Where every thread of a process stands that does not end, after what it logged."""
        if self.alive and self._process and self._process.pid:
            os.kill(self._process.pid, signal.SIGUSR1)
            time.sleep(1)
        return (self._settings.parent / "worker.log").read_text()[-20_000:]
