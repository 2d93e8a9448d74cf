"""kill -9 at random moments, with the sandbox as judge: connections break, statuses get lost, doubled and shuffled."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleet import settings_file, shops, states
from pretend_meta import serving
from sqlalchemy import select
from stub_meta import APP_SECRET
from workers import RunningWorker

from connectors.whatsapp.definitions import definition
from integration.cli.demo import free_port
from integration.domain.templates.templates import all_templates
from integration.flow.world import World
from integration.run.wiring import first_key, opened, upgrade
from integration.sandbox.app import create_whatsapp
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.whatsapp import WhatsApp
from integration.settings.settings import load
from integration.store import tables
from jobs.sweeps import rescue

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ORDERS, KILLS = 300, 8
LOTS = {
    "accept_then_reset": 0.04, "accept_then_cut": 0.02, "accept_then_html_500": 0.02, "reset": 0.02, "html_500": 0.02,
    "trickle": 0.05,
}  # fmt: skip


@dataclass
class Place:
    url: str


def strict(port: int, worker: str) -> SandboxConfig:
    """As strict as Meta: the worker's own templates lie there, and a number sends 80 a second."""
    return SandboxConfig(
        port=port, worker_url=worker, phone_number_id="1", business_account_id="2", app_secret=APP_SECRET,
        whatsapp_token="stub-token", verify_token="v", auto_templates=False, lots=LOTS, seed=5, status_delay=0.1,
        latency=0.02, retry_backoff=0.3, remembered=5000, most_phones=5000,
    )  # fmt: skip


def test_killed_at_random_moments(database_url: str, tmp_path: Path) -> None:
    chance, ports, done = random.Random(5), (free_port(), free_port()), threading.Event()  # noqa: S311 - reproducible
    url = f"http://127.0.0.1:{ports[0]}"
    app = create_whatsapp(strict(ports[1], url))
    meta: WhatsApp = app.state.stage
    for template in all_templates():
        meta.graph.templates.create(definition(template, dict.fromkeys(template.parts.sources, "4:1:x")))
    switches = meta.webhooks.switches
    switches.shuffle = switches.duplicate = switches.lose = True
    with serving(app, ports[1]):
        base = Place(f"http://127.0.0.1:{ports[1]}/graph/v26.0")
        file = settings_file(tmp_path, ports[0], base, database_url, rate=80)
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
                    time.sleep(chance.uniform(0.1, 0.9))
                    worker.kill()
                    worker.start()
                for shop in placing:
                    shop.join(60)
                wait_until_quiet(world)
                worker.stop()
            finally:
                done.set()
                if worker.alive:
                    worker.kill()
            rescue.sweep(world, datetime.now(UTC) + timedelta(minutes=3))
            judge(world, meta)


def wait_until_quiet(world: World) -> None:
    """Until every order has its message, and none waits or is under way (stranded ones aside)."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        found = states(world)
        if sum(found.values()) == ORDERS and not found["queued"] and not found["claimed"]:
            return
        time.sleep(0.2)
    raise AssertionError(f"still moving: {states(world)}")


def judge(world: World, meta: WhatsApp) -> None:
    """One message per order; nobody was sent two; nothing is stuck; Meta never had to refuse anything."""
    with world.database.read() as connection:
        query = select(tables.contact.c.phone, tables.message.c.status)
        rows = connection.execute(query.join(tables.message, tables.message.c.contact_id == tables.contact.c.id)).all()
    by_phone = dict(rows)
    copies = Counter(record["to"] for record in meta.graph.accepted)
    assert len(rows) == len(by_phone) == ORDERS
    assert {phone: n for phone, n in copies.items() if n > 1} == {}
    assert set(by_phone.values()) <= {"accepted", "sent", "delivered", "read", "unknown"}
    assert {phone for phone, status in by_phone.items() if status != "unknown"} <= set(copies)
    assert meta.webhooks.statuses.lost > 0
    assert not meta.graph.sending.refused, "no limit was broken, and no body was wrong"
