"""The real `ladenbote run`, watched: a thread obeys the parent and ends the process when the parent does."""

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from benchmarks.children.talk import say


def _threads() -> dict[str, Any]:
    """CPU seconds of each thread that runs now, by name."""
    found: dict[str, float] = {}
    for thread in threading.enumerate():
        if thread.ident is not None:
            spent = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
            found[thread.name] = found.get(thread.name, 0.0) + spent
    return {"threads": found, "process": time.process_time()}


def _obey() -> None:
    say({"pid": os.getpid()})
    for line in sys.stdin:
        assert json.loads(line)["do"] == "cpu"
        say(_threads())
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Arguments: the settings file."""
    from integration.cli import main as ladenbote

    threading.Thread(target=_obey, name="benchmark", daemon=True).start()
    ladenbote(["run", "--settings", sys.argv[1]])


if __name__ == "__main__":
    main()
