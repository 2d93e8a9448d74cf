"""kill -9 at random moments of a run with 500 orders: nothing lost, nothing sent twice, nothing blindly resent."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleet import judge, settings_file, shops, wait_until_quiet
from stub_meta import StubMeta
from workers import RunningWorker

from integration.cli.demo import free_port
from integration.run.wiring import first_key, opened, upgrade
from integration.settings.settings import load
from jobs.sweeps import rescue

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ORDERS = 500
KILLS = 12


def test_killed_at_random_moments(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - a reproducible test
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    done = threading.Event()
    with StubMeta(f"{url}/meta/nummer", seed=7) as stub:
        file = settings_file(tmp_path, port, stub, database_url)
        worker = RunningWorker(file, url)
        first_key(load(file), tmp_path)
        with opened(load(file), tmp_path) as world:
            upgrade(world)
            try:
                worker.start()
                placing = shops(f"{url}/hooks/laden", ORDERS, done)
                for shop in placing:
                    shop.start()
                for _ in range(KILLS):
                    time.sleep(chance.uniform(0.05, 0.9))
                    worker.kill()
                    worker.start()
                for shop in placing:
                    shop.join(60)
                wait_until_quiet(world, stub, ORDERS)
                worker.stop()
            finally:
                done.set()
                if worker.alive:
                    worker.kill()
            rescue.sweep(world, datetime.now(UTC) + timedelta(minutes=3))
            judge(world, stub, ORDERS)
