"""A process that holds the run lock of a file, or a lease, until it is killed."""

import sys
from pathlib import Path

from integration.domain.errors import AlreadyRunning
from integration.store.db import Database
from integration.store.leases import Lease, RunLock

kind, where = sys.argv[1:]
if kind == "lock":
    lock = RunLock(Path(where))
    try:
        lock.acquire()
        held = True
    except AlreadyRunning:
        held = False
else:
    lease = Lease(Database(where), "sender:nummer")
    held = lease.hold()
print("held" if held else "refused", flush=True)  # noqa: T201
sys.stdin.readline()
