"""The only place that knows everything: settings become databases, a world, loops and a web app."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from connectors.alarm_routes.mail import Mail
from connectors.alarm_routes.webhook import Webhook
from integration import log
from integration.domain.alarms.alarm_texts import Owner, OwnersPhone, Route
from integration.domain.errors import Unreachable
from integration.flow.costs.costs import Costs
from integration.flow.messages.inbound_rate import InboundRate
from integration.flow.messages.recent_optouts import RecentOptOuts
from integration.flow.templates.selection import Catalogue
from integration.flow.world import Company, Retention, World
from integration.run.number_links import NumberLinks
from integration.run.shop_links import ShopLinks
from integration.settings.settings import Settings
from integration.store import schema, secrets
from integration.store.crypto import Vault, create_master, load_master
from integration.store.db import Database
from integration.store.shops import shops

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
    companies = {slug: _company(settings, slug) for slug in settings.companies}
    numbers = NumberLinks(settings, database, vault, now)
    links = ShopLinks(settings, numbers.shops, database, vault, now)
    return World(
        database=database,
        keys=keys,
        vault=vault,
        clock=now,
        companies=companies,
        shops=numbers.shops,
        senders=numbers.senders,
        checkpoint_file=home / settings.ledger.checkpoint_file if settings.ledger.checkpoint_file else None,
        retention=Retention(**settings.retention.model_dump()),
        links=links,
        owner=owner(settings),
        numbers=numbers,
        costs=Costs(settings.price_cards()),
        catalogue=Catalogue(database),
        stops=RecentOptOuts(),
        incoming=InboundRate(),
        media=home / "data" / "media",
    )


def owner(settings: Settings) -> Owner:
    """Whom alarms are for, and how they get there."""
    chosen = settings.alarms
    routes: list[Route] = [Mail(chosen.mail)] if chosen.mail else []
    routes += [Webhook(chosen.webhook)] if chosen.webhook else []
    own = chosen.whatsapp
    phone = OwnersPhone(own.phone, own.sender or "", own.agreed_on) if own else None
    hour = None if chosen.digest_hour is False else chosen.digest_hour
    return Owner(settings.language, settings.zone, settings.public_url, hour, tuple(routes), phone)


def _company(settings: Settings, slug: str) -> Company:
    chosen = settings.companies[slug]
    return Company(
        slug=slug,
        name=chosen.name,
        policy=chosen.policy.policy(),
        town=chosen.town,
        privacy_url=chosen.privacy_url,
        per_month=chosen.messages_per_month,
        time_zone=settings.time_zone,
        keep_ip=chosen.keep_ip,
        caps=chosen.costs.caps(),
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
    """Refuse an old schema and foreign or missing keys, and take in the numbers of the browser.

    Raises StoreError or SettingsError with the remedy.
    """
    try:
        with world.database.read() as connection:
            schema.check(connection)
            secrets.get(connection, world.vault, KEY_PROOF)
        schema.check_keys(world.keys)
        world.numbers.refresh()
    except DatabaseError as error:
        name = "SQLite" if world.database.is_sqlite else "PostgreSQL"
        raise Unreachable(
            f"{name} does not answer. Is it running, and is database.url right (database.keys_url, too)?"
        ) from error


def note_shops(world: World) -> None:
    """Shops that stand in the settings for the first time are connected from now on."""
    with world.database.write() as connection:
        shops.connect(connection, world.shops, world.clock())
