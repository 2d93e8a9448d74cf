"""The cost of looking at the carts that are due, beside ten thousand and a million others."""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.children import talk
from benchmarks.orders import SHOP
from integration.domain.carts.carts import CartState
from integration.flow.carts import carts
from integration.flow.world import World
from integration.run.wiring import build_world, now
from integration.settings.settings import load

DUE = 200

#: old carts of a year, one in ten of them still to be looked at some day
_FILL = """
INSERT INTO cart (id, shop, state, named, snapshot_key, began_at, changed_at, due_at, order_id, total, currency, parts)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
SELECT printf('019a0000-0000-7000-8000-%012d', i), :shop, 'expired', 1, printf('laden/cart/%d', i), :at - i * 31000000,
    :at - i * 31000000, CASE i % 10 WHEN 0 THEN :at + i * 1000000 + 86400000000 END, '', '39.80', 'EUR', :parts FROM n
"""
_KEYS = "INSERT INTO cart_key (key, cart_id) SELECT substr(hex(randomblob(16)), 1, 32), id FROM cart"
_MAKE_DUE = """
UPDATE cart SET state = 'active', abandoned_at = NULL, due_at = :at
WHERE id IN (SELECT printf('019a0000-0000-7000-8000-%012d', value) FROM json_each(:which))
"""


class Carts:
    """Databases of different sizes, each asked in turn."""

    def __init__(self, homes: list[Path]) -> None:
        self._worlds = [build_world(load(home / "settings.toml"), home) for home in homes]

    async def build(self, index: int, rows: int) -> dict[str, Any]:
        """Put `rows` old carts there, in one transaction."""
        world = self._worlds[index]
        with world.database.write() as connection:
            known = {"rows": rows, "at": _micros(world), "shop": SHOP, "parts": json.dumps([_part(world)])}
            connection.execute(text(_FILL), known)
            connection.execute(text(_KEYS))
        return {"built": rows}

    async def sweep(self, index: int, rows: int, turn: int) -> dict[str, Any]:
        """Make some carts due, spread over all, and look at them; the time of that."""
        world, which = self._worlds[index], [(turn + 1 + n * (rows // DUE)) % rows for n in range(DUE)]
        with world.database.write() as connection:
            connection.execute(text(_MAKE_DUE), {"at": _micros(world), "which": json.dumps(which)})
        cpu, wall = time.process_time(), time.perf_counter()
        found = carts.sweep(world, now())
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        return spent | {"abandoned": found[CartState.ABANDONED]}


def _part(world: World) -> dict[str, Any]:
    at = (world.clock() - timedelta(hours=2)).isoformat()
    facts = {"status": "open", "pending": False, "named": True, "phone": "", "total": "39.80", "currency": "EUR"}
    return facts | {"id": "c", "keys": [], "began_at": at, "changed_at": at, "order_id": ""}


def _micros(world: World) -> int:
    return int(world.clock().timestamp() * 1_000_000)


async def main() -> None:
    """Arguments: the folders."""
    made = Carts([Path(argument) for argument in sys.argv[1:]])
    await talk.listen({"ready": True}, {"build": made.build, "sweep": made.sweep})


if __name__ == "__main__":
    talk.run(main())
