"""A running Ladenbote: web, scheduler, react loop, poll loop and send loops in one process."""

import asyncio
import gc
import hashlib
import signal
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from integration import log
from integration.flow.alarms.owner_phone import routes
from integration.flow.consent.optout import OptOutPage
from integration.flow.numbers.connect import Refusals
from integration.flow.privacy import erasure
from integration.flow.receive import Intake
from integration.flow.webhooks.mailbox import LetterSlot
from integration.flow.world import Live
from integration.run.serving import serve
from integration.run.wiring import build_world, ensure_usable, note_shops
from integration.settings.settings import Settings
from integration.store import leases
from integration.store.db import Database
from integration.store.listen import Listener
from integration.store.shops import pairing
from integration.web.app import SenderEndpoint, ShopEndpoint, WebConfig, WebDeps, create_app
from jobs.loops import stopping
from jobs.loops.heart import Heart
from jobs.loops.mailboxes import Box, Mailboxes
from jobs.loops.poller import Poller
from jobs.loops.preparer import Preparer
from jobs.loops.reactor import Reactor
from jobs.loops.senders import SendLoops
from jobs.schedule import Schedule
from jobs.sweeps import rescue, retention

logger = log.get("run")


class Worker:
    """A running Ladenbote: web, react loop, send loops and sweeps in one process."""

    def __init__(self, settings: Settings, home: Path, web: bool = True) -> None:
        self.settings = settings
        self.world = build_world(settings, home)
        self._web = web
        self._shops: Live[ShopEndpoint] = Live()
        self._senders: Live[SenderEndpoint] = Live()
        self._lock = _run_lock(self.world.database)

    def run(self) -> None:
        """Work until SIGINT or SIGTERM. Raises StoreError when the database cannot be used."""
        if self._lock:
            self._lock.acquire()
        try:
            ensure_usable(self.world)
            self.world.numbers.follow(self._open_doors)
            if again := erasure.replay(self.world):
                logger.warning("erased_again", people=again)
            if self._lock and (stranded := rescue.after_crash(self.world)):
                logger.warning("uncertain", messages=stranded)
            _settle()
            _runner().run(self._work())
        finally:
            self._close()
        stopping.leave()

    async def _work(self) -> None:
        """Start everything, serve, and stop it: what receives ends before what works it off."""
        async with AsyncExitStack() as stack:
            loops = SendLoops(self.world)
            self.world.numbers.follow(loops.match)
            wake_senders = loops.wake
            schedule, poller = Schedule(self.world), Poller(self.world, wake_senders)
            reactor = Reactor(self.world, _both(wake_senders, poller.wake))
            listeners = self._listeners(wake_senders, reactor)
            preparer = Preparer(self.world, wake_senders)
            parts: list[Reactor | Poller | Preparer | Schedule | Listener | Heart]
            parts = [Heart(self.world), reactor, poller, preparer, schedule, *listeners]
            for part in parts:
                part.start()
            stack.push_async_callback(stopping.stop, parts, loops)
            self.world.numbers.follow(partial(schedule.soon, "template_sync"))
            pulses = self.world.pulses
            intake = Intake(self.world.database, lambda _channel: reactor.wake(), pulses.begin("intake"))
            stack.push_async_callback(intake.close)
            deps = self._web_deps(intake, poller)
            await self._ask_mailboxes(deps, stack)
            await self._serve(deps)

    def _listeners(self, wake_senders: Callable[[], None], reactor: Reactor) -> list[Listener]:
        """On PostgreSQL other processes tell what they committed; SQLite has only this one."""

        def heard(what: str) -> None:
            if what == "inbox":
                reactor.wake()
            elif what == "numbers":
                self.world.numbers.refresh()
            else:
                wake_senders()

        if self.world.database.is_sqlite:
            return []
        return [Listener(self.world.database, heard, self.world.pulses.begin("listener"))]

    async def _ask_mailboxes(self, deps: WebDeps, stack: AsyncExitStack) -> None:
        mailboxes = Mailboxes(self.world, partial(self._boxes, deps), letters_of(deps).take)
        stack.push_async_callback(_ended, asyncio.create_task(mailboxes.run()), mailboxes.stop)

    async def _serve(self, deps: WebDeps) -> None:
        stopped = _signalled()
        if self._web:
            await serve(create_app(deps), self.settings, stopped)
        else:
            await stopped.wait()

    def _web_deps(self, intake: Intake, poller: Poller) -> WebDeps:
        settings = self.settings
        config = WebConfig(
            language=settings.language,
            time_zone=settings.time_zone,
            public_url=settings.public_url,
            embed_from=settings.server.embed_from,
            secure_cookies=settings.public_url.startswith("https://"),
            demo=settings.demo,
            alarm_routes=tuple(route.target for route in routes(self.world)),
            trusted_proxies=settings.server.proxies(),
        )
        return WebDeps(
            intake=intake,
            config=config,
            opt_out=OptOutPage(self.world),
            world=self.world,
            deletions=lambda: retention.preview(self.world, self.world.clock()),
            frames=self.settings.frames(),
            shops=self._shops,
            senders=self._senders,
            ready=lambda: [],
            hasten=poller.hasten,
        )

    def _open_doors(self) -> None:
        """Let webhooks in for the numbers and shops that there are now."""
        note_shops(self.world)
        self._shops.exchange({slug: self._shop_endpoint(slug) for slug in self.world.shops})
        self._senders.exchange({slug: self._sender_endpoint(slug) for slug in self.world.senders})

    def _shop_endpoint(self, slug: str) -> ShopEndpoint:
        shop, platform = self.world.shops[slug], self.settings.shops[slug].platform
        valid_secrets = partial(self.world.links.webhook_secrets, slug)
        return ShopEndpoint(slug, shop.name, platform, shop.company, shop.connector, valid_secrets)

    def _sender_endpoint(self, slug: str) -> SenderEndpoint:
        sender, door = self.world.senders[slug], self.world.numbers.door(slug)
        return SenderEndpoint(
            slug=slug,
            company=sender.company,
            verify_token=door.verify_token,
            app_secret=door.app_secret,
            webhook=sender.webhook,
            display_number=door.shown,
            webhook_header=door.webhook_header,
        )

    def _boxes(self, deps: WebDeps) -> list[Box]:
        """The mailboxes of the settings, and those of paired plugins, which learn of their own company alone."""
        chosen = self.settings.mailboxes.items()
        named = [Box(name, box.url, box.token.get_secret_value(), _addresses(deps)) for name, box in chosen]
        with self.world.database.read() as connection:
            paired = pairing.of(connection, self.world.vault, self.world.shops)
        return named + [
            Box(f"plugin/{shop}", p.mailbox, p.token, _addresses(deps, deps.shops[shop].company), eager=not p.direct)
            for shop, p in paired.items()
        ]

    def _close(self) -> None:
        self.world.links.close()
        self.world.database.close()
        self.world.keys.close()
        if self._lock:
            self._lock.release()


def letters_of(deps: WebDeps) -> LetterSlot:
    """Where the letters of mailboxes go: to the endpoints and the gate that requests go to."""
    world = deps.world
    return LetterSlot(deps.shops, deps.senders, deps.gate, deps.intake.put, Refusals(world.database, world.clock).note)


def _addresses(deps: WebDeps, company: str | None = None) -> dict[str, str]:
    """What a mailbox takes letters for, with the hash of each number's verify token, for Meta's handshake."""
    senders = [s for s in deps.senders.values() if company in (None, s.company)]
    shops = [s for s in deps.shops.values() if company in (None, s.company)]
    tokens = {f"meta/{s.slug}": hashlib.sha256(s.verify_token.encode()).hexdigest() for s in senders}
    return tokens | {f"hooks/{s.slug}": "" for s in shops}


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        second()

    return both


async def _ended(task: asyncio.Task[None], stop: Callable[[], None]) -> None:
    stop()
    await task


def _settle() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again for every few hundred rows.

    Without this it took a tenth of the CPU per message (docs/benchmarks.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def _runner() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:  # Windows: the standard loop serves, slower
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _signalled() -> asyncio.Event:
    """Set by SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _run_lock(database: Database) -> leases.RunLock | None:
    if not database.is_sqlite:
        return None
    return leases.RunLock(Path(str(database.engine.url.database)))
