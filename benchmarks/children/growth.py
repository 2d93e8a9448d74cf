"""The cost of claiming and settling 100 messages beside a thousand, a hundred thousand and a million others."""

import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.children import talk
from benchmarks.children.sender import queue_orders
from benchmarks.place import SENDER
from integration.domain.messages.channel import Accepted
from integration.flow import send
from integration.flow.world import World
from integration.run.wiring import build_world, now
from integration.settings.settings import load
from integration.store.messages.messages import Result

CLAIM = 100

#: copies of one real message in final states, spread over the year before
_FILL = """
INSERT INTO message ({columns})
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
SELECT {values} FROM n, (SELECT * FROM message ORDER BY id LIMIT 1) AS m, contacts_of AS c WHERE c.row = n.i % :people
"""
#: columns whose value is another one in each copy
_OWN = {
    "id": "printf('019a0000-0000-7000-8000-%012d', n.i)",
    "key": "printf('laden/order_confirmation/old/%d/1', n.i)",
    "contact_id": "c.id",
    "order_key": "printf('old/order/%d', n.i)",
    "order_number": "printf('%d', n.i)",
    "object_id": "printf('%d', n.i)",
    "event_id": "printf('019a0000-0000-7000-9000-%012d', n.i)",
    "status": "CASE n.i % 20 WHEN 0 THEN 'suppressed' WHEN 1 THEN 'failed' WHEN 2 THEN 'delivered' ELSE 'read' END",
    "created_at": "m.created_at - 31536000000000 + n.i * 31",
    "send_after": "m.send_after - 31536000000000 + n.i * 31",
    "status_at": "m.status_at - 31536000000000 + n.i * 31",
}


class Growth:
    """Databases of different sizes, each asked in turn."""

    def __init__(self, homes: list[Path]) -> None:
        self._worlds = [build_world(load(home / "settings.toml"), home) for home in homes]
        self._results: list[list[Result]] = [[] for _ in homes]

    async def build(self, index: int, rows: int, batches: int) -> dict[str, Any]:
        """Queue what will be claimed, and put `rows` old messages beside it in one transaction."""
        world = self._worlds[index]
        queue_orders(world, 0, batches * CLAIM)
        began = time.perf_counter()
        _fill(world, rows)
        return {"seconds": time.perf_counter() - began}

    async def claim(self, index: int) -> dict[str, Any]:
        """Claim the next hundred and settle the hundred before; the CPU of that."""
        world = self._worlds[index]
        cpu, wall = time.process_time(), time.perf_counter()
        batch = send.claim(world, SENDER, CLAIM, self._results[index])
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "claimed": len(batch)}
        at = now()
        self._results[index] = [send._result(item, Accepted(f"wamid.{item.attempt.id}"), at, 1) for item in batch]
        return spent


def _fill(world: World, rows: int) -> None:
    with world.database.write() as connection:
        names = [row[1] for row in connection.execute(text("PRAGMA table_info(message)"))]
        connection.execute(
            text("CREATE TEMP TABLE contacts_of AS SELECT row_number() OVER () - 1 AS row, id FROM contact")
        )
        connection.execute(text("CREATE INDEX temp.contacts_row ON contacts_of (row)"))
        people = connection.execute(text("SELECT count(*) FROM contacts_of")).scalar()
        statement = _FILL.format(columns=", ".join(names), values=", ".join(_OWN.get(n, f"m.{n}") for n in names))
        connection.execute(text(statement), {"rows": rows, "people": people})
        connection.execute(text("DROP TABLE temp.contacts_of"))


async def main() -> None:
    """Arguments: the folders."""
    growth = Growth([Path(argument) for argument in sys.argv[1:]])
    await talk.listen({"ready": True}, {"build": growth.build, "claim": growth.claim})


if __name__ == "__main__":
    talk.run(main())
