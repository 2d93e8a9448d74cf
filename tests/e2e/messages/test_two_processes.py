"""PostgreSQL: two processes share one database; when the one that sends dies, the other goes on at once."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet import judge, settings_file, shops, states, wait_until_quiet
from stub_meta import StubMeta
from workers import RunningWorker

from integration.cli.demo import free_port
from integration.run.wiring import first_key, opened, upgrade
from integration.settings.settings import load
from jobs.sweeps import rescue

ORDERS = 120


def test_the_other_process_takes_over(postgres_url: str, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    done = threading.Event()
    with StubMeta(f"{urls[1]}/meta/nummer", seed=3, hang=0) as stub:
        files = [settings_file(tmp_path, port, stub, postgres_url, f"{port}.toml") for port in ports]
        first, second = (RunningWorker(file, url) for file, url in zip(files, urls, strict=True))
        first_key(load(files[0]), tmp_path)
        with opened(load(files[0]), tmp_path) as world:
            upgrade(world)
            try:
                first.start()
                second.start()
                placing = shops(f"{urls[1]}/hooks/laden", ORDERS, done)
                for shop in placing:
                    shop.start()
                while states(world)["delivered"] < 20:
                    time.sleep(0.05)
                first.kill()
                for shop in placing:
                    shop.join(60)
                wait_until_quiet(world, stub, ORDERS)
                second.stop()
            finally:
                done.set()
                for worker in (first, second):
                    if worker.alive:
                        worker.kill()
            rescue.sweep(world, datetime.now(UTC) + timedelta(minutes=3))
            judge(world, stub, ORDERS)
