"""Reading Shopify shops: a long absence is caught up as fast as the shop's points allow, and many shops cost little."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from benchmarks.cases.pipeline import wait_until_ready
from benchmarks.children.shopify import TOKEN
from benchmarks.figures import Figure
from benchmarks.place import Child, Place, place
from connectors.shopify.link import ShopifyLink, link_of
from connectors.shopify.settings import ShopifySettings
from integration.domain.shops.ports import ShopContext
from integration.flow.ports import Links
from integration.flow.shops import poll
from integration.flow.world import World
from integration.run.wiring import now, opened
from integration.sandbox.shopify.shop import Plan
from integration.settings.settings import load
from integration.store.tables import event, snapshot

NAME = "shops"
SHOPS = 200
FIRST = "bench0"


def measure(quick: bool) -> Iterator[Figure]:
    """The catch-up, then the many."""
    with place() as here:
        yield from _caught_up(here, 1_000 if quick else 10_000)
    with place() as here:
        yield from _many(here, 30.0 if quick else 185.0)


def settings_of(port: int, count: int) -> str:
    """The shops as they stand in settings.toml."""
    return "".join(
        f"""
[shops.bench{n}]
platform = "shopify"
name = "Laden {n}"
domain = "bench-{n}.myshopify.com"
webhook_secret = "benchmark-webhook-secret"
access_token = "{TOKEN}"
base_url = "http://127.0.0.1:{port}/{n}"
"""
        for n in range(count)
    )


class OneLink(Links):
    """Only the first shop has a link."""

    def __init__(self, link: ShopifyLink) -> None:
        self._link = link

    def link(self, shop: str) -> ShopifyLink | None:
        """The link."""
        return self._link if shop == FIRST else None


class Absence:
    """The shop and the worker on one clock: waiting for points moves it instead of taking the time."""

    def __init__(self, town: Child) -> None:
        self._town = town
        self._moved = 0.0

    def wait(self, seconds: float) -> None:
        """What the client does when the points are used up."""
        self._moved += seconds
        self._town.ask("move", seconds=seconds)

    def now(self) -> datetime:
        """The common clock."""
        return now() + timedelta(seconds=self._moved)


def _caught_up(here: Place, count: int) -> Iterator[Figure]:
    town = here.child("shopify", "1")
    home = here.home("absence", more=settings_of(town.ready["port"], 1))
    town.ask("seed", count=count)
    settings = load(home / "settings.toml")
    shop = settings.shops[FIRST]
    assert isinstance(shop, ShopifySettings)
    absence = Absence(town)
    link = link_of(shop, ShopContext(FIRST, "DE"), absence.now, absence.wait)
    with opened(settings, home) as world:
        world = replace(world, clock=absence.now, links=OneLink(link))
        poll.begin(world)
        began, cpu = absence.now(), time.process_time()
        poll.shop(world, FIRST)
        seconds, spent = (absence.now() - began).total_seconds(), time.process_time() - cpu
        once = _once(world)
    link.close()
    stats = town.ask("stats")
    plan = Plan()
    allowed = (stats["points"] - plan.bucket) / plan.restore
    yield Figure(NAME, "orders", f"of {count:,} changed orders known, each once", once)
    yield Figure(NAME, "requests", "requests for that", stats["requests"])
    yield Figure(NAME, "allowed", "the shop's points allow it in", allowed, "s")
    yield Figure(NAME, "needed", "time needed (waiting is simulated)", seconds, "s")
    yield Figure(NAME, "ratio", "time against what the points allow", seconds / allowed, "x", "≤ 1.2")
    yield Figure(NAME, "cpu", "CPU per order", spent / count * 1e6, "µs")


def _once(world: World) -> int:
    """Orders with exactly one "placed"."""
    placed = select(event.c.object_id).where(event.c.milestone == "placed").group_by(event.c.object_id)
    single = placed.having(func.count() == 1).subquery()
    query = select(func.count()).select_from(snapshot).join(single, single.c.object_id == snapshot.c.object_id)
    with world.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def _many(here: Place, seconds: float) -> Iterator[Figure]:
    town, stub = here.child("shopify", str(SHOPS)), here.child("stub")
    town.ask("seed", count=3)
    home = here.home("many", stub.ready["port"], more=settings_of(town.ready["port"], SHOPS))
    child = here.child("worker", str(home / "settings.toml"))
    wait_until_ready(load(home / "settings.toml").server.port)
    _until_all_are_read(town)
    before = child.ask("cpu")["process"]
    town.ask("forget")
    time.sleep(seconds)
    share, stats = (child.ask("cpu")["process"] - before) / seconds, town.ask("stats")
    yield Figure(NAME, "cores", f"of a core for {SHOPS} shops, each read every minute", share * 100, "%", "≤ 50")
    yield Figure(NAME, "polled", f"of {SHOPS} shops read within {seconds:.0f} s", stats["polled"])
    yield Figure(NAME, "pause", "longest pause between two readings of a shop", stats["pause"], "s", "≤ 75")
    yield Figure(NAME, "idle", "dearest idle reading", stats["dearest"], "points", "≤ 60")


def _until_all_are_read(town: Child) -> None:
    """The first reading is over: nobody has asked anything for a while."""
    deadline, last = time.monotonic() + 120, -1
    while time.monotonic() < deadline:
        stats = town.ask("stats")
        if stats["polled"] == SHOPS and stats["requests"] - last < 20:
            return
        last = stats["requests"]
        time.sleep(2)
    raise TimeoutError("the shops were not read within two minutes")
