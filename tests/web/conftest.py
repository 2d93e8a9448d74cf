"""One app per test on an SQLite file of its own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from argon2 import PasswordHasher
from worlds import NOON, Clock, make_world

from integration.flow.world import World
from integration.store.db import Database
from integration.web import auth
from integration.web.app import create_app


def _seed_module() -> ModuleType:
    if "web_seed" not in sys.modules:
        spec = importlib.util.spec_from_file_location("web_seed", Path(__file__).parent / "seed.py")
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; the tests are about everything else."""
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def world() -> ModuleType:
    """The module with the invented shop."""
    return _seed_module()


@pytest.fixture
def database(world: ModuleType, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened: Database = world.database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def intake(world: ModuleType) -> Any:
    """What the webhooks put."""
    return world.Put()


@pytest.fixture
def clock(world: ModuleType) -> Clock:
    """The time, movable."""
    return Clock(world.NOW)


@pytest.fixture
def client_for(world: ModuleType, database: Database, intake: Any, clock: Any) -> Callable[..., Any]:
    """A browser for an app with these choices, not signed in."""

    def make(ready: Callable[[], list[str]] = list, **config: Any) -> Any:
        app = create_app(world.deps(database, intake, clock, ready, **config))
        return world.Browser(app)

    return make


@pytest.fixture
def client(client_for: Callable[..., Any]) -> Any:
    """A browser, not signed in."""
    return client_for()


@pytest.fixture
def seeded(world: ModuleType, database: Database) -> Any:
    """The invented fortnight."""
    return world.Seed(database).everything()


@pytest.fixture
def sign_in(world: ModuleType, database: Database) -> Callable[..., Any]:
    """Signs a browser in."""

    def enter(client: Any, language: str = "de") -> Any:
        auth.set_password(database, world.deps(database, None, world.Clock()).world.vault, world.PASSWORD, world.NOW)
        headers = {"origin": "http://testserver", "accept-language": language}
        answer = client.post("/login", data={"password": world.PASSWORD, "next": "/"}, headers=headers)
        assert answer.status_code == 303, answer.text
        client.headers["origin"] = "http://testserver"
        return client

    return enter


@pytest.fixture
def inside(client: Any, sign_in: Callable[..., Any]) -> Any:
    """A signed-in browser, in German."""
    return sign_in(client)


@pytest.fixture
def shop(database: Database, keys: Database, clock: Clock) -> World:
    """What a worker works with, on the dashboard's database, at noon: the shop lives. Nobody ordered yet."""
    clock.now = NOON
    return make_world(database, keys, clock)


@pytest.fixture
def stranger(shop: World, world: ModuleType, intake: Any, clock: Clock) -> Any:
    """A browser at the living shop, not signed in."""
    return world.Browser(create_app(replace(world.deps(shop.database, intake, clock), world=shop)))


@pytest.fixture
def owner(stranger: Any, sign_in: Callable[..., Any]) -> Any:
    """The living shop's owner, signed in, in German."""
    return sign_in(stranger)


@pytest.fixture
def press(owner: Any, csrf: Callable[[], str]) -> Callable[..., Any]:
    """Send a form of the owner's with the session's token."""

    def send_form(path: str, **fields: str) -> Any:
        return owner.post(path, data={"csrf": csrf(), **fields})

    return send_form


@pytest.fixture
def csrf(database: Database) -> Callable[[], str]:
    """The form token of the one session."""

    def read() -> str:
        with database.read() as connection:
            return str(connection.exec_driver_sql("SELECT csrf FROM session").scalar())

    return read


@pytest.fixture
def add_cart(seeded: Any) -> Callable[..., str]:
    """Puts a cart and its snapshot into the invented shop."""

    def put(state: str, first_name: str = "Lena", **more: Any) -> str:
        with seeded.again():
            id_: str = seeded.cart(state, first_name, **more)
        return id_

    return put


@pytest.fixture
def add_order(seeded: Any) -> Callable[..., None]:
    """Puts there an order that came of a cart."""

    def put(cart_id: str, how: str, amount: str = "20.00", **more: Any) -> None:
        with seeded.again():
            seeded.came_of(cart_id, how, amount, **more)

    return put
