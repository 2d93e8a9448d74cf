"""A process that claims due messages until none waits; prints their ids."""

import sys
import time

from sqlalchemy import func, select
from storekit import reopened

from integration.flow import send
from integration.store.db import Database
from integration.store.tables import message

world = reopened(Database(sys.argv[1]), Database(sys.argv[2]))
print("ready", flush=True)  # noqa: T201
sys.stdin.readline()
deadline = time.monotonic() + float(sys.argv[4] if len(sys.argv) > 4 else 40)
while time.monotonic() < deadline:
    for item in send.claim(world, "nummer", int(sys.argv[3]) if len(sys.argv) > 3 else 7):
        print(item.message.id)  # noqa: T201
    time.sleep(0.01)  # SQLite's lock is not fair: let the others have a turn
    with world.database.read() as connection:
        if not connection.execute(select(func.count()).where(message.c.status == "queued")).scalar():
            break
