"""kill -9 while a WooCommerce shop's orders are caught up: none is lost, no message leaves twice."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet import judge, settings_file, wait_until_quiet
from sqlalchemy import func, select, update
from stub_meta import StubMeta
from workers import RunningWorker

from integration.cli.demo import free_port
from integration.flow.world import World
from integration.run.wiring import first_key, opened, upgrade
from integration.sandbox.woocommerce.loopback import woo_shop
from integration.sandbox.woocommerce.seed import seed
from integration.settings.settings import load
from integration.store import tables
from jobs.sweeps import rescue

OLD, NEW, KILLS = 500, 330, 3
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_killed_while_catching_up(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - a reproducible test
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    now = datetime.now(UTC)
    with StubMeta(f"{url}/meta/nummer", seed=11) as stub, woo_shop() as shop:
        keys = f'url = "{shop.url}"\nconsumer_key = "ck_sandbox"\nconsumer_secret = "cs_sandbox"'
        file = settings_file(tmp_path, port, stub, database_url, shop=keys)
        worker = RunningWorker(file, url)
        first_key(load(file), tmp_path)
        with opened(load(file), tmp_path) as world:
            upgrade(world)
            connected(world, now - 10 * MINUTE)
            shop.do(seed, shop.shop, OLD, now - 20 * DAY, now - 2 * DAY, statuses=["processing"])
            shop.do(seed, shop.shop, NEW, now - 9 * MINUTE, now - 5 * MINUTE, statuses=["processing"])
            shop.do(shop.faults.set, "slow", seconds=0.4, path="orders")
            try:
                read = [0]
                for _ in range(KILLS):
                    worker.start()
                    read.append(more_than(world, read[-1]))
                    time.sleep(chance.uniform(0, 0.6))
                    worker.kill()
                assert read[-1] < OLD + NEW, "it was to be killed in the middle"
                worker.start()
                wait_until_quiet(world, stub, NEW)
                assert known(world) == OLD + NEW, "no page may be skipped"
                worker.stop()
            finally:
                if worker.alive:
                    worker.kill()
            rescue.sweep(world, datetime.now(UTC) + timedelta(minutes=3))
            judge(world, stub, NEW)


def more_than(world: World, before: int) -> int:
    """Wait until more orders are known than before; how many there are then."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (now := known(world)) > before:
            return now
        time.sleep(0.01)
    raise AssertionError("nothing was read for a minute")


def known(world: World) -> int:
    """How many orders are stored."""
    with world.database.read() as connection:
        query = select(func.count()).where(tables.snapshot.c.object_type == "order")
        return connection.execute(query).scalar() or 0


def connected(world: World, at: datetime) -> None:
    """The shop was connected then: what is older is knowledge only."""
    with world.database.write() as connection:
        connection.execute(update(tables.shop_state).values(connected_at=at))
