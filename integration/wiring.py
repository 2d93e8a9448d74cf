"""The only place that knows everything: settings become databases, a world, loops and a web app."""

import asyncio
import gc
import hashlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvicorn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from starlette.applications import Starlette

from connectors.registry import CONNECTORS
from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.webhook import WEBHOOK
from integration import log
from integration.domain.errors import AddressTaken, Unreachable
from integration.flow.letters import LetterSlot
from integration.flow.plugin import PluginGate
from integration.flow.receive import Intake
from integration.flow.world import Company, Sender, Shop, World
from integration.settings import Settings
from integration.shop_links import ShopLinks
from integration.store import leases, pairing, schema, secrets, shops
from integration.store.crypto import Vault, create_master, load_master
from integration.store.db import Database
from integration.store.listen import Listener
from integration.web.app import SenderEndpoint, ShopEndpoint, WebConfig, WebDeps, create_app
from jobs import rescue
from jobs.mailboxes import Box, Mailboxes
from jobs.poller import Poller
from jobs.reactor import Reactor
from jobs.schedule import Schedule
from jobs.sender import SendLoop, in_flight

logger = log.get("run")
#: a secret that only the right master key opens
KEY_PROOF = "master_key_proof"


def now() -> datetime:
    """The clock of a running Ladenbote."""
    return datetime.now(UTC)


def located(url: str, home: Path) -> str:
    """A database URL with a relative SQLite path taken from the settings file's folder."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return url
    path = (home / parsed.database).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    return parsed.set(database=str(path)).render_as_string(hide_password=False)


def build_world(settings: Settings, home: Path) -> World:
    """Open the databases and connect everything that the settings name."""
    database = Database(located(settings.database.url, home))
    keys = Database(located(settings.database.keys_url, home))
    vault = Vault(load_master(home / settings.database.master_key_file))
    companies = {slug: Company(slug, c.name, c.policy.policy()) for slug, c in settings.companies.items()}
    known = {slug: _shop(settings, slug) for slug in settings.shops}
    links = ShopLinks(settings, known, database, vault, now)
    return World(
        database=database,
        keys=keys,
        vault=vault,
        clock=now,
        companies=companies,
        shops=known,
        senders={slug: _sender(settings, slug) for slug in settings.senders},
        links=links,
    )


def _shop(settings: Settings, slug: str) -> Shop:
    shop = settings.shops[slug]
    return Shop(
        slug=slug,
        name=shop.name,
        company=settings.company_of("shops", slug),
        sender=settings.sender_of(slug),
        language=shop.language,
        address=shop.address,
        connector=CONNECTORS[shop.platform],
        context=shop.context(slug),
    )


def _sender(settings: Settings, slug: str) -> Sender:
    sender = settings.senders[slug]
    return Sender(
        slug=slug,
        company=settings.company_of("senders", slug),
        account=sender.business_account_id or slug,
        rate=sender.rate,
        channel=WhatsAppChannel(sender, in_flight(sender.rate)),
        management=WhatsAppAccount(sender),
        webhook=WEBHOOK,
    )


@contextmanager
def opened(settings: Settings, home: Path) -> Iterator[World]:
    """A world whose databases are closed at the end. Raises KeysMissing without a master key."""
    world = build_world(settings, home)
    try:
        yield world
    finally:
        world.links.close()
        world.database.close()
        world.keys.close()


def first_key(settings: Settings, home: Path) -> None:
    """Make the master key of a new installation; an existing one, or existing data, are never given a new key."""
    path = home / settings.database.master_key_file
    database = Database(located(settings.database.url, home))
    try:
        with database.read() as connection:
            used = schema.in_use(connection)
    finally:
        database.close()
    if not used and not path.exists():
        create_master(path)


def upgrade(world: World) -> None:
    """Bring the databases to this version's schema and note the shops' first day."""
    schema.upgrade(world.database, world.keys)
    with world.database.write() as connection:
        if secrets.get(connection, world.vault, KEY_PROOF) is None:
            secrets.put(connection, world.vault, KEY_PROOF, "this key", world.clock())
    note_shops(world)


def ensure_usable(world: World) -> None:
    """Refuse an old schema and foreign or missing keys. Raises StoreError with the remedy."""
    try:
        with world.database.read() as connection:
            schema.check(connection)
            secrets.get(connection, world.vault, KEY_PROOF)
        schema.check_keys(world.keys)
    except DatabaseError as error:
        name = "SQLite" if world.database.is_sqlite else "PostgreSQL"
        raise Unreachable(
            f"{name} does not answer. Is it running, and is database.url right (database.keys_url, too)?"
        ) from error


def note_shops(world: World) -> None:
    """Shops that stand in the settings for the first time are connected from now on."""
    with world.database.write() as connection:
        shops.connect(connection, world.shops, world.clock())


class Worker:
    """A running Ladenbote: web, react loop, send loops and sweeps in one process."""

    def __init__(self, settings: Settings, home: Path, web: bool = True) -> None:
        self.settings = settings
        self.world = build_world(settings, home)
        self._web = web
        self._lock = _run_lock(self.world.database)
        self._loops: list[SendLoop] = []

    def run(self) -> None:
        """Work until SIGINT or SIGTERM. Raises StoreError when the database cannot be used."""
        if self._lock:
            self._lock.acquire()
        try:
            ensure_usable(self.world)
            note_shops(self.world)
            if self._lock and (stranded := rescue.after_crash(self.world)):
                logger.warning("uncertain", messages=stranded)
            _settle()
            _runner().run(self._work())
        finally:
            self._close()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        self._loops = [SendLoop(self.world, sender) for sender in self.world.senders.values()]
        poller = Poller(self.world, lambda: _soon(loop, self._wake_senders))
        reactor = Reactor(self.world, self._reacted(loop, poller))
        listener = None if self.world.database.is_sqlite else Listener(self.world.database, self._heard(loop, reactor))
        schedule = Schedule(self.world)
        senders = [asyncio.create_task(send_loop.run()) for send_loop in self._loops]
        reactor.start()
        poller.start()
        schedule.start()
        if listener:
            listener.start()
        intake = Intake(self.world.database, lambda _channel: reactor.wake())
        deps = self._web_deps(intake, poller)
        mailboxes = Mailboxes(self.world, partial(self._boxes, deps), _slot(deps).take)
        asking = asyncio.create_task(mailboxes.run())
        try:
            await self._serve(deps)
        finally:
            mailboxes.stop()
            await asking
            await intake.close()
            if listener:
                await asyncio.to_thread(listener.stop)
            await asyncio.to_thread(schedule.stop)
            await asyncio.to_thread(poller.stop)
            await asyncio.to_thread(reactor.stop)
            for send_loop in self._loops:
                send_loop.stop()
            await asyncio.gather(*senders)
            for sender in self.world.senders.values():
                await sender.channel.close()

    async def _serve(self, deps: WebDeps) -> None:
        stopped = _signalled()
        if not self._web:
            await stopped.wait()
            return
        listening = _listening(self.settings)
        app = create_app(deps)
        server = _Server(_server_config(app))
        serving = asyncio.create_task(server.serve([listening]))
        await asyncio.wait({serving, stopping := asyncio.create_task(stopped.wait())}, return_when="FIRST_COMPLETED")
        app.state.live.close()
        server.should_exit = True
        await serving
        stopping.cancel()

    def _web_deps(self, intake: Intake, poller: Poller) -> WebDeps:
        settings = self.settings
        config = WebConfig(
            language=settings.language,
            time_zone=settings.time_zone,
            public_url=settings.public_url,
            embed_from=settings.server.embed_from,
            secure_cookies=settings.public_url.startswith("https://"),
            demo=settings.demo,
        )
        return WebDeps(
            database=self.world.database,
            intake=intake,
            clock=self.world.clock,
            config=config,
            vault=self.world.vault,
            shops={slug: self._shop_endpoint(slug) for slug in self.world.shops},
            senders={slug: self._sender_endpoint(slug) for slug in self.world.senders},
            ready=lambda: [],
            hasten=poller.hasten,
        )

    def _shop_endpoint(self, slug: str) -> ShopEndpoint:
        shop, platform = self.world.shops[slug], self.settings.shops[slug].platform
        valid_secrets = partial(self.world.links.webhook_secrets, slug)
        return ShopEndpoint(slug, shop.name, platform, shop.company, shop.connector, valid_secrets)

    def _sender_endpoint(self, slug: str) -> SenderEndpoint:
        sender, chosen = self.world.senders[slug], self.settings.senders[slug]
        return SenderEndpoint(
            slug=slug,
            company=sender.company,
            verify_token=chosen.verify_token.get_secret_value(),
            app_secret=chosen.app_secret.get_secret_value(),
            webhook=sender.webhook,
            display_number=chosen.display_number or slug,
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

    def _wake_senders(self) -> None:
        for send_loop in self._loops:
            send_loop.wake()

    def _reacted(self, loop: asyncio.AbstractEventLoop, poller: Poller) -> Callable[[], None]:
        def reacted() -> None:
            _soon(loop, self._wake_senders)
            poller.wake()

        return reacted

    def _heard(self, loop: asyncio.AbstractEventLoop, reactor: Reactor) -> Callable[[str], None]:
        def heard(what: str) -> None:
            if what == "inbox":
                reactor.wake()
            else:
                _soon(loop, self._wake_senders)

        return heard

    def _close(self) -> None:
        self.world.links.close()
        self.world.database.close()
        self.world.keys.close()
        if self._lock:
            self._lock.release()


def _slot(deps: WebDeps) -> LetterSlot:
    gate = PluginGate(deps.database, deps.vault, deps.intake.put, deps.clock)
    return LetterSlot(deps.shops, deps.senders, gate, deps.intake.put)


def _addresses(deps: WebDeps, company: str | None = None) -> dict[str, str]:
    """What a mailbox takes letters for, with the hash of each number's verify token, for Meta's handshake."""
    senders = [s for s in deps.senders.values() if company in (None, s.company)]
    shops = [s for s in deps.shops.values() if company in (None, s.company)]
    tokens = {f"meta/{s.slug}": hashlib.sha256(s.verify_token.encode()).hexdigest() for s in senders}
    return tokens | {f"hooks/{s.slug}": "" for s in shops}


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Call on the loop, from another thread."""
    loop.call_soon_threadsafe(call)


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


class _Server(uvicorn.Server):
    """uvicorn kills the process with the signal it caught, before answers of Meta's are stored: we listen ourselves."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def _listening(settings: Settings) -> socket.socket:
    """The socket of the dashboard and the webhook addresses. Raises AddressTaken."""
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressTaken(
            f"{host}:{port} cannot be used: {error.strerror or error}. Is another Ladenbote running? "
            "Else choose another server.port in settings.toml."
        ) from error


def _server_config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
        # The dashboard trusts no forwarded address; a proxy in front is named in public_url.
        proxy_headers=False,
    )


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
