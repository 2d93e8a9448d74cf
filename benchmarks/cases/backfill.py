"""Reading a WooCommerce shop: the first month, a day's changes after being offline, and a webhook's hint.

The pretend shop takes as long as the real one that was measured: 61 ms for an empty answer, 460 to 570 ms for 100
orders.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import woocommerce
from sqlalchemy import Table, func, select

from benchmarks.cases.pipeline import wait_until_ready
from benchmarks.figures import Figure, middle
from benchmarks.orders import SECRET
from benchmarks.place import Child, Place, place
from integration.flow.shops import poll
from integration.flow.world import World
from integration.run.wiring import opened
from integration.sandbox.config import SandboxConfig
from integration.settings.settings import load
from integration.store.shops import streams
from integration.store.tables import event, message, snapshot

NAME = "backfill"
SHOP = "kaffeeladen"
PACE = {"request": 0.06, "order": 0.0046}
ORDERS = 1500
KEYS = SandboxConfig()
STATUSES = "pending,processing,on-hold,completed,cancelled,refunded,failed"


@dataclass(frozen=True, slots=True)
class Round:
    """One reading of the same orders, bare and by us."""

    bare: float
    ours: float
    requests: int


def measure(quick: bool) -> Iterator[Figure]:
    """Each part with a shop of its own."""
    rounds, changed, hints = (1, 1500, 5) if quick else (3, 5000, 20)
    with place() as here:
        yield from _first_month(here, rounds)
        yield from _a_day_offline(here, changed)
        yield from _hints(here, hints)


def _first_month(here: Place, rounds: int) -> Iterator[Figure]:
    shop = here.child("shop")
    shop.ask("fill", count=ORDERS, newest=1)
    shop.ask("pace", **PACE)
    found = [_read_twice(here, shop, n) for n in range(rounds)]
    ratio = middle([one.ours / one.bare for one in found])
    yield Figure(NAME, "ratio", f"first reading of {ORDERS:,} orders against the bare requests", ratio, "x", "≤ 1.3")
    yield Figure(NAME, "bare", "the bare requests", middle([one.bare for one in found]), "s")
    yield Figure(NAME, "ours", "read, understood and stored", middle([one.ours for one in found]), "s")
    yield Figure(NAME, "requests", "requests for it", middle([float(one.requests) for one in found]))


def _read_twice(here: Place, shop: Child, n: int) -> Round:
    url = shop.ready["url"]
    home = here.home(f"month{n}", more=_section(url))
    bare = _bare(url)
    shop.ask("asked")
    with opened(load(home / "settings.toml"), home) as world:
        began = time.perf_counter()
        poll.begin(world)
        poll.shop(world, SHOP)
        ours = time.perf_counter() - began
        assert _count(world, snapshot) >= ORDERS, "not everything was read"
        assert _count(world, message) == 0, "the first reading is knowledge only"
    return Round(bare, ours, shop.ask("asked")["requests"])


def _bare(url: str) -> float:
    """The same orders with nothing but the package: page 1 behind a moving cursor, parsed and forgotten."""
    api = woocommerce.API(url, KEYS.woocommerce_key, KEYS.woocommerce_key_secret, timeout=30)
    after = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S")
    query = {"status": STATUSES, "orderby": "modified", "order": "asc", "dates_are_gmt": "true", "per_page": 100}
    began, rows = time.perf_counter(), [{}] * 100
    while len(rows) == 100:
        with api.get("orders", params=query | {"modified_after": after}) as answer:
            rows = answer.json()
        after = rows[-1]["date_modified_gmt"] if rows else after
    return time.perf_counter() - began


def _a_day_offline(here: Place, changed: int) -> Iterator[Figure]:
    shop = here.child("shop")
    shop.ask("fill", count=changed, newest=2)
    home = here.home("offline", more=_section(shop.ready["url"]))
    with opened(load(home / "settings.toml"), home) as world:
        poll.begin(world)
        poll.shop(world, SHOP)
        shop.ask("stir", most=changed)
        shop.ask("pace", **PACE)
        shop.ask("asked")
        before = _count(world, event)
        spent = _caught_up(world)
        wrong = abs(_completed(world) - changed) + abs(_count(world, event) - before - changed)
    yield Figure(NAME, "offline", f"{changed:,} orders changed in a day offline: caught up in", spent, "s")
    yield Figure(NAME, "offline_requests", "requests for it", shop.ask("asked")["requests"])
    yield Figure(NAME, "offline_wrong", "of them missed or counted twice", wrong, "", "≤ 0")


def _caught_up(world: World) -> float:
    with world.database.write() as connection:
        streams.hasten(connection, SHOP, world.clock())
    began = time.perf_counter()
    poll.shop(world, SHOP)
    return time.perf_counter() - began


def _completed(world: World) -> int:
    with world.database.read() as connection:
        rows = connection.execute(select(snapshot.c.facts).where(snapshot.c.object_type == "order")).scalars()
        return sum(facts["status"] == "completed" for facts in rows)


def _hints(here: Place, count: int) -> Iterator[Figure]:
    shop, stub = here.child("shop"), here.child("stub")
    home = here.home("hints", stub.ready["port"], more=_section(shop.ready["url"]))
    settings = load(home / "settings.toml")
    here.child("worker", str(home / "settings.toml"))
    wait_until_ready(settings.server.port)
    shop.ask("hook", url=f"http://127.0.0.1:{settings.server.port}/hooks/{SHOP}", secret=SECRET)
    with opened(settings, home) as world:
        waits = [_until_queued(world, shop) for _ in range(count)]
    yield Figure(NAME, "hint", "from a webhook to the queued message, the slowest", max(waits), "s", "< 2")


def _until_queued(world: World, shop: Child) -> float:
    began = time.perf_counter()
    number = str(shop.ask("place")["order"])
    while time.perf_counter() - began < 30:
        with world.database.read() as connection:
            if connection.execute(select(message.c.id).where(message.c.object_id == number)).first():
                return time.perf_counter() - began
        time.sleep(0.005)
    raise TimeoutError("no message came of the webhook")


def _count(world: World, table: Table) -> int:
    with world.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)


def _section(url: str) -> str:
    return f"""
[shops.{SHOP}]
platform = "woocommerce"
name = "Kaffeeladen"
url = "{url}"
consumer_key = "{KEYS.woocommerce_key}"
consumer_secret = "{KEYS.woocommerce_key_secret}"
webhook_secret = "{SECRET}"
"""
